"""Values as one writes them in a TOML file. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def string(text: str) -> str:
    """A TOML string; a literal one where that spares backslashes."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A part of a dotted key."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def value(item: Any) -> str:
    """A string, a number, a truth value, a list or a table, on one line."""
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
    """A table on one line."""
    return "{ " + ", ".join(f"{key(name)} = {value(one)}" for name, one in table.items()) + " }"


def section(path: Sequence[str], table: Mapping[str, Any]) -> list[str]:
    """The lines of a table with a heading: plain keys first, then tables under headings of their
    own, and lists of tables with a line for each."""
    lines = ["", f"[{'.'.join(map(key, path))}]"]
    for name, one in table.items():
        if isinstance(one, list) and any(isinstance(row, Mapping) for row in one):
            lines += [f"{key(name)} = [", *(f"    {value(row)}," for row in one), "]"]
        elif not isinstance(one, Mapping):
            lines.append(f"{key(name)} = {value(one)}")
    for name, one in table.items():
        if isinstance(one, Mapping):
            lines += section((*path, name), one)
    return lines
