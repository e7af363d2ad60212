"""Writes the diagnostics as a JSON array, in the form of the protocol."""

from __future__ import annotations

import msgspec

from buildd.base.lone_surrogates import encode
from buildd.reports import ReportContent


def report(findings: ReportContent) -> str:
    """Returns what `buildd diagnostics --json` prints."""
    encoded = encode(findings.diagnostics)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"
