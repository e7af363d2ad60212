"""This module writes values in TOML's notation. Everything here is pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def string(text: str) -> str:
    """Return a TOML string, a literal one if that avoids escapes."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Return a part of a dotted key, quoted if necessary."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def value(item: Any) -> str:
    """Return a string, number, boolean, list or table on one line."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        return string(item)
    if isinstance(item, Mapping):
        return inline(item)
    if isinstance(item, Sequence):
        return f"[{', '.join(map(value, item))}]"
    return str(int(item) if isinstance(item, float) and item.is_integer() else item)


def inline(table: Mapping[str, Any]) -> str:
    """Return a table on one line."""
    return "{ " + ", ".join(f"{key(name)} = {value(item)}" for name, item in table.items()) + " }"


def section(path: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """Return the lines of a table with its heading.

    Plain keys come first, then tables under their own headings. A list of tables has one line for
    each of them.
    """
    lines = ["", f"[{'.'.join(map(key, path))}]"]
    for name, item in table.items():
        if isinstance(item, list) and any(isinstance(row, Mapping) for row in item):
            lines += [f"{key(name)} = [", *(f"    {value(row)}," for row in item), "]"]
        elif not isinstance(item, Mapping):
            lines.append(f"{key(name)} = {value(item)}")
    for name, item in table.items():
        if isinstance(item, Mapping):
            lines += section((*path, name), item)
    return lines
