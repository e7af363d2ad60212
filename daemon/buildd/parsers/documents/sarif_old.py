"""Reads SARIF 1.0.0, which Microsoft's compilers write unless the newer version is requested."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader
from buildd.parsers.documents.sarif import LEVELS
from buildd.parsers.documents.uri import joined
from buildd.parsers.report import NOWHERE


class SarifOld(Reader):
    """Reads the results of each run that are not suppressed in the source."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or not isinstance(document.get("runs"), list):
            return False
        if not str(document.get("version", "")).startswith("1."):
            return False
        for run in document["runs"]:
            rules = run.get("rules") or {}
            if isinstance(rules, list):
                rules = {rule["id"]: rule for rule in rules}
            source = str((run.get("tool") or {}).get("name") or "sarif")
            for result in run.get("results") or ():
                self._result(result, rules, source)
        return True

    def _result(self, result: dict[str, Any], rules: dict[str, Any], source: str) -> None:
        code = str(result.get("ruleId") or "")
        rule = rules.get(result.get("ruleKey") or code) or {}
        level = result.get("level") or rule.get("defaultLevel") or "warning"
        if level in ("pass", "notApplicable") or result.get("suppressionStates"):
            return
        spans = [self._place(location) for location in result.get("locations") or ()]
        related = [Related(span=span, message="see here") for span in spans[1:] if span.file]
        for location in result.get("relatedLocations") or ():
            span = self._span(location.get("physicalLocation") or {})
            if span.file:
                related.append(
                    Related(span=span, message=str(location.get("message") or "see here"))
                )
        self.report.add(
            spans[0] if spans else NOWHERE,
            LEVELS.get(level, Severity.WARNING),
            self._message(result, rule) or str(rule.get("shortDescription") or code),
            source,
            code,
            href=str(rule.get("helpUri") or ""),
            related=related,
            fixes=[found for fix in result.get("fixes") or () if (found := self._fix(fix))],
        )

    def _message(self, result: dict[str, Any], rule: dict[str, Any]) -> str:
        if message := result.get("message"):
            return str(message)
        formatted = result.get("formattedRuleMessage") or {}
        text = str((rule.get("messageFormats") or {}).get(formatted.get("formatId")) or "")
        for number, argument in enumerate(formatted.get("arguments") or ()):
            text = text.replace(f"{{{number}}}", str(argument))
        return text

    def _place(self, location: dict[str, Any]) -> Span:
        return self._span(location.get("resultFile") or location.get("analysisTarget") or {})

    def _span(self, physical: dict[str, Any]) -> Span:
        return self._region(str(physical.get("uri") or ""), physical.get("region") or {})

    def _region(self, uri: str, region: dict[str, Any]) -> Span:
        line, end_line = region.get("startLine") or 1, region.get("endLine")
        column, end = region.get("startColumn"), region.get("endColumn")
        if (end_line or line, end) == (line, column):
            end_line = end = None
        file = joined(uri, "", {})
        return self.report.span(file, line, column, end_line, end, ColumnUnit.UTF16)

    def _fix(self, fix: dict[str, Any]) -> Fix | None:
        edits = []
        for change in fix.get("fileChanges") or ():
            for replacement in change.get("replacements") or ():
                region = replacement.get("deletedRegion") or {}
                if "endColumn" not in region or "startColumn" not in region:
                    return None
                span = self._region(str(change.get("uri") or ""), region)
                edits.append(Edit(span=span, text=str(replacement.get("insertedText") or "")))
        title = str(fix.get("description") or "Apply the tool's fix")
        return Fix(title=title, edits=tuple(edits)) if edits else None
