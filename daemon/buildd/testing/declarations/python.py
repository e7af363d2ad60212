"""This module finds tests in Python: functions, and methods of classes."""

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
    """Find a test whose path is `tests/test_it.py`, classes, function.

    The parameters in `test[a-b]` are ignored: all of them have the same function.
    """
    file = sources.find(path[0])
    if not file:
        return None
    if not file.endswith(".py"):
        return file, 0
    name = re.split(r"[\[ ]", path[-1], maxsplit=1)[0]
    return file, sources.index(file, declared).get((*path[1:-1], name), 0)


def unittest(path: Path, sources: TestSources) -> SourceLine | None:
    """Find a test whose path is the parts of a module's name, class, method.

    The method may have its subtest after a space.
    """
    parts = [part for name in path[:-1] for part in name.split(".")]
    name = path[-1].partition(" ")[0]
    for count in range(len(parts), 0, -1):
        module = "/".join(parts[:count])
        file = sources.find(f"{module}.py") or sources.find(f"{module}/__init__.py")
        if file:
            return file, sources.index(file, declared).get((*parts[count:], name), 0)
    return None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Yield every function and class of a file, with its qualified name."""
    text = _QUOTED.sub(lambda match: "\n" * match[0].count("\n"), text)
    enclosing: list[tuple[int, str]] = []
    line, position = 1, 0
    for match in _BLOCK.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        indent = len(match["indent"].expandtabs())
        while enclosing and enclosing[-1][0] >= indent:
            enclosing.pop()
        if match["kind"]:
            enclosing.append((indent, match["name"]))
            yield tuple(name for _, name in enclosing), line
