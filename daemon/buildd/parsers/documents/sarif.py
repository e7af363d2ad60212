"""Reads SARIF 2.1.0, the OASIS standard for results of static analysis."""

from __future__ import annotations

from typing import Any

from buildd.model import ColumnUnit, Edit, Fix, Related, Severity, Span
from buildd.parsers.documents.base import MALFORMED, Reader
from buildd.parsers.documents.sarif_rules import Rules, text_of
from buildd.parsers.documents.uri import joined
from buildd.parsers.report import NOWHERE

LEVELS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.INFORMATION,
    "none": Severity.INFORMATION,
}
_NOTES = 100
_KINDS = ("fail", "open", "review", "informational")
_WORDS = ("error", "warning", "note", "fatal error")


class Sarif(Reader):
    """Reads the results of each run, and the errors and warnings of the run itself.

    What a result leaves out is taken from its rule.
    """

    _unit = ColumnUnit.UTF16
    _number: int | None = None
    """The index of the last diagnostic."""

    def read(self, document: Any) -> bool:
        if not isinstance(document, dict) or not isinstance(document.get("runs"), list):
            return False
        if not str(document.get("version", "")).startswith("2."):
            return False
        for run in document["runs"]:
            try:
                self._run(run)
            except MALFORMED:
                continue
        return True

    def _run(self, run: dict[str, Any]) -> None:
        # The standard's default is UTF-16 units.
        is_unicode = run.get("columnKind") == "unicodeCodePoints"
        self._unit = ColumnUnit.CODE_POINT if is_unicode else ColumnUnit.UTF16
        self._bases: dict[str, Any] = run.get("originalUriBaseIds") or {}
        self._artifacts: list[dict[str, Any]] = run.get("artifacts") or []
        self._flows: list[dict[str, Any]] = run.get("threadFlowLocations") or []
        rules = Rules(run)
        for result in run.get("results") or ():
            if _is_of_interest(result):
                self._result(result, rules)
        for invocation in run.get("invocations") or ():
            for key in ("toolConfigurationNotifications", "toolExecutionNotifications"):
                for notification in invocation.get(key) or ():
                    self._notification(notification, rules)

    def _result(self, result: dict[str, Any], rules: Rules) -> None:
        rule, code = rules.of(result)
        places = list(result.get("locations") or ())
        message = rules.message(result.get("message"), rule)
        if rules.source == "clang":
            # clang lists what it underlines before the place itself, and its notes as results of
            # their own.
            del places[:-1]
            if result.get("level") == "note" and self._note(places, message):
                return
        if result.get("kind", "fail") == "fail":
            severity = LEVELS.get(result.get("level") or rules.level(rule, code), Severity.WARNING)
        else:
            severity = Severity.INFORMATION
        self._number = self.report.add(
            self._span(places[0]) if places else NOWHERE,
            severity,
            message or text_of(rule.get("shortDescription")) or code,
            rules.source,
            _code(code, rule, rules.source),
            href=str(rule.get("helpUri") or ""),
            related=self._related(places[1:], result, rules, rule),
            fixes=[found for fix in result.get("fixes") or () if (found := self._fix(fix))],
        )

    def _note(self, places: list[dict[str, Any]], message: str) -> bool:
        """Adds a note to the last diagnostic; returns whether there is one."""
        if self._number is None or not places:
            return False
        known = self.report.diagnostics[self._number].related
        note = Related(span=self._span(places[0]), message=message)
        if len(known) < _NOTES and note not in known:
            self.report.amend(self._number, related=(*known, note))
        return True

    def _notification(self, notification: dict[str, Any], rules: Rules) -> None:
        severity = LEVELS.get(notification.get("level", "warning"), Severity.WARNING)
        places = notification.get("locations") or ()
        message = rules.message(notification.get("message"), {})
        if not message or severity is Severity.INFORMATION:
            return
        if not places and severity is not Severity.ERROR:
            return
        descriptor = notification.get("associatedRule") or notification.get("descriptor") or {}
        self.report.add(
            self._span(places[0]) if places else NOWHERE,
            severity,
            message,
            rules.source,
            str(descriptor.get("id") or ""),
        )

    def _related(
        self,
        others: list[dict[str, Any]],
        result: dict[str, Any],
        rules: Rules,
        rule: dict[str, Any],
    ) -> list[Related]:
        locations = list(others)
        locations += result.get("relatedLocations") or ()
        for flow in result.get("codeFlows") or ():
            for thread in flow.get("threadFlows") or ():
                for step in thread.get("locations") or ():
                    if isinstance(index := step.get("index"), int) and index >= 0:
                        step = self._flows[index]
                    location = step.get("location") or {}
                    if location.get("message"):
                        locations.append(location)
        for stack in result.get("stacks") or ():
            locations += [frame.get("location") or {} for frame in stack.get("frames") or ()]
        found: list[Related] = []
        for location in locations:
            if not location.get("physicalLocation"):
                continue
            message = rules.message(location.get("message"), rule) or "see here"
            note = Related(span=self._span(location), message=message)
            if note.span.file and note not in found and len(found) < _NOTES:
                found.append(note)
        return found

    # --- places

    def _span(self, location: dict[str, Any]) -> Span:
        physical = location.get("physicalLocation") or {}
        return self._region(physical.get("artifactLocation") or {}, physical.get("region") or {})

    def _region(self, artifact: dict[str, Any], region: dict[str, Any]) -> Span:
        file = self._path(artifact)
        if "startLine" not in region and region.get("charOffset", -1) >= 0:
            return self._at_offset(file, artifact, region)
        line, end_line = region.get("startLine") or 1, region.get("endLine")
        column, end = region.get("startColumn"), region.get("endColumn")
        if (end_line or line, end) == (line, column):
            end_line = end = None
        elif end is None and (end_line or line) == line:
            end_line = None
        elif end and not column:
            # SARIF may leave out the column of a region that starts with the line.
            column = 1
        return self.report.span(file, line, column, end_line, end, self._unit)

    def _at_offset(self, file: str, artifact: dict[str, Any], region: dict[str, Any]) -> Span:
        """Returns a place that is counted in characters from the start of the file.

        The text of the file may be part of the document; without it, only the file is known.
        """
        text = (self._artifact(artifact).get("contents") or {}).get("text") or ""
        start = region["charOffset"]
        if not text or start > len(text):
            return self.report.span(file, 1)
        end = start + region.get("charLength", 0)
        line, column = _counted(text, start)
        end_line, end_column = _counted(text, end)
        if end == start:
            return self.report.span(file, line, column, unit=ColumnUnit.CODE_POINT)
        return self.report.span(file, line, column, end_line, end_column, ColumnUnit.CODE_POINT)

    def _artifact(self, artifact: dict[str, Any]) -> dict[str, Any]:
        """Returns what the run's list of files says about a file."""
        index = artifact.get("index", -1)
        return self._artifacts[index] if 0 <= index < len(self._artifacts) else {}

    def _path(self, artifact: dict[str, Any]) -> str:
        if not artifact.get("uri"):
            artifact = self._artifact(artifact).get("location") or {}
        return joined(
            str(artifact.get("uri") or ""), str(artifact.get("uriBaseId") or ""), self._bases
        )

    def _fix(self, fix: dict[str, Any]) -> Fix | None:
        edits = []
        for change in fix.get("artifactChanges") or ():
            for replacement in change.get("replacements") or ():
                region = replacement.get("deletedRegion") or {}
                edit = self._edit(change["artifactLocation"], region)
                if edit is None or not edit.file:
                    return None
                text = (replacement.get("insertedContent") or {}).get("text") or ""
                edits.append(Edit(span=edit, text=text))
        title = text_of(fix.get("description")) or "Apply the tool's fix"
        return Fix(title=title, edits=tuple(edits)) if edits else None

    def _edit(self, artifact: dict[str, Any], region: dict[str, Any]) -> Span | None:
        """Returns the place to replace, or None if only the file's text could tell its end."""
        if "startLine" in region:
            start, end = region.get("startColumn", 1), region.get("endColumn")
            if end is None:
                return None
            return self._region(artifact, {**region, "startColumn": start})
        span = self._region(artifact, region)
        return span if span.column else None


def _is_of_interest(result: dict[str, Any]) -> bool:
    """Returns whether the result is a problem that still exists and is not suppressed."""
    if result.get("kind", "fail") not in _KINDS or result.get("baselineState") == "absent":
        return False
    suppressions = result.get("suppressions") or ()
    return not suppressions or any(
        suppression.get("status", "accepted") != "accepted" for suppression in suppressions
    )


def _code(code: str, rule: dict[str, Any], source: str) -> str:
    """Returns the name of a rule that people know; some tools give a number or only a severity."""
    if code.isdecimal():
        return str(rule.get("name") or ("" if source == "clang" else code))
    return "" if code in _WORDS else code


def _counted(text: str, offset: int) -> tuple[int, int]:
    """Returns the 1-based line and column, in characters, of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
