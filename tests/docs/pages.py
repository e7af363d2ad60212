"""The documents of the repository, and the blocks of code that are in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "clients/*/README.md")
    for path in ROOT.glob(pattern)
)
"""Every document, by its path in the repository."""

_BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`[^\n]*:\n\n?)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_SECTION = re.compile(r"(?m)^## ")


class Block(NamedTuple):
    """A block of code of a page.

    `file` is its name if the line before it names a file that has this text; `section` is the
    number of the section of the page.
    """

    section: int
    file: str
    language: str
    text: str


class Command(NamedTuple):
    """A command of a console block.

    It prints the lines, perhaps among others; `…` in a line stands for anything.
    """

    text: str
    shown: tuple[str, ...]


def text(page: str) -> str:
    """A page as it is written."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page, in their order."""
    for number, section in enumerate(_SECTION.split(text(page))):
        for match in _BLOCK.finditer(section):
            yield Block(number, match["file"] or "", match["language"], match["text"])


def commands(block: Block) -> Iterator[Command]:
    """Yields what a reader of the block would run.

    That is every command of a console, and those of buildd in a pipeline's YAML.
    """
    if block.language == "console":
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, *lines = part.splitlines()
            yield Command(re.sub(r"\s+# .*", "", command), tuple(lines))
    elif block.language == "yaml":
        for command in re.findall(r"(?m)^\s*- (?:run: )?(buildd .*)$", block.text):
            yield Command(command, ())
