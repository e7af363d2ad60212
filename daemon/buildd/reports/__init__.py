"""Writes diagnostics and test results in formats that other programs read.

To add one, write a module with `report(findings) -> str`, and add a line to `FORMATS`.
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
"""Describes each format; its name is that of its module in this package."""


class ReportContent(NamedTuple):
    """Holds what to report.

    `directory` is an absolute path. Paths below it are shown relative to it if the format allows.
    """

    diagnostics: Sequence[WireDiagnostic]
    tests: Sequence[WireTest]
    directory: str

    def path(self, file: str) -> str:
        """Returns a file's path, relative to the directory if it is below that."""
        return relative_to(file, self.directory) or file


def report(form: str, findings: ReportContent) -> str:
    """Returns the findings in one of FORMATS; the text ends with a newline unless it is empty."""
    module = importlib.import_module(f"buildd.reports.{form}")
    text: str = module.report(findings)
    return text
