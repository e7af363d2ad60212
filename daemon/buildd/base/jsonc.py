"""This module turns JSON with comments and trailing commas, as VS Code writes it, into JSON."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=(?:\s|//[^\n]*|/\*.*?\*/)*[}\]])',
    re.DOTALL,
)


def to_json(text: str) -> str:
    """Replace comments, trailing commas and a byte order mark by blanks.

    Every other character keeps its line and column. Text that is not JSON stays as it is.
    """
    return _TOKEN.sub(_blank, text.replace("\ufeff", " ", 1) if text[:1] == "\ufeff" else text)


def _blank(match: re.Match[str]) -> str:
    token = match[0]
    return token if token[0] == '"' else re.sub(r"[^\n]", " ", token)
