"""Findings stay with the lines that they are about, whatever becomes of the file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.diagnostics import source_snapshots as built_module
from buildd.diagnostics.positions import CHANGED, FileTexts, wire
from buildd.diagnostics.source_snapshots import SourceSnapshots
from buildd.model import Diagnostic, Edit, Fix, Severity, Span

TEXT = "one\ntwo\nthree\nfour\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def later() -> float:
    return time.time() + 60


def finding(file: Path, built: str, line: int = 3) -> Diagnostic:
    span = Span(file=str(file), line=line, column=2, end_column=4, built=built)
    fix = Fix(title="mend", edits=(Edit(span=span, text="HR"),))
    return Diagnostic(span=span, severity=Severity.ERROR, message="no", source="test", fixes=(fix,))


def lines(one: Diagnostic, texts: FileTexts) -> tuple[int, int, int]:
    shown = wire(one, texts)
    return shown.line, shown.column, shown.end_column


def test_a_line_is_followed_on_the_disk(file: Path) -> None:
    built = SourceSnapshots()
    one = finding(file, built.remember(str(file), later()))
    assert lines(one, FileTexts(built)) == (3, 2, 4)
    file.write_text(f"zero\n{TEXT}")
    assert lines(one, FileTexts(built)) == (4, 2, 4)
    assert wire(one, FileTexts(built)).fixes[0].edits[0].line == 4
    file.write_text("four\n")
    gone = wire(one, FileTexts(built))
    assert gone.message.endswith(CHANGED)
    assert gone.line == 1
    assert gone.fixes == ()
    file.unlink()
    assert lines(one, FileTexts(built)) == (3, 2, 4), "there is no text to be in another place of"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "odd")
    assert built_module.read(str(tmp_path / "odd")) == b""


def test_the_buffer_goes_before_the_disk(file: Path) -> None:
    built = SourceSnapshots()
    one = finding(file, built.remember(str(file), later()))
    file.write_text("")
    assert lines(one, FileTexts(built, {str(file): f"0\n0\n{TEXT}"})) == (5, 2, 4)


def test_what_is_not_kept_is_known_by_its_digest(file: Path) -> None:
    name = SourceSnapshots().remember(str(file), later())
    one = finding(file, name)
    assert lines(one, FileTexts(SourceSnapshots())) == (3, 2, 4), (
        "another daemon, but the same text"
    )
    file.write_text(f"zero\n{TEXT}")
    assert wire(one, FileTexts(SourceSnapshots())).message.endswith(CHANGED)
    assert wire(one, FileTexts(SourceSnapshots())).fixes == ()
    assert SourceSnapshots().lines(name) is None


def test_a_file_that_has_changed_since_the_run_began_is_not_what_was_built(file: Path) -> None:
    built = SourceSnapshots()
    os.utime(file, (1000, 1000))
    assert built.remember(str(file), 1000.0)
    assert built.remember(str(file), 999.0) == ""
    assert built.remember(str(file) + "x", 1000.0) == ""
    # So the text of today is all there is.
    one = finding(file, "")
    file.write_text(f"zero\n{TEXT}")
    assert lines(one, FileTexts(built)) == (3, 2, 4)


def test_the_texts_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setattr(built_module, "MEMORY", 3 * len(TEXT))
    built = SourceSnapshots()
    first = built.remember(str(file), later())
    others = []
    for number in range(3):
        other = tmp_path / f"{number}.txt"
        other.write_text(TEXT.replace("one", f"on{number}"))
        others.append(built.remember(str(other), later()))
    assert built.lines(first) is None
    assert all(built.lines(name) for name in others)
