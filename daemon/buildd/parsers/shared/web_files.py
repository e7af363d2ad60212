"""The names of files that the tools of the web read, and the frames of source that they print."""

from __future__ import annotations

import re

SCRIPTS = ("js", "jsx", "mjs", "cjs", "es6", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro")
STYLES = ("css", "scss", "sass", "less", "pcss", "postcss", "sss", "styl")
TEXTS = (
    "json", "jsonc", "json5", "md", "mdx", "markdown", "txt", "rst", "html", "htm", "xhtml", "hbs",
    "gjs", "gts", "ejs", "pug", "coffee", "yml", "yaml", "toml", "graphql", "gql", "sol",
)  # fmt: skip
FILES = (*SCRIPTS, *STYLES, *TEXTS)

PLACE = r":(?P<line>\d+):(?P<column>\d+)"
STACK = (
    r"\s+at (?:async )?(?:.*?[( ])?(?:file://)?"
    r"(?P<file>[^\s():][^():\n]*|[A-Za-z]:[^():\n]*)" + PLACE + r"\)?"
)
"""A pattern of a line of a stack, as V8 and others print."""

_FRAME = re.compile(r"\s*(?:> *\d+ +\||\d+ +\||\|)")


def web_file(*extensions: str) -> str:
    """A pattern of the group `file`: a name with one of these extensions, perhaps on a drive,
    perhaps in a directory `(group)` or `[id]`."""
    return (
        r"(?P<file>(?:file://)?(?:[A-Za-z]:[\\/])?[^\s:\"'`<>|][^:\"`<>|\n]*?\.(?:"
        + "|".join(extensions or FILES)
        + "))"
    )


def is_frame(line: str) -> bool:
    """Whether the line is of a code frame, as babel prints: `> 12 | source`, `     |   ^`."""
    return _FRAME.match(line) is not None


def from_zero(column: str | None) -> int | None:
    """The 1-based column of one that counts from 0."""
    return int(column) + 1 if column and len(column) < 9 else None
