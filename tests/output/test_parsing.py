"""Where what a tool said is shown: on the host, and as loud as it concerns the user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.model import ColumnUnit, Diagnostic, Edit, Fix, Mount, Related, Severity, Span
from buildd.output.parsing import place
from tests.support.special_files import SPECIAL_FILES, Make, replace

CONFIG = "buildd.toml"


def shown(project: Path, *found: Diagnostic) -> list[Diagnostic]:
    mounts = [Mount(source=str(project), target="/src")]
    return place(found, mounts, str(project), str(project / CONFIG), lambda file: f"of {file}")


def warning(file: str, *related: Related, severity: Severity = Severity.WARNING) -> Diagnostic:
    span = Span(file=file, line=3, column=1, unit=ColumnUnit.BYTE)
    return Diagnostic(span=span, severity=severity, message="odd", source="tool", related=related)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("a.c", "deep/b.c", ".venv/lib/python3.11/site-packages/lib.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n2\n3\n")
    return tmp_path


def test_places_are_the_host_s_and_know_their_text(project: Path) -> None:
    note = Related(span=Span(file="/src/a.c", line=1), message="see")
    edit = Edit(span=Span(file="/src/a.c", line=2, column=1), text="x")
    one = warning("/src/a.c", note)
    one = Diagnostic(
        span=one.span,
        severity=one.severity,
        message=one.message,
        source=one.source,
        related=one.related,
        fixes=(Fix(title="mend", edits=(edit,)),),
    )
    (found,) = shown(project, one)
    file = str(project / "a.c")
    spans = [found.span, found.related[0].span, found.fixes[0].edits[0].span]
    assert [(span.file, span.built) for span in spans] == [(file, f"of {file}")] * 3


def test_a_file_without_its_directory_is_looked_for(project: Path) -> None:
    edit = Edit(span=Span(file="/src/b.c", line=2, column=1), text="x")
    one = warning("/src/b.c")
    fixed = Diagnostic(
        span=one.span,
        severity=one.severity,
        message="odd",
        source="tool",
        fixes=(Fix(title="mend", edits=(edit,)),),
    )
    (found,) = shown(project, fixed)
    file = os.path.join(project, "deep", "b.c")
    assert (found.span.file, found.fixes[0].edits[0].span.file) == (file, file)


@pytest.mark.parametrize(
    "file",
    [
        "/src/.venv/lib/python3.11/site-packages/lib.py",
        "/usr/lib/python3/dist-packages/lib.py",
        "/src/node_modules/lib/index.js",
        "/root/go/pkg/mod/example.org/lib@v1.0.0/lib.go",
    ],
)
def test_a_warning_of_installed_code_is_quiet_and_an_error_is_not(project: Path, file: str) -> None:
    quiet, loud = shown(project, warning(file), warning(file, severity=Severity.ERROR))
    assert quiet.severity is Severity.HINT
    assert loud.severity is Severity.ERROR


def test_a_warning_that_the_user_s_own_code_leads_to_is_shown_there(project: Path) -> None:
    own = Related(span=Span(file="/src/a.c", line=2), message="required from here")
    (found,) = shown(project, warning("/usr/include/c++/12/list", own))
    assert found.severity is Severity.WARNING
    assert (found.span.file, found.span.line) == (str(project / "a.c"), 2)


@pytest.mark.parametrize("make", SPECIAL_FILES)
def test_what_no_editor_must_open_is_named_in_the_configuration(project: Path, make: Make) -> None:
    replace(str(project / "a.c"), make)
    (found,) = shown(project, warning("/src/a.c"))
    assert found.span == Span(file=str(project / CONFIG), line=1)
    assert found.message == f"{project}/a.c:3: odd"


def test_a_directory_and_what_is_missing_may_be_named(project: Path) -> None:
    files = [found.span.file for found in shown(project, warning("/src/deep"), warning("/src/x.c"))]
    assert files == [f"{project}/deep", f"{project}/x.c"]
