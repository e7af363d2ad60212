"""Reports: diagnostics and tests in the forms that other programs read. Pure.

To add one: write a module with `report(findings) -> str`, and add a line to `FORMATS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import NamedTuple

from buildd.base.containment import relative_to
from buildd.protocol import WireDiagnostic, WireTest

FORMATS: dict[str, str] = {
    "json": "as `buildd diagnostics --json`",
    "sarif": "SARIF 2.1.0",
    "github": "GitHub's workflow commands, which annotate a pull request",
    "gitlab": "GitLab's code quality report",
    "junit": "JUnit XML: the tests, or without any a failure for each diagnostic",
    "quickfix": "FILE:LINE:COLUMN: SEVERITY: MESSAGE, a line each, as Vim's quickfix list reads it",
}
"""Each form's module in this package, and what it is."""


class ReportContent(NamedTuple):
    """What is to be reported. Paths below `directory`, which is absolute, are shown relative to
    it where the form allows."""

    diagnostics: Sequence[WireDiagnostic]
    tests: Sequence[WireTest]
    directory: str

    def path(self, file: str) -> str:
        """A file's path, relative if it is below the directory."""
        return relative_to(file, self.directory) or file


def report(form: str, findings: ReportContent) -> str:
    """The findings in one of FORMATS, ended by a newline unless empty."""
    module = importlib.import_module(f"buildd.reports.{form}")
    text: str = module.report(findings)
    return text
