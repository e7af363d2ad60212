"""Reads ansible-lint, in its formats `full`, `pep8` (formerly `parseable`) and `quiet`."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity
from buildd.parsers.base import Parser
from buildd.parsers.report import NOWHERE, ParseResult

_PLACE = r"(?P<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?P<line>\d+)(?::(?P<column>\d+))?"
_CODE = r"(?P<code>[a-z][a-z0-9-]*(?:\[[\w./:-]+\])?)"
_HEAD = re.compile(
    rf"(?:{_CODE}(?:\[/\])?: |\[(?P<number>(?:E|ANSIBLE|EANSIBLE)?\d{{3,4}})\] )(?P<message>\S.*)"
)
_BELOW = re.compile(rf"{_PLACE}(?: (?P<detail>\S.*))?$")
_LINE = re.compile(
    rf"{_PLACE}: (?:\[(?P<number>(?:E|ANSIBLE|EANSIBLE)?\d{{3,4}}|[a-z][a-z0-9-]*-[a-z0-9-]+)\] "
    rf"(?:\[(?P<level>[A-Z_]+)\] )?"
    rf"|{_CODE}(?:\[/\])?: "
    r"|(?P<word>[a-z]+(?:-[a-z]+)+(?:\[[\w-]+\])?) (?=[A-Z]))(?P<message>\S.*)"
)
_QUIET = re.compile(rf"{_CODE} {_PLACE}$")
_YAML = re.compile(r".*\.(?:ya?ml|j2|json|md)$|[\w./-]+$")
_NO_CODES = frozenset(
    ("error", "warning", "note", "info", "fatal", "yaml", "syntax", "line", "hint", "remark")
)
_RULES = (
    "args[", "avoid-", "command-instead-of-", "complexity[", "deprecated-", "empty-string-compare",
    "fqcn", "galaxy[", "ignore-errors", "inline-env-var", "internal-error", "jinja[", "key-order",
    "latest[", "literal-compare", "load-failure", "loop-var-prefix", "meta-", "name[", "no-",
    "only-builtins", "package-latest", "parser-error", "partial-become", "pattern[",
    "playbook-extension", "risky-", "role-name", "run-once", "sanity[", "schema[", "syntax-check",
    "unnamed-task", "use-loop", "var-naming", "var-spacing", "warning[", "yaml[", "yaml: ",
    "git-latest", "hg-latest", "inclusion-", "unset-variable",
)  # fmt: skip


class AnsibleLint(Parser):
    """Reads a rule and its message with the place below, or all of it on one line.

    Columns count code points.
    """

    TOOLS = "ansible-lint"
    HINTS = (
        ".yml:",
        ".yaml:",
        ".j2:",
        "violation(s)",
        *(f"\n{rule}" for rule in _RULES),
        *(f"\n[{start}" for start in ("E", "1", "2", "3", "4", "5", "6", "7", "8", "9", "ANSIBLE")),
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._head: re.Match[str] | None = None
        self._is_listing = False

    def begin(self, line: str) -> bool | None:
        self._head = None
        if " violation(s) that are fatal" in line:
            self._is_listing = True
            return True
        if match := _LINE.match(line):
            code = match["number"] or match["code"] or match["word"] or ""
            if code in _NO_CODES - {"yaml"} or not match["file"].endswith((".yml", ".yaml", ".j2")):
                return False
            self._found(match, code, match["message"])
            return True
        if match := _HEAD.match(line):
            self._head = match
            return None
        return False

    def more(self, line: str) -> bool | None:
        head, self._head = self._head, None
        if head:
            match = _BELOW.match(line)
            if match and _YAML.match(match["file"]):
                self._found(match, head["number"] or head["code"], head["message"])
                return True
            return None if self._is_listing else False
        if not self._is_listing:
            # Older versions print the task on a line of its own.
            return line.startswith("Task/Handler: ")
        if (match := _HEAD.match(line)) and match["code"] not in _NO_CODES:
            self._head = match
            return None
        if (match := _QUIET.match(line)) and _YAML.match(match["file"]):
            self._found(match, match["code"], match["code"])
            return True
        if line.startswith(("Failed: ", "Passed: ")):
            self._is_listing = False
            return True
        return None

    def _found(self, match: re.Match[str], code: str, message: str) -> None:
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        is_warning = message.endswith(" (warning)")
        severity = Severity.WARNING if is_warning else Severity.ERROR
        message = message.removesuffix(" (warning)")
        self.add(span if span.file else NOWHERE, severity, message, "ansible-lint", code)
