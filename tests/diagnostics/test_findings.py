"""Findings: who owns which diagnostic, and what shows while a run is under way."""

from __future__ import annotations

import pytest

from buildd.diagnostics.findings import Findings
from buildd.model import Diagnostic, Severity, Span


def finding(file: str, message: str) -> Diagnostic:
    span = Span(file=file, line=1)
    return Diagnostic(span=span, severity=Severity.ERROR, message=message, source="t")


A1, A2, B1 = finding("/a", "one"), finding("/a", "two"), finding("/b", "one")


@pytest.fixture
def changes() -> list[set[str]]:
    return []


@pytest.fixture
def findings(changes: list[set[str]]) -> Findings:
    return Findings(changes.append)


def test_a_finished_run_replaces_exactly_what_its_task_owned(
    findings: Findings, changes: list[set[str]]
) -> None:
    findings.replace("build", [A1, B1])
    findings.replace("test", [A2])
    findings.replace("build", [A1])
    assert findings.of_file("/a") == [A1, A2]
    assert findings.of_file("/b") == []
    assert changes == [{"/a", "/b"}, {"/a"}, {"/b"}]


def test_what_two_owners_say_alike_shows_once_and_stays_until_both_are_silent(
    findings: Findings,
) -> None:
    findings.replace("build", [A1])
    findings.replace("test", [A1])
    assert findings.of_file("/a") == [A1]
    findings.replace("build", [])
    assert findings.of_file("/a") == [A1]
    findings.replace("test", [])
    assert findings.all() == []


def test_a_run_under_way_shows_file_by_file_over_what_was_there(findings: Findings) -> None:
    findings.replace("build", [A1, B1])
    findings.show("build", [A2])
    assert findings.of_file("/a") == [A2]
    assert findings.of_file("/b") == [B1], "not reached yet: what it had still shows"


def test_a_run_that_does_not_finish_takes_nothing_away(
    findings: Findings, changes: list[set[str]]
) -> None:
    findings.replace("build", [A1])
    findings.show("build", [A2, B1])
    findings.revert("build")
    assert findings.all() == [A1]
    assert changes[-1] == {"/a", "/b"}


def test_nothing_is_told_where_nothing_changed(findings: Findings, changes: list[set[str]]) -> None:
    findings.replace("build", [A1])
    findings.show("build", [A1])
    findings.replace("build", [A1])
    assert changes == [{"/a"}]


def test_owners_that_are_no_more_lose_what_they_had(findings: Findings) -> None:
    findings.replace("build", [A1])
    findings.replace("lint", [B1])
    findings.retain(["build"])
    assert findings.all() == [A1]


def test_a_file_that_is_gone_takes_along_what_tasks_found_in_it(
    findings: Findings, changes: list[set[str]]
) -> None:
    findings.replace("build", [A1, B1])
    findings.show("build", [A2])
    findings.replace("@configuration", [A1])
    findings.forget({"/a"})
    assert findings.all() == [A1, B1], "what is wrong with a definition has another end"
    assert changes[-1] == {"/a"}
    findings.revert("build")
    assert findings.all() == [A1, B1]
