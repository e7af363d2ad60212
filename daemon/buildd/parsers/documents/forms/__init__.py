"""Documents whose findings are rows, each with its own names for the same things. Pure."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from buildd.model import Related, Span
from buildd.parsers.documents.base import Reader, severity
from buildd.parsers.documents.forms.form import Form
from buildd.parsers.documents.uri import path_of

MODULES = ("javascript", "python", "golang", "php", "ruby", "jvm", "infrastructure", "others")
"""Each has `FORMS`: the forms of the tools of one language, or of none."""

_NUMBER = re.compile(r"\d{1,9}")
_NOTES = 100
_SKIPPED = ("ignore", "ignored", "off", "none")


class Forms(Reader):
    """All of them: a document may be of several forms of one tool."""

    def read(self, document: Any) -> bool:
        source = ""
        for form in _candidates(document):
            if source not in ("", form.source) or not form.fits(document):
                continue
            rows = list(form.found(document))
            if rows or form.is_empty(document):
                source = form.source
            for chain in rows:
                self._finding(form, chain)
        return bool(source)

    def _finding(self, form: Form, chain: tuple[Any, ...]) -> None:
        told = _told(chain, form.severity)
        if (told is not None and str(told).lower() in _SKIPPED) or (
            form.unless and _told(chain, form.unless)
        ):
            return
        message = _message(form, chain)
        if not message or (form.needs_file and not _told(chain, form.file)):
            return
        code = str(_told(chain, form.code) or "")
        related = [
            Related(span=span, message=str(_told((note, *chain), form.notes[3]) or "see here"))
            for note in _notes(form, chain)
            if (span := self._span(form, (note, *chain), form.notes)).file
        ]
        self.report.add(
            self._span(form, chain, (form.file, form.line, form.column), is_whole=True),
            severity(told, form.default, form.severities),
            message.removesuffix(f" ({code})"),
            form.source,
            code,
            href=_href(form, chain, code),
            related=related,
        )

    def _span(
        self, form: Form, chain: tuple[Any, ...], fields: tuple[str, ...], *, is_whole: bool = False
    ) -> Span:
        file = _told(chain, fields[0])
        line = _number(_told(chain, fields[1]), form.first_line)
        column = _number(_told(chain, fields[2]), form.first_column)
        end_line = end = None
        if is_whole and column:
            end_line = _number(_told(chain, form.end_line), form.first_line)
            end = _number(_told(chain, form.end_column), form.first_column)
            if (length := _number(_told(chain, form.length), 1)) and not end:
                end = column + length
            elif end and form.is_end_inclusive:
                end += 1
            if end and (end_line or line or 1, end) <= (line or 1, column):
                # Nothing lies between the two.
                end_line = end = None
        elif is_whole:
            end_line = _number(_told(chain, form.end_line), form.first_line)
        if end_line == line and not end:
            end_line = None
        name = path_of(file) if isinstance(file, str) else ""
        return self.report.span(name, line, column, end_line, end, form.unit)


def _candidates(document: Any) -> list[Form]:
    """The forms that a document may be of, in their order: logs may be full of JSON of no form."""
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return []
    by_member = _forms()
    found = [one for key in first if key in by_member for one in by_member[key]]
    if any(isinstance(value, list) for value in first.values()):
        # Only their rows tell.
        found += by_member[""]
    return [form for _, form in sorted(found, key=lambda one: one[0])]


@functools.cache
def _forms() -> Mapping[str, list[tuple[int, Form]]]:
    """All forms with their numbers, by one of the members that a document of theirs has."""
    forms = (
        form for module in MODULES for form in importlib.import_module(f"{__name__}.{module}").FORMS
    )
    found: dict[str, list[tuple[int, Form]]] = {"": []}
    for number, form in enumerate(forms):
        found.setdefault(form.has[0] if form.has else "", []).append((number, form))
    return found


def _notes(form: Form, chain: tuple[Any, ...]) -> Iterator[Any]:
    listed = _told(chain, form.related) if form.related else None
    if isinstance(listed, list):
        yield from (one for one in listed[:_NOTES] if isinstance(one, dict))


def _told(chain: tuple[Any, ...], field: str) -> Any:
    """What a row tells of a field: `a.b` in it, `^a` in what it is in, the first of `a|b`."""
    for choice in field.split("|") if field else ():
        name = choice.lstrip("^")
        level = len(choice) - len(name)
        if level >= len(chain):
            continue
        value: Any = chain[level]
        for key in name.split("."):
            if isinstance(value, Mapping):
                value = value.get(key)
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                value = None
        if value is not None and value != "":
            return value
    return None


def _number(value: Any, first: int) -> int | None:
    if isinstance(value, str) and (match := _NUMBER.search(value)):
        value = int(match[0])
    if isinstance(value, float):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < first:
        return None
    return value + 1 - first


def _message(form: Form, chain: tuple[Any, ...]) -> str:
    parts = (_told(chain, field) for field in form.message)
    texts = dict.fromkeys(
        ", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts if part
    )
    if form.wording:
        return form.wording.format(*texts) if len(texts) == len(form.message) else ""
    return form.joint.join(texts)


def _href(form: Form, chain: tuple[Any, ...], code: str) -> str:
    told = _told(chain, form.href)
    if isinstance(told, str) and told.startswith("http"):
        return told
    if form.page and re.fullmatch(form.page_of, code):
        return form.page.format(code)
    return ""
