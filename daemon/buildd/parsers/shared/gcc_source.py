"""Tells which tool printed a diagnostic in gcc's format, and where its check is documented."""

from __future__ import annotations

import re

_SOURCES = (
    (re.compile(r".*\.(?:vala|vapi)$"), "valac"),
    (re.compile(r".*\.(?:cob|cbl|cpy)$"), "cobc"),
    (re.compile(r".*\.(?:asm|nasm)$"), "nasm"),
    (re.compile(r".*\.(?:y|yy|ypp|yxx|y\+\+)$"), "bison"),
)
"""Tools that print as gcc does, by files that gcc does not read."""


def source_of(file: str, code: str) -> str:
    """Returns the name of the tool, by the file and by the option or check of the message."""
    if "." in code and not code.startswith("-") and "-" not in code:
        return "clang"  # clang's static analyzer
    if code and not code.startswith("-") and not code.isdecimal():
        return "clang-tidy"
    return next((name for pattern, name in _SOURCES if pattern.match(file)), "gcc")


def page_of(code: str) -> str:
    """Returns the address of the page of a clang-tidy check; empty for any other code."""
    if not code or code.startswith("-") or code.isdecimal() or "." in code.partition("-")[0]:
        return ""
    check = code.partition(",")[0]
    if check.startswith(("clang-diagnostic-", "clang-analyzer-")):
        return ""
    group, _, name = check.partition("-")
    return f"https://clang.llvm.org/extra/clang-tidy/checks/{group}/{name}.html"
