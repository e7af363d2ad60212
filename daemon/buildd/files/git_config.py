"""Git's configuration files, read without running git. Pure.

Source of the syntax: git-config(1), CONFIGURATION FILE. Includes are not followed.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r'[ \t]*\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\.)*)")?\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}


class GitConfigError(ValueError):
    """A configuration is not written as git reads it; says in which line."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is not as git writes it")


def parse(text: str) -> dict[str, str]:
    """The last value of each key, by `section.key` or `section.subsection.key`.

    The subsection as it is written, the rest in lower case. A key without a value is `true`. Raises
    GitConfigError.
    """
    found: dict[str, str] = {}
    section = ""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    place = 0
    while place < len(text):
        if text[place] in " \t\n":
            place += 1
        elif text[place] in "#;":
            place = _end_of_line(text, place)
        elif text[place] == "[":
            header = _HEADER.match(text, place)
            if not header:
                raise GitConfigError(_line(text, place))
            section = header[1].lower()
            if header[2] is not None:
                section += "." + re.sub(r"\\(.)", r"\1", header[2])
            place = header.end()
        else:
            key = _KEY.match(text, place)
            if not key or not section:
                raise GitConfigError(_line(text, place))
            name, place = f"{section}.{key[1].lower()}", key.end()
            found[name], place = _value(text, place)
    return found


def _value(text: str, place: int) -> tuple[str, int]:
    """What follows a key, and the place after it."""
    if place >= len(text) or text[place] in "\n#;":
        return "true", _end_of_line(text, place)
    if text[place] != "=":
        raise GitConfigError(_line(text, place))
    place += 1
    value, blanks = "", ""
    quoted = False
    while place < len(text) and text[place] != "\n":
        character = text[place]
        if character == "\\":
            escaped = text[place + 1 : place + 2]
            if escaped != "\n" and escaped not in _ESCAPES:
                raise GitConfigError(_line(text, place))
            value, blanks = value + blanks + _ESCAPES.get(escaped, ""), ""
            place += 1
        elif character == '"':
            quoted = not quoted
            value, blanks = value + blanks, ""
        elif character in "#;" and not quoted:
            place = _end_of_line(text, place)
            continue
        elif character in " \t" and not quoted:
            blanks += character if value else ""
        else:
            value, blanks = value + blanks + character, ""
        place += 1
    if quoted:
        raise GitConfigError(_line(text, place - 1))
    return value, place


def _end_of_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
