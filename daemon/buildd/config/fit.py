"""Fits what a TOML file holds to the types of our tables, and says all that does not fit."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from buildd.base.printable import printable, quoted, short
from buildd.config.key_positions import Path, dotted

T = TypeVar("T", bound=msgspec.Struct)

MOST_PROBLEMS = 100
"""That are looked for: the reading of a file ends at the next one. Nobody has consented to anything
yet, and each costs time."""

MOST_CHOICES = 500
"""Among which the nearest to a wrong name is looked for, and of which some are told."""

MOST_TOLD = 20


class Problem(NamedTuple):
    """What is wrong at a key. `missing` is the file whose appearance would mend it, or empty."""

    path: Path
    message: str
    remedy: str = ""
    missing: str = ""


class TooManyProblemsError(Exception):
    """There are `MOST_PROBLEMS` problems, and one more was found."""


class Problems(list[Problem]):
    """What is wrong in one file, as it is found. Raises TooManyProblemsError where that is enough;
    who reads the file takes that for its end."""

    def append(self, problem: Problem) -> None:
        """Add one."""
        if len(self) >= MOST_PROBLEMS:
            raise TooManyProblemsError
        super().append(problem)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add each as it comes."""
        for problem in problems:
            self.append(problem)


def fit(data: object, table: type[T], path: Path, problems: Problems) -> T | None:
    """`data` as a `table`, or None and at least one more problem. `path` is where it stands."""
    if isinstance(data, dict):
        try:
            return msgspec.convert(data, table)
        except (msgspec.ValidationError, RecursionError) as error:
            before = len(problems)
            problems.extend(_of_table(data, table, path))
            if len(problems) == before:
                problems.append(Problem(path, printable(str(error))))
    else:
        shown = dotted(path)
        problems.append(
            Problem(path, f"`{shown}` must be a table, not {_said(data)}", f"Write [{shown}].")
        )
    return None


def unknown_keys(data: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    """A problem for each key of the file itself that is not among those known."""
    known = list(known)
    for key in data:
        if key not in known:
            yield Problem((key,), f"unknown key `{short(key)}`", suggest(key, known))


def suggest(wrong: str, known: Iterable[str]) -> str:
    """A remedy for a name that is not among those known."""
    choices = sorted(known)
    near = difflib.get_close_matches(wrong, choices, 1) if len(choices) <= MOST_CHOICES else ()
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"There are: {listed(choices)}." if choices else "There is none."


def listed(names: Iterable[str]) -> str:
    """The names, separated by commas; of very many, the first ones and how many more there are."""
    names = list(names)
    if len(names) <= MOST_CHOICES:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_TOLD])} and {len(names) - MOST_TOLD} more"


def _of_table(data: dict[str, Any], table: type[msgspec.Struct], path: Path) -> Iterable[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(table)}
    for key, value in data.items():
        field = fields.get(key)
        if field is None:
            where = f" in [{dotted(path)}]" if path else ""
            yield Problem((*path, key), f"unknown key `{short(key)}`{where}", suggest(key, fields))
        else:
            yield from _of_value(value, field.type, (*path, key))
    for key, field in fields.items():
        if field.required and key not in data:
            yield Problem(path, f"`{key}` is missing in [{dotted(path)}]", f"Add `{key} = …`.")


def _of_value(value: Any, kind: Any, path: Path) -> Iterable[Problem]:
    if _fits(value, kind):
        return
    wanted = inspect.type_info(kind)
    inner = _element(wanted, value)
    is_told = False
    if inner is not None:
        tables = [kind for kind in _alternatives(inner) if isinstance(kind, inspect.StructType)]
        for place, item in _wrong_elements(value, kind):
            is_told = True
            if tables and isinstance(item, dict):
                yield from _of_table(item, tables[0].cls, (*path, place))
            else:
                yield _misfit(item, inner, (*path, place))
    if not is_told:
        yield _misfit(value, wanted, path)


def _wrong_elements(value: Any, kind: Any) -> Iterator[tuple[str | int, Any]]:
    """The elements of a list or a table that do not fit by themselves."""
    if isinstance(value, list):
        yield from ((place, item) for place, item in enumerate(value) if not _fits([item], kind))
    elif isinstance(value, dict):
        yield from ((key, item) for key, item in value.items() if not _fits({key: item}, kind))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError):
        return False
    return True


def _element(wanted: inspect.Type, value: Any) -> inspect.Type | None:
    """What an element of a list or table must be; None where `wanted` takes none of the kind."""
    for kind in _alternatives(wanted):
        if isinstance(value, list) and isinstance(kind, inspect.VarTupleType):
            return kind.item_type
        if isinstance(value, dict) and isinstance(kind, inspect.DictType):
            return kind.value_type
    return None


def _misfit(value: Any, wanted: inspect.Type, path: Path) -> Problem:
    choices = [c for kind in _alternatives(wanted) for c in _choices(kind)]
    remedy = ""
    if isinstance(value, str) and difflib.get_close_matches(value, choices):
        remedy = suggest(value, choices)
    message = f"`{dotted(path)}` must be {_wanted(wanted)}, not {_said(value)}"
    return Problem(path, message, remedy)


def _alternatives(wanted: inspect.Type) -> list[inspect.Type]:
    if isinstance(wanted, inspect.Metadata):
        return _alternatives(wanted.type)
    if isinstance(wanted, inspect.UnionType):
        return [kind for part in wanted.types for kind in _alternatives(part)]
    return [wanted]


def _choices(kind: inspect.Type) -> list[str]:
    if isinstance(kind, inspect.EnumType):
        return [str(member.value) for member in kind.cls]
    if isinstance(kind, inspect.LiteralType):
        return [str(value) for value in kind.values]
    return []


def _wanted(wanted: inspect.Type) -> str:
    words: list[str] = []
    for kind in _alternatives(wanted):
        if choices := _choices(kind):
            words += [f'"{choice}"' for choice in choices]
        elif isinstance(kind, inspect.VarTupleType):
            words.append(f"a list of {_plural(kind.item_type)}")
        elif isinstance(kind, inspect.DictType):
            words.append(f"a table of {_plural(kind.value_type)}")
        else:
            words.append(_SINGULAR.get(type(kind), "a value"))
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _plural(wanted: inspect.Type) -> str:
    return " or ".join(_PLURAL.get(type(kind), "values") for kind in _alternatives(wanted))


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    for kind, word in _FOUND.items():
        if isinstance(value, kind):
            return word
    return str(value)


_SINGULAR: dict[type, str] = {
    inspect.StrType: "a string",
    inspect.IntType: "an integer",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.StructType: "a table",
}
_PLURAL: dict[type, str] = {
    inspect.StrType: "strings",
    inspect.IntType: "integers",
    inspect.StructType: "tables",
    inspect.VarTupleType: "lists",
    inspect.DictType: "tables",
}
_FOUND: dict[type, str] = {
    dict: "a table",
    list: "a list",
    dt.date: "a date",
    dt.time: "a time of day",
}
