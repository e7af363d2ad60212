"""Recognises the file names that web tools print, and their frames of source code."""

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
"""A pattern for a line of a stack trace, as V8 and other engines print it."""

_FRAME = re.compile(r"\s*(?:> *\d+ +\||\d+ +\||\|)")


def web_file(*extensions: str) -> str:
    """Returns a pattern for the group `file`: a name with one of these extensions.

    The name may begin with a drive letter, and hold a directory such as `(group)` or `[id]`.
    """
    return (
        r"(?P<file>(?:file://)?(?:[A-Za-z]:[\\/])?[^\s:\"'`<>|][^:\"`<>|\n]*?\.(?:"
        + "|".join(extensions or FILES)
        + "))"
    )


def is_frame(line: str) -> bool:
    """Returns whether the line is part of a code frame, as babel's `> 12 | source` and `| ^`."""
    return _FRAME.match(line) is not None


def from_zero(column: str | None) -> int | None:
    """Returns the 1-based column for one that counts from 0, or None if there is none."""
    return int(column) + 1 if column and len(column) < 9 else None
