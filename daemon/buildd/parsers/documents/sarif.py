"""SARIF 2.1.0."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import Reader
from buildd.parsers.report import NOWHERE

_LEVELS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.INFORMATION,
}


class Sarif(Reader):
    """Each result of each run; what a rule says holds for its results that do not say."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or not str(document.get("version", "")).startswith("2.1"):
            return False
        runs = document.get("runs")
        if not isinstance(runs, list):
            return False
        for run in runs:
            self._run(run)
        return True

    def _run(self, run: dict[str, Any]) -> None:
        tool = run["tool"]["driver"]
        components = [tool, *run["tool"].get("extensions", ())]
        rules = {rule["id"]: rule for one in components for rule in one.get("rules", ())}
        # SARIF counts UTF-16 units unless it says otherwise.
        is_unicode = run.get("columnKind") == "unicodeCodePoints"
        self._unit = ColumnUnit.CODE_POINT if is_unicode else ColumnUnit.UTF16
        self._bases = run.get("originalUriBaseIds", {})
        for result in run.get("results") or ():
            if result.get("kind", "fail") not in ("fail", "open", "review"):
                continue
            if result.get("suppressions"):
                continue
            self._result(result, tool, rules)

    def _result(
        self, result: dict[str, Any], tool: dict[str, Any], rules: dict[str, dict[str, Any]]
    ) -> None:
        code = result.get("ruleId") or result.get("rule", {}).get("id", "")
        index = result.get("ruleIndex", -1)
        listed = tool.get("rules", ())
        rule = rules.get(code) or (listed[index] if 0 <= index < len(listed) else {})
        code = code or rule.get("id", "")
        level = result.get("level") or rule.get("defaultConfiguration", {}).get("level", "warning")
        if level == "none":
            return
        places = result.get("locations") or ()
        span = self._span(places[0]) if places else NOWHERE
        related = [
            Related(span=self._span(one), message=_text(one.get("message"), {}) or "see here")
            for one in (*places[1:], *(result.get("relatedLocations") or ()))
            if one.get("physicalLocation")
        ]
        message = _text(result.get("message"), rule.get("messageStrings", {}))
        self.report.add(
            span,
            _LEVELS.get(level, Severity.WARNING),
            message or _text(rule.get("shortDescription"), {}) or code,
            str(tool.get("name", "sarif")),
            code,
            href=str(rule.get("helpUri", "")),
            related=related,
            fixes=[fix for one in result.get("fixes") or () if (fix := self._fix(one))],
        )

    def _span(self, location: dict[str, Any]) -> Span:
        physical = location.get("physicalLocation") or {}
        region = physical.get("region") or {}
        return self._region(physical.get("artifactLocation") or {}, region)

    def _region(self, artifact: dict[str, Any], region: dict[str, Any]) -> Span:
        start = region.get("startColumn")
        end_line, end = region.get("endLine"), region.get("endColumn")
        return self.report.span(
            self._path(artifact),
            region.get("startLine", 1),
            start,
            end_line,
            end,
            self._unit,
        )

    def _path(self, artifact: dict[str, Any]) -> str:
        uri = unquote(str(artifact.get("uri", "")))
        base = self._bases.get(artifact.get("uriBaseId", ""), {})
        seen = 0
        while base and "://" not in uri and not uri.startswith("/") and seen < 10:
            uri = unquote(str(base.get("uri", ""))) + uri
            base = self._bases.get(base.get("uriBaseId", ""), {})
            seen += 1
        return uri

    def _fix(self, fix: dict[str, Any]) -> Fix | None:
        edits = []
        for change in fix.get("artifactChanges", ()):
            for replacement in change["replacements"]:
                region = replacement["deletedRegion"]
                if "startLine" not in region:
                    return None
                text = (replacement.get("insertedContent") or {}).get("text", "")
                span = self._region(change["artifactLocation"], region)
                if span.end_column is None and "startColumn" not in region:
                    return None
                edits.append(Edit(span=span, text=text))
        title = _text(fix.get("description"), {}) or "Apply the tool's fix"
        return Fix(title=title, edits=tuple(edits)) if edits else None


def _text(message: dict[str, Any] | None, strings: dict[str, Any]) -> str:
    if not message:
        return ""
    text = message.get("text") or strings.get(message.get("id", ""), {}).get("text", "")
    for number, argument in enumerate(message.get("arguments", ())):
        text = text.replace(f"{{{number}}}", str(argument))
    return str(text)
