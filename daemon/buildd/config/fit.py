"""This module converts the data of a TOML file to typed tables, and reports every mismatch."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from buildd.base.printable import printable, quoted, short
from buildd.config.key_positions import Path, dotted

T = TypeVar("T", bound=msgspec.Struct)


class Problem(NamedTuple):
    """A problem is an error at a key.

    `missing` is the path of a missing file that would solve it, or empty.
    """

    path: Path
    message: str
    remedy: str = ""
    missing: str = ""


def fit(data: object, table: type[T], path: Path, problems: list[Problem]) -> T | None:
    """Convert `data` to a `table`, or return None and add at least one problem.

    `path` is where the data is in the file.
    """
    if isinstance(data, dict):
        try:
            return msgspec.convert(data, table)
        except msgspec.ValidationError as error:
            found = list(_table_problems(data, table, path))
            problems += found or [Problem(path, printable(str(error)))]
    else:
        shown = dotted(path)
        problems.append(
            Problem(path, f"`{shown}` must be a table, not {_shown(data)}", f"Write [{shown}].")
        )
    return None


def unknown_keys(data: Iterable[str], known: Iterable[str]) -> list[Problem]:
    """Return a problem for each key at the top of the file that is not known."""
    known = list(known)
    return [
        Problem((key,), f"unknown key `{short(key)}`", suggest(key, known))
        for key in data
        if key not in known
    ]


def suggest(name: str, choices: Iterable[str]) -> str:
    """Return the remedy for a name that is not one of the choices."""
    names = sorted(choices)
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"Choose one of: {', '.join(names)}." if names else "There are none."


def _table_problems(
    data: dict[str, Any], table: type[msgspec.Struct], path: Path
) -> Iterable[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(table)}
    for key, value in data.items():
        field = fields.get(key)
        if field is None:
            where = f" in [{dotted(path)}]" if path else ""
            yield Problem((*path, key), f"unknown key `{short(key)}`{where}", suggest(key, fields))
        else:
            yield from _value_problems(value, field.type, (*path, key))
    for key, field in fields.items():
        if field.required and key not in data:
            yield Problem(path, f"`{key}` is missing in [{dotted(path)}]", f"Add `{key} = …`.")


def _value_problems(value: Any, kind: Any, path: Path) -> Iterable[Problem]:
    if _is_valid(value, kind):
        return
    elements: list[tuple[str | int, Any]] = []
    if isinstance(value, list):
        elements = [
            (index, item) for index, item in enumerate(value) if not _is_valid([item], kind)
        ]
    elif isinstance(value, dict):
        elements = [(key, item) for key, item in value.items() if not _is_valid({key: item}, kind)]
    wanted = inspect.type_info(kind)
    inner = _element_type(wanted, value)
    if inner is None or not elements:
        yield _type_problem(value, wanted, path)
        return
    tables = [kind for kind in _alternatives(inner) if isinstance(kind, inspect.StructType)]
    for key, item in elements:
        if tables and isinstance(item, dict):
            yield from _table_problems(item, tables[0].cls, (*path, key))
        else:
            yield _type_problem(item, inner, (*path, key))


def _is_valid(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _element_type(wanted: inspect.Type, value: Any) -> inspect.Type | None:
    """Return the type of the elements of a list or table, or None if `wanted` allows neither."""
    for kind in _alternatives(wanted):
        if isinstance(value, list) and isinstance(kind, inspect.VarTupleType):
            return kind.item_type
        if isinstance(value, dict) and isinstance(kind, inspect.DictType):
            return kind.value_type
    return None


def _type_problem(value: Any, wanted: inspect.Type, path: Path) -> Problem:
    choices = [choice for kind in _alternatives(wanted) for choice in _choices(kind)]
    remedy = ""
    if isinstance(value, str) and difflib.get_close_matches(value, choices):
        remedy = suggest(value, choices)
    message = f"`{dotted(path)}` must be {_type_text(wanted)}, not {_shown(value)}"
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


def _type_text(wanted: inspect.Type) -> str:
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


def _shown(value: object) -> str:
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
