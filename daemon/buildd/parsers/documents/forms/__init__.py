"""Reads documents that are lists of rows, each format with its own names for the usual fields."""

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
"""The modules with the formats, one per language; each has `FORMS`."""

_NUMBER = re.compile(r"\d{1,9}")
_NOTES = 100
_SKIPPED = ("ignore", "ignored", "off", "none")


class Forms(Reader):
    """Reads all formats. The rows of a document may have several formats, all of one tool."""

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
        level = _value(chain, form.severity)
        if (level is not None and str(level).lower() in _SKIPPED) or (
            form.unless and _value(chain, form.unless)
        ):
            return
        message = _message(form, chain)
        if not message or (form.needs_file and not _value(chain, form.file)):
            return
        code = str(_value(chain, form.code) or "")
        related = [
            Related(span=span, message=str(_value((note, *chain), form.notes[3]) or "see here"))
            for note in _notes(form, chain)
            if (span := self._span(form, (note, *chain), form.notes)).file
        ]
        self.report.add(
            self._span(form, chain, (form.file, form.line, form.column), is_whole=True),
            severity(level, form.default, form.severities),
            message.removesuffix(f" ({code})"),
            form.source,
            code,
            href=_href(form, chain, code),
            related=related,
        )

    def _span(
        self, form: Form, chain: tuple[Any, ...], fields: tuple[str, ...], *, is_whole: bool = False
    ) -> Span:
        """Returns the place of a row, or of a note if `is_whole` is False."""
        file = _value(chain, fields[0])
        line = _number(_value(chain, fields[1]), form.first_line)
        column = _number(_value(chain, fields[2]), form.first_column)
        end_line = end = None
        if is_whole and column:
            end_line = _number(_value(chain, form.end_line), form.first_line)
            end = _number(_value(chain, form.end_column), form.first_column)
            if (length := _number(_value(chain, form.length), 1)) and not end:
                end = column + length
            elif end and form.is_end_inclusive:
                end += 1
            if end and (end_line or line or 1, end) <= (line or 1, column):
                # The range is empty.
                end_line = end = None
        elif is_whole:
            end_line = _number(_value(chain, form.end_line), form.first_line)
        if end_line == line and not end:
            end_line = None
        name = path_of(file) if isinstance(file, str) else ""
        return self.report.span(name, line, column, end_line, end, form.unit)


def _candidates(document: Any) -> list[Form]:
    """Returns the formats that a document may have, in their order.

    It has to be fast, because logs may be full of JSON in no known format.
    """
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return []
    by_member = _forms()
    found = [entry for key in first if key in by_member for entry in by_member[key]]
    if any(isinstance(value, list) for value in first.values()):
        # Some formats are recognised only by their rows.
        found += by_member[""]
    return [form for _, form in sorted(found, key=lambda entry: entry[0])]


@functools.cache
def _forms() -> Mapping[str, list[tuple[int, Form]]]:
    """Maps a member that a format's documents have to the formats, with their numbers.

    Formats that are recognised only by their rows are at the empty name.
    """
    forms = (
        form for module in MODULES for form in importlib.import_module(f"{__name__}.{module}").FORMS
    )
    found: dict[str, list[tuple[int, Form]]] = {"": []}
    for number, form in enumerate(forms):
        found.setdefault(form.has[0] if form.has else "", []).append((number, form))
    return found


def _notes(form: Form, chain: tuple[Any, ...]) -> Iterator[Any]:
    listed = _value(chain, form.related) if form.related else None
    if isinstance(listed, list):
        yield from (note for note in listed[:_NOTES] if isinstance(note, dict))


def _value(chain: tuple[Any, ...], field: str) -> Any:
    """Returns the value of a field of a row.

    `a.b` is a field within another, `^a` one of the enclosing object, `a|b` the first that exists.
    """
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
    parts = (_value(chain, field) for field in form.message)
    texts = dict.fromkeys(
        ", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts if part
    )
    if form.wording:
        return form.wording.format(*texts) if len(texts) == len(form.message) else ""
    return form.separator.join(texts)


def _href(form: Form, chain: tuple[Any, ...], code: str) -> str:
    address = _value(chain, form.href)
    if isinstance(address, str) and address.startswith("http"):
        return address
    if form.page and re.fullmatch(form.page_of, code):
        return form.page.format(code)
    return ""
