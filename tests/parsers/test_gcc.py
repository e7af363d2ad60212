"""Checks the parsers of gcc, of the linker and of make, where no captured log does."""

from __future__ import annotations

import pytest

from buildd.model import Diagnostic, Severity
from buildd.parsers import choose
from tests.parsers import captured


def read(data: bytes) -> list[Diagnostic]:
    return captured.read(data, ("gcc",)).diagnostics


@pytest.mark.parametrize(
    "line",
    [
        b"a" * 1_000_000,
        b"a:" * 500_000,
        b"a: " * 300_000,
        b"1:" * 300_000 + b" error: x",
        b" " * 1_000_000 + b"^",
        b"In file included from " + b"a:1:" * 250_000,
        b"make: Entering directory '" + b"'" * 500_000,
        b"ld: " + b"a.o:" * 200_000 + b"(.text",
        b"make: *** " + b"x.  Stop." * 100_000,
        b"~" * 500_000 + b"^" + b"~" * 500_000,
    ],
)
def test_a_line_of_a_megabyte_comes_to_an_end(line: bytes) -> None:
    read(b"a.c:1:2: error: x\n" + line + b"\n" + line)


@pytest.mark.parametrize(
    "text",
    [
        "gcc -Wall -Werror -c a.c",
        "checking for error: no",
        "-- Looking for warning: found",
        "echo warning: this is fine",
        "make: *** [Makefile:10: foo.o] Error 1",
        "make[2]: *** [sub/Makefile:3: all] Error 2",
        "collect2: error: ld returned 1 exit status",
        "clang: error: linker command failed with exit code 1 (use -v to see invocation)",
        "make: Nothing to be done for 'all'.",
        "12:03:04 note: nothing",
        "http://example.org:80: error: teapot",
        "a.c: In function 'main':",
        "2 warnings generated.",
        "In file included from a.c:1:",
    ],
)
def test_nothing_is_invented(text: str) -> None:
    assert read(text.encode()) == []


def test_a_diagnostic_is_there_as_soon_as_its_line_is() -> None:
    parser = choose((), "/src")
    parser.feed("a.c:1:2: error: first\n")
    assert [diagnostic.message for diagnostic in parser.report.diagnostics] == ["first"]
    parser.feed("    1 | code\n      |  ^~~~\na.c:9:1: note: and here\n")
    (diagnostic,) = parser.report.diagnostics
    assert diagnostic.span.end_column == 6
    assert [note.message for note in diagnostic.related] == ["and here"]


def test_parallel_makes_that_take_turns_leave_the_directory_they_entered() -> None:
    found = read(
        b"make[1]: Entering directory '/src/a'\n"
        b"make[1]: Entering directory '/src/b'\n"
        b"make[1]: Leaving directory '/src/a'\n"
        b"x.c:1:1: error: in b\n"
        b"make[1]: Leaving directory '/src/b'\n"
        b"x.c:1:1: error: at the top\n"
    )
    assert [diagnostic.span.file for diagnostic in found] == ["/src/b/x.c", "/src/x.c"]


def test_other_languages_enter_and_leave_too() -> None:
    found = read(
        "make[1]: Verzeichnis „/src/a“ wird betreten\n"
        "make[1]: Betrete Verzeichnis '/src/b'\n"
        "x.c:1:1: error: in b\n"
        "make[1]: Verlasse Verzeichnis '/src/b'\n"
        "x.c:1:1: error: not in b\n".encode()
    )
    assert found[0].span.file == "/src/b/x.c"
    assert found[1].span.file != "/src/b/x.c"


def test_a_repeated_diagnostic_is_added_once() -> None:
    once = b"a.h:1:2: warning: w [-Wx]\na.h:3:1: note: n\n"
    (diagnostic,) = read(once + once + once)
    assert len(diagnostic.related) == 1
    assert diagnostic.severity is Severity.WARNING
