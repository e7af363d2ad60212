"""Checks that what build systems and log collectors print before a tool's lines is removed."""

from __future__ import annotations

import pytest

from buildd.model.diagnostics import Diagnostic
from tests.parsers import captured

GCC = [
    "a.c:3:7: error: expected ';' before 'x'",
    "    3 |   int x;",
    "      |       ^",
    "a.c:1:1: note: here",
]
RUST = [
    "error[E0308]: mismatched types",
    " --> src/main.rs:3:18",
    "  |",
    '3 |     let x: i32 = "a";',
    "  |            ---   ^^^ expected `i32`, found `&str`",
    "",
]
JAVAC = ["A.java:3: error: cannot find symbol", "  x = 1;", "  ^", "  symbol: variable x"]


def places(diagnostics: list[Diagnostic]) -> list[tuple[object, ...]]:
    """Returns the file, line, column and severity of each diagnostic."""
    return [
        (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column, diagnostic.severity)
        for diagnostic in diagnostics
    ]


@pytest.mark.parametrize(
    "prefix",
    [
        "    [javac] ",
        "     [exec] ",
        "[1/20] ",
        "[ 12%] ",
        "12:03:04 ",
        "[12:03:04] ",
        "12:03:04.567 ",
        "2026-01-02T12:03:04.5678901Z ",
        "2026-01-02 12:03:04,567 ",
        "[2026-01-02T12:03:04Z] ",
        "2026-01-02T12:03:04+01:00 ",
        "#12 0.345 ",
        "web_1  | ",
        "web-1 | ",
        "12:03:04 web.1  | ",
        "##[error]",
        "2026-01-02T12:03:04.5678901Z ##[error]",
        "web:build: ",
        "packages/a build: ",
        "build (ubuntu-24.04)\tRun make\t2026-01-02T12:03:04.5678901Z ",
        "2026-01-02T12:03:04.567890Z 01O ",
        "2026-01-02T12:03:04.567+0000 [ERROR] [system.err] ",
        "2026-01-02T12:03:04.567890123Z stderr F ",
        "2026-01-02 12:03:04.567890 | debian-bookworm | ",
        "(12:03:04) ",
        "[12:03:04][Step 1/2] ",
        "[12:03:04]W:\t [Step 1/2] ",
        "[12:03:04] :\t [Step 1/2] ",
        "Jan  2 12:03:04 ",
        "Jan  2 12:03:04 host make[123]: ",
        "\x1b_bk;t=1767355384567\x07",
        "C/C++: ",
        "[  +12 ms] ",
        "[        ] ",
        "       > ",
        "npm ERR! ",
        "npm error ",
        "[1] ",
        "[@scope/web]: ",
        "➤ YN0000: │ [@scope/web]: ",
        "cargo:warning=",
        "warning: zstd-sys@2.0.1+zstd.1.5.2: ",
        "        +build | ",
        "./lib+test *failed* | ",
    ],
)
@pytest.mark.parametrize("lines", [GCC, RUST, JAVAC], ids=["gcc", "rustc", "javac"])
def test_a_prefix_changes_nothing(prefix: str, lines: list[str]) -> None:
    plain = captured.read("\n".join(lines).encode()).diagnostics
    assert plain
    behind = captured.read("".join(f"{prefix}{line}\n" for line in lines).encode()).diagnostics
    assert places(behind) == places(plain)


@pytest.mark.parametrize("prefix", ["│ ", "| ", "zlib> ", "[ERROR]    "])
def test_a_frame_before_a_place_is_removed(prefix: str) -> None:
    log = "".join(f"{prefix}{line}\n" for line in GCC)
    (found,) = captured.read(log.encode()).diagnostics
    assert (found.span.file, found.span.line, found.span.column) == ("/src/a.c", 3, 7)


@pytest.mark.parametrize("prefix", ["@scope/name: ", "name: ", "[build] "])
def test_a_possible_prefix_is_removed_if_no_parser_knows_the_line(prefix: str) -> None:
    (found,) = captured.read(f"{prefix}{GCC[0]}\n".encode()).diagnostics
    assert (found.span.file, found.span.line) == ("/src/a.c", 3)


def test_a_parallel_build_of_three_languages_in_one_log() -> None:
    log = b"".join(
        captured.log(name)[:4000].rpartition(b"\n")[0] + b"\n"
        for name in ("gcc/gcc-plain", "tsc/plain", "mypy/columns", "gcc/clean")
    )
    found = captured.read(log).diagnostics
    assert {diagnostic.source for diagnostic in found} == {"gcc", "tsc", "mypy"}


def test_windows_line_ends_colours_hyperlinks_and_progress() -> None:
    log = (
        b"[1/2] Compiling a.c\r[2/2] Compiling b.c\r\n"
        b"\x1b[1ma.c:3:7:\x1b[0m \x1b[1;31merror: \x1b[0mbroken "
        b"[\x1b]8;;https://gcc.gnu.org/x\x1b\\-Wfoo\x1b]8;;\x1b\\]\r\n"
        b"C:\\work\\b.c:4:1: warning: other\r\n"
    )
    found = captured.read(log).diagnostics
    assert [
        (diagnostic.span.file, diagnostic.span.line, diagnostic.code) for diagnostic in found
    ] == [
        ("/src/a.c", 3, "-Wfoo"),
        ("C:\\work\\b.c", 4, ""),
    ]
