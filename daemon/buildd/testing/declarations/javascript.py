"""This module finds tests in JavaScript and TypeScript: nested calls such as `describe("name"`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buildd.testing.declarations.sources import Names, Path, SourceLine, TestSources

_CALL = re.compile(
    r"(?<![\w.$])[xf]?(?:describe|context|suite|it|test|specify)"
    r"(?:\.(?:only|skip|todo|concurrent|failing|fails|sequential|serial))*\s*\(\s*"
    r"(?P<quote>[\"'`])(?P<name>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)"
)
_ESCAPED = re.compile(r"\\(.)")


def by_file(path: Path, sources: TestSources) -> SourceLine | None:
    """Find a test whose path is file, groups, name."""
    file = sources.find(path[0])
    return (file, sources.index(file, declared).get(path[1:], 0)) if file else None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Yield every group and test of a file; what is indented more than a group is inside it."""
    enclosing: list[tuple[int, str]] = []
    line, position = 1, 0
    for match in _CALL.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        column = position - text.rfind("\n", 0, position)
        while enclosing and enclosing[-1][0] >= column:
            enclosing.pop()
        enclosing.append((column, _ESCAPED.sub(r"\1", match["name"])))
        yield tuple(name for _, name in enclosing), line
