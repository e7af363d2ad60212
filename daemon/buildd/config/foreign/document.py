"""This module reads JSON and YAML files with the position of each key."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from buildd.base.json_text import parse_json
from buildd.base.jsonc import to_json
from buildd.base.printable import printable
from buildd.config.key_positions import Path, Position
from buildd.config.text_file import read_text
from buildd.errors import ConfigError

NODE_LIMIT = 10_000
"""Largest number of values in a YAML file with its aliases: a few lines can mean billions."""


COMMA_LIMIT = 20
"""Largest number of commas that may be missing in a JSON file."""


class Document(NamedTuple):
    """A configuration file with the positions of its keys.

    `positions` also has those of list elements, and of the whole file as (). `missing_commas` are
    the positions before which a comma is missing, which was read as if it were there.
    """

    path: str
    data: Any
    positions: dict[Path, Position]
    missing_commas: tuple[Position, ...] = ()


def read_json(path: str) -> Document:
    """Read JSON with comments and trailing commas, as VS Code does.

    As in VS Code, commas between two keys may be missing. Raises ConfigError.
    """
    text = to_json(read_text(path))
    missing: list[Position] = []
    while repaired := _repair(path, text, is_last=len(missing) == COMMA_LIMIT):
        text, position = repaired
        missing.append(position)
    return Document(path, json.loads(text), dict(_json_positions(text)), tuple(missing))


def _repair(path: str, text: str, *, is_last: bool) -> tuple[str, Position] | None:
    """Return the text with the first missing comma, and its position; None if it is JSON.

    Raises ConfigError for any other error, and if `is_last` also for a missing comma.
    """
    try:
        parse_json(text)
    except json.JSONDecodeError as error:
        if not is_last and (repaired := _with_comma(text, error)):
            return repaired, (error.lineno, error.colno)
        raise ConfigError(
            f"the file is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            file=path,
            line=error.lineno,
            column=error.colno,
        ) from error
    except ValueError as error:
        raise ConfigError(f"the file cannot be read as JSON: {error}", file=path) from error
    return None


def _with_comma(text: str, error: json.JSONDecodeError) -> str:
    """Return the text with the missing comma, or empty if the error is another one.

    The comma replaces a blank, so that everything else keeps its position.
    """
    if (
        not error.msg.startswith("Expecting ',' delimiter")
        or text[error.pos : error.pos + 1] != '"'
    ):
        return ""
    before = text[: error.pos].rstrip()
    for index in range(len(before), error.pos):
        if text[index] != "\n":
            return f"{text[:index]},{text[index + 1 :]}"
    return ""


def read_yaml(path: str) -> Document:
    """Read YAML; numbers and booleans stay strings. Raises ConfigError."""
    import yaml  # imported here: few projects have a YAML file

    text = read_text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(
            f"the file is not valid YAML: {printable(str(error.problem))}",
            file=path,
            line=mark.line + 1 if mark else 1,
            column=mark.column + 1 if mark else 1,
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(
            f"the file cannot be read as YAML: {printable(str(error))}", file=path
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
        """The key of the next value in an object; None if a key comes next."""


def _json_positions(text: str) -> Iterator[tuple[Path, Position]]:
    """Yield the position of every key and element of `text`, which is valid JSON."""
    starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
    opened: list[_Open] = []
    for token in _TOKEN.finditer(text):
        line = bisect.bisect_right(starts, token.start())
        position = (line, token.start() - starts[line - 1] + 1)
        word = token[0]
        parent = opened[-1] if opened else None
        if word in "}]":
            opened.pop()
        elif word == "," and parent:
            parent.index += 1
            parent.key = None
        elif parent and parent.is_object and parent.key is None and word != ":":
            parent.key = str(json.loads(word))
            yield (*parent.path, parent.key), position
        elif word != ":":
            path: Path = ()
            if parent and parent.key is not None:
                path = (*parent.path, parent.key)
            elif parent:
                path = (*parent.path, parent.index)
            if not (parent and parent.is_object):
                yield path, position
            if word in "{[":
                opened.append(_Open(path, is_object=word == "{"))


class _YamlWalk:
    """Converts YAML's nodes to plain values."""

    def __init__(self, file: str) -> None:
        self.positions: dict[Path, Position] = {}
        self._file = file
        self._count = 0

    def value(self, node: Any, path: Path) -> Any:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self._count += 1
        if self._count > NODE_LIMIT:
            message = f"the file contains more than {NODE_LIMIT} values"
            raise ConfigError(message, file=self._file, line=line, column=column)
        self.positions.setdefault(path, (line, column))
        if node.id == "scalar":
            return None if node.tag.endswith(":null") else str(node.value)
        if node.id == "sequence":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        table = {}
        for key, item in node.value:
            name = str(key.value)
            self.positions[(*path, name)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            table[name] = self.value(item, (*path, name))
        return table
