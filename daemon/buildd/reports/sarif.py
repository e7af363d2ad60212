"""SARIF 2.1.0, the standard form of what analysis tools find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from buildd.protocol import WireDiagnostic, WireEdit, WireRelated
from buildd.reports import ReportContent

_LEVELS = {"error": "error", "warning": "warning", "information": "note", "hint": "note"}
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report(findings: ReportContent) -> str:
    """One run for each tool that found something; without any, one of buildd's own."""
    tools: dict[str, list[WireDiagnostic]] = {}
    for one in findings.diagnostics:
        tools.setdefault(one.source or "buildd", []).append(one)
    runs = [_run(tool, found, findings) for tool, found in tools.items()]
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": runs or [_run("buildd", [], findings)],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _run(tool: str, found: Sequence[WireDiagnostic], findings: ReportContent) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    for one in found:
        if one.code:
            rule = rules.setdefault(one.code, {"id": one.code})
            if one.href:
                rule["helpUri"] = one.href
    numbers = {code: number for number, code in enumerate(rules)}
    root = f"file://{quote(findings.directory.rstrip('/'))}/"
    return {
        "tool": {"driver": {"name": tool, "rules": list(rules.values())}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"PROJECT": {"uri": root}},
        "results": [_result(one, numbers, findings) for one in found],
    }


def _result(
    one: WireDiagnostic, numbers: dict[str, int], findings: ReportContent
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "level": _LEVELS[one.severity],
        "message": {"text": one.message},
    }
    if one.file:
        result["locations"] = [{"physicalLocation": _location(one, findings)}]
    if one.code:
        result |= {"ruleId": one.code, "ruleIndex": numbers[one.code]}
    if one.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": note.message},
                "physicalLocation": _location(note, findings),
            }
            for number, note in enumerate(one.related, 1)
        ]
    if one.fixes:
        result["fixes"] = [
            {
                "description": {"text": fix.title},
                "artifactChanges": [_change(edit, findings) for edit in fix.edits],
            }
            for fix in one.fixes
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
