"""Writes SARIF 2.1.0, the standard format for results of static analysis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from buildd.base.lone_surrogates import encode
from buildd.protocol import WireDiagnostic, WireEdit, WireRelated
from buildd.reports import ReportContent

_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(findings: ReportContent) -> str:
    """Returns one run for each tool that found something, or an empty run of buildd."""
    tools: dict[str, list[WireDiagnostic]] = {}
    for diagnostic in findings.diagnostics:
        tools.setdefault(diagnostic.source or "buildd", []).append(diagnostic)
    runs = [_run(tool, found, findings) for tool, found in tools.items()]
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": runs or [_run("buildd", [], findings)],
    }
    return msgspec.json.format(encode(document), indent=2).decode() + "\n"


def _run(tool: str, found: Sequence[WireDiagnostic], findings: ReportContent) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    for diagnostic in found:
        if diagnostic.code:
            rule = rules.setdefault(diagnostic.code, {"id": diagnostic.code})
            if diagnostic.href:
                rule["helpUri"] = diagnostic.href
    numbers = {code: number for number, code in enumerate(rules)}
    root = f"file://{quote(findings.directory.rstrip('/'))}/"
    return {
        "tool": {"driver": {"name": tool, "rules": list(rules.values())}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"PROJECT": {"uri": root}},
        "results": [_result(diagnostic, numbers, findings) for diagnostic in found],
    }


def _result(
    diagnostic: WireDiagnostic, numbers: dict[str, int], findings: ReportContent
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": diagnostic.message},
    }
    if diagnostic.file:
        result["locations"] = [{"physicalLocation": _location(diagnostic, findings)}]
    if diagnostic.code:
        result |= {"ruleId": diagnostic.code, "ruleIndex": numbers[diagnostic.code]}
    if diagnostic.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": note.message},
                "physicalLocation": _location(note, findings),
            }
            for number, note in enumerate(diagnostic.related, 1)
        ]
    if diagnostic.fixes:
        result["fixes"] = [
            {
                "description": {"text": fix.title},
                "artifactChanges": [_change(edit, findings) for edit in fix.edits],
            }
            for fix in diagnostic.fixes
        ]
    return result


def _change(edit: WireEdit, findings: ReportContent) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(edit.file, findings),
        "replacements": [{"deletedRegion": _region(edit), "insertedContent": {"text": edit.text}}],
    }


def _location(place: WireDiagnostic | WireRelated, findings: ReportContent) -> dict[str, Any]:
    return {"artifactLocation": _artifact(place.file, findings), "region": _region(place)}


def _artifact(file: str, findings: ReportContent) -> dict[str, str]:
    path = findings.path(file)
    if path != file:
        return {"uri": quote(path), "uriBaseId": "PROJECT"}
    if _DRIVE.match(file):
        return {"uri": "file:///" + quote(file.replace("\\", "/"), safe="/:")}
    return {"uri": f"file://{quote(file)}" if file.startswith("/") else quote(file)}


def _region(place: WireDiagnostic | WireRelated | WireEdit) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
