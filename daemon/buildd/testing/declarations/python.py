"""Tests in Python: functions, and methods of classes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buildd.testing.declarations.sources import Names, Path, SourceLine, TestSources

_QUOTED = re.compile(
    r"#[^\n]*|(\"\"\"|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1"
    r"|\"(?:\\[\s\S]|[^\"\\\n])*\"|'(?:\\[\s\S]|[^'\\\n])*'"
)
_BLOCK = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:async[ \t]+)?(?P<kind>def|class)[ \t]+(?P<name>\w+)"
    r"|(?:if|elif|else|try|except|finally|for|while|with|match)\b)",
    re.MULTILINE,
)


def pytest(path: Path, sources: TestSources) -> SourceLine | None:
    """`tests/test_it.py`, classes, function: one function for all of its parameters."""
    file = sources.find(path[0])
    if not file:
        return None
    if not file.endswith(".py"):
        return file, 0
    name = re.split(r"[\[ ]", path[-1], maxsplit=1)[0]
    return file, sources.index(file, declared).get((*path[1:-1], name), 0)


def unittest(path: Path, sources: TestSources) -> SourceLine | None:
    """The parts of a module's name, class, method, with its sub-test behind a space."""
    parts = [part for one in path[:-1] for part in one.split(".")]
    name = path[-1].partition(" ")[0]
    for count in range(len(parts), 0, -1):
        module = "/".join(parts[:count])
        file = sources.find(f"{module}.py") or sources.find(f"{module}/__init__.py")
        if file:
            return file, sources.index(file, declared).get((*parts[count:], name), 0)
    return None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Every function and class of a file, by its qualified name."""
    text = _QUOTED.sub(lambda match: "\n" * match[0].count("\n"), text)
    around: list[tuple[int, str]] = []
    line, position = 1, 0
    for match in _BLOCK.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        indent = len(match["indent"].expandtabs())
        while around and around[-1][0] >= indent:
            around.pop()
        if match["kind"]:
            around.append((indent, match["name"]))
            yield tuple(name for _, name in around), line
