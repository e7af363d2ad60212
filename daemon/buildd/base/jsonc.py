"""JSON with comments and trailing commas, as VS Code writes it, into JSON. Pure."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])',
    re.DOTALL,
)


def plain(text: str) -> str:
    """The same with blanks for what JSON does not know; each character keeps its place."""
    return _TOKEN.sub(_blank, text.replace("\ufeff", " ", 1) if text[:1] == "\ufeff" else text)


def _blank(match: re.Match[str]) -> str:
    found = match[0]
    return found if found[0] == '"' else re.sub(r"[^\n]", " ", found)
