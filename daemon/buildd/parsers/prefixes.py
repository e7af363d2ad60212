"""What build systems and log collectors put before each line of a tool's own output. Pure."""

from __future__ import annotations

import re

_TIME = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_DATE = r"\d{4}-\d\d-\d\d"

PREFIX = re.compile(
    r"(?:"
    # ant: `    [javac] `; ninja, docker: `[12/345] `; make from cmake: `[ 12%] `
    r"\s*\[(?:[a-z][\w.:-]*| *\d+%|\d+/\d+)\]:? "
    # clocks: `12:03:04 `, `[12:03:04.567] `, `2026-01-02T12:03:04.567Z `, also with commas
    rf"|\[?(?:{_DATE}[T ])?{_TIME}(?:Z|[+-]\d\d:?\d\d)?\]?:? "
    # docker build: `#12 0.345 `; compose and foreman: `web_1  | `, `12:03:04 web.1 | `
    r"|#\d+ \d+\.\d+ "
    r"|(?:[\w./@-]+ )?[\w./@-]+ +\| "
    # GitHub: `##[error]`, `Error: `
    r"|##\[\w+\]"
    # lerna, turbo, pnpm, nx: `@scope/name: `, `web:build: `, `packages/a build: `
    r"|@?[\w./-]+(?::[\w-]+| (?:build|test|lint|dev|check))?: (?=[\w./\\@-]+[:(]\d)"
    r")+"
)
"""Matches what stands before the tool's own words."""
