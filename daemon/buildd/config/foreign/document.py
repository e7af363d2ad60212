"""Other tools' configuration files as they are written: what they hold, and where each key is."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from buildd.base.jsonc import plain
from buildd.base.printable import printable
from buildd.config.key_positions import Path, Position
from buildd.config.text_file import read_text
from buildd.errors import ConfigError

YAML_LIMIT = 64 << 10
"""Bytes of a YAML file, whose reading is slow."""

MOST_NODES = 10_000
"""Of a YAML file, its aliases followed: a few lines can stand for billions."""


MOST_COMMAS = 20
"""That may be missing in a JSON file."""


class Document(NamedTuple):
    """The file at `path`. `positions` are those of keys, elements and, as (), the whole; `missing`
    those where a comma is missing, which was read as if it were there."""

    path: str
    data: Any
    positions: dict[Path, Position]
    missing: tuple[Position, ...] = ()


def read_json(path: str) -> Document:
    """Read JSON with comments and trailing commas, as VS Code does; it does not even mind if there
    is no comma between two keys. Raises ConfigError."""
    text = plain(read_text(path))
    missing: list[Position] = []
    while mended := _mended(path, text, ends=len(missing) == MOST_COMMAS):
        text, position = mended
        missing.append(position)
    return Document(path, json.loads(text), dict(_json_positions(text)), tuple(missing))


def _mended(path: str, text: str, *, ends: bool) -> tuple[str, Position] | None:
    """The text with the first missing comma, and what follows it; None if it is JSON. Raises
    ConfigError if it is not, for another reason, or if this `ends`."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if not ends and (mended := _with_comma(text, error)):
            return mended, (error.lineno, error.colno)
        raise ConfigError(
            f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            file=path,
            line=error.lineno,
            column=error.colno,
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"it cannot be read as JSON: {error}", file=path) from error
    return None


def _with_comma(text: str, error: json.JSONDecodeError) -> str:
    """The text with a comma where one is missing, in the place of a blank, so that all else keeps
    its place; empty if that is not what is wrong."""
    if (
        not error.msg.startswith("Expecting ',' delimiter")
        or text[error.pos : error.pos + 1] != '"'
    ):
        return ""
    before = text[: error.pos].rstrip()
    for place in range(len(before), error.pos):
        if text[place] != "\n":
            return f"{text[:place]},{text[place + 1 :]}"
    return ""


def read_yaml(path: str) -> Document:
    """Read YAML; numbers and truth values are left as they are written. Raises ConfigError."""
    import yaml  # here: few projects have one

    text = read_text(path, YAML_LIMIT)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"it is not YAML: {printable(str(error.problem))}",
            file=path,
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(
            f"it cannot be read as YAML: {printable(str(error))}", file=path
        ) from error
    walk = _YamlWalk(path)
    data = walk.value(node, ()) if node else None
    return Document(path, data, walk.positions)


_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


class _Open:
    """An object or an array that is not closed yet."""

    def __init__(self, path: Path, *, is_object: bool) -> None:
        self.path = path
        self.is_object = is_object
        self.index = 0
        self.key: str | None = None
        """Of the value that comes next in an object; None where a key comes."""


def _json_positions(text: str) -> Iterator[tuple[Path, Position]]:
    """The position of every key and element of `text`, which is valid JSON."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    opened: list[_Open] = []
    for token in _TOKEN.finditer(text):
        line = bisect.bisect_right(starts, token.start())
        position = (line, token.start() - starts[line - 1] + 1)
        word = token[0]
        around = opened[-1] if opened else None
        if word in "}]":
            opened.pop()
        elif word == "," and around:
            around.index += 1
            around.key = None
        elif around and around.is_object and around.key is None and word != ":":
            around.key = str(json.loads(word))
            yield (*around.path, around.key), position
        elif word != ":":
            path: Path = ()
            if around and around.key is not None:
                path = (*around.path, around.key)
            elif around:
                path = (*around.path, around.index)
            if not (around and around.is_object):
                yield path, position
            if word in "{[":
                opened.append(_Open(path, is_object=word == "{"))


class _YamlWalk:
    """From YAML's nodes to plain values."""

    def __init__(self, file: str) -> None:
        self.positions: dict[Path, Position] = {}
        self._file = file
        self._count = 0

    def value(self, node: Any, path: Path) -> Any:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self._count += 1
        if self._count > MOST_NODES:
            message = f"it holds more than {MOST_NODES} values"
            raise ConfigError(message, file=self._file, line=line, column=column)
        self.positions.setdefault(path, (line, column))
        if node.id == "scalar":
            return None if node.tag.endswith(":null") else str(node.value)
        if node.id == "sequence":
            return [self.value(one, (*path, place)) for place, one in enumerate(node.value)]
        found = {}
        for key, one in node.value:
            name = str(key.value)
            self.positions[(*path, name)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            found[name] = self.value(one, (*path, name))
        return found
