"""Checks which diagnostics the entries of a quickfix list become."""

from __future__ import annotations

import pytest

from buildd.matchers import MatcherError, make
from buildd.model import ColumnUnit
from tests.matchers.support import log, row, rows


@pytest.mark.parametrize(
    ("efm", "text", "expected"),
    [
        ("%f:%l:%c: %m", "a.c:3:4: oops", ["/src/a.c:3:4 error oops"]),
        ("%f:%l: %m", "/x/a.c:3: oops", ["/x/a.c:3 error oops"]),
        ("%f:%l: %m", "nothing of the kind", []),
        # Types, in upper or lower case; other letters that tools use.
        ("%f:%l:%t:%m", "a.c:1:W:x", ["/src/a.c:1 warning x"]),
        ("%f:%l:%t:%m", "a.c:1:e:x", ["/src/a.c:1 error x"]),
        ("%f:%l:%t:%m", "a.c:1:i:x", ["/src/a.c:1 information x"]),
        ("%f:%l:%t:%m", "a.c:1:N:x", ["/src/a.c:1 hint x"]),
        ("%f:%l:%t:%m", "a.c:1:C:x", ["/src/a.c:1 information x"]),
        ("%f:%l:%t:%m", "a.c:1:F:x", ["/src/a.c:1 error x"]),
        ("%W%f:%l:%m", "a.c:1:x", ["/src/a.c:1 warning x"]),
        ("%I%f:%l:%m", "a.c:1:x", ["/src/a.c:1 information x"]),
        ("%N%f:%l:%m", "a.c:1:x", ["/src/a.c:1 hint x"]),
        # Numbers; ends are exclusive.
        ("%f:%l:%c-%e:%k %n %m", "a.c:1:2-3:4 012 x", ["/src/a.c:1:2-3:4 error [012] x"]),
        ("%f:%l:%c-%e:%k %n %m", "a.c:1:0-0:0 0 x", ["/src/a.c:1 error x"]),
        ("%f:%l:%m", "a.c:99999999999999999999:x", ["/src/a.c:1 error x"]),
        # Without a message it is the line; without a file there is no place.
        ("%f:%l", "a.c:3", ["/src/a.c:3 error a.c:3"]),
        ("E: %m", "E: linking failed", ["nowhere error linking failed"]),
        ("%o: %m", "my.module: failed", ["nowhere error my.module: failed"]),
        ("%o:%f:%l:%m", "my.module:a.c:3:failed", ["/src/a.c:3 error failed"]),
        ("%f:%s", "a.c:int x;", ["/src/a.c:1 error a.c:int x;"]),
        # General messages are no diagnostics, unless they name a file.
        ("%+Gmake: %m", "make: all is well", []),
        ("%Gcheck %f: %m", "check a.c: bad", ["/src/a.c:1 error bad"]),
        ("%-G%f:%l: note%m,%f:%l: %m", "a.c:1: note: x\na.c:1: x", ["/src/a.c:1 error x"]),
        # Several lines.
        (
            "%A%f:%l: %m,%-Z%p^,%-C%.%#",
            "A.java:5: no symbol\n  x + y\n  ^\nA.java:5: no symbol\n  x + y\n      ^",
            ["/src/A.java:5:3 error no symbol", "/src/A.java:5:7 error no symbol"],
        ),
        (
            "%A%f:%l: %m,%-Z%p^,%-C%.%#",
            "A.java:5: no symbol\n  x + y\n  ^\n" * 3,
            ["/src/A.java:5:3 error no symbol"],
        ),
        (
            "%Eerror: %m,%C --> %f:%l:%c,%C %m",
            "error: twice\n --> a.rs:1:2\n help\nerror: twice\n --> b.rs:3:4\n\nerror: cargo",
            [
                "/src/a.rs:1:2 error twice\nhelp",
                "/src/b.rs:3:4 error twice",
                "nowhere error cargo",
            ],
        ),
        ("%E%f:%l: %m,%-C+%.%#", "a.c:1: x\n+ y\n+ z", ["/src/a.c:1 error x"]),
        # Directories: named by the format, or by make.
        ("%DIn %f,%XOut,%f:%l:%m", "In sub\na.c:1:x\nOut\na.c:2:x",
         ["/src/sub/a.c:1 error x", "/src/a.c:2 error x"]),
        ("%f:%l:%m", "make: Entering directory '/src/sub'\na.c:1:x", ["/src/sub/a.c:1 error x"]),
        ("%DIn %f,%f:%l:%m", "make: Entering directory '/src/sub'\nIn sub\na.c:1:x",
         ["/src/sub/a.c:1 error x"]),
        # Files: names that look like files, because no one can check.
        ("%+P[%f],%l:%m,%-Q", "[a.tt]\n3:x\n[none]\n4:x", ["/src/a.tt:3 error x"] * 1
         + ["/src/a.tt:4 error x"]),
        # Upper and lower case do not matter, unless the format says so.
        ("ERROR %f:%l:%m", "error a.c:1:x", ["/src/a.c:1 error x"]),
        (r"%\CERROR %f:%l:%m", "error a.c:1:x", []),
    ],
)  # fmt: skip
def test_an_entry_becomes_a_diagnostic(efm: str, text: str, expected: list[str]) -> None:
    assert rows(efm, text) == expected


@pytest.mark.parametrize(
    ("efm", "unit"),
    [
        ("%f:%l:%c:%m", ColumnUnit.BYTE),
        ("%f:%l:%v:%m", ColumnUnit.DISPLAY),
        ("%f:%l:%p:%m", ColumnUnit.DISPLAY),
    ],
)
def test_what_a_column_counts(efm: str, unit: ColumnUnit) -> None:
    text = "a.c:1:  :x" if "%p" in efm else "a.c:1:3:x"
    (diagnostic,) = log([efm], text).report.diagnostics
    assert (diagnostic.span.column, diagnostic.span.unit) == (3, unit)


def test_what_exists_decides_where_a_file_is() -> None:
    efm = "%DMaking all in %f,%f:%l:%m"
    text = "Making all in one\na.c:1:x\nMaking all in two\na.c:2:x\nb.c:3:x\nc.c:4:x"
    there = {"one", "one/a.c", "two", "two/a.c", "one/b.c", "two/b.c"}
    assert rows(efm, text, exists=there.__contains__) == [
        "/src/one/a.c:1 error x",
        "/src/two/a.c:2 error x",
        "/src/two/b.c:3 error x",
        "/src/c.c:4 error x",
    ]


def test_the_lines_of_a_diagnostic_are_kept() -> None:
    found = log(["%E%f:%l:,%C %m,%-G%.%#"], "a.c:1:\n one\n two\n\nb.c:2:").report.diagnostics
    assert [diagnostic.rendered for diagnostic in found] == ["a.c:1:\n one\n two", ""]


def test_a_diagnostic_is_reported_as_soon_as_it_has_a_place() -> None:
    matcher = make("%E%f:%l: %m,%C %m")
    from buildd.parsers.report import ParseResult

    report = ParseResult("/src")
    parser = matcher(report)
    assert parser.begin("a.c:1: one")
    assert list(map(row, report.diagnostics)) == ["/src/a.c:1 error one"]
    assert parser.begin(" two")
    assert list(map(row, report.diagnostics)) == ["/src/a.c:1 error one\ntwo"]


@pytest.mark.parametrize(
    ("efm", "why"),
    [
        ("", "it is empty"),
        ("%f:%f", "`%f` stands there twice"),
        ("%D%f:%l", "`%l` cannot be found by `%D`"),
        ("%P%m", "`%m` cannot be found by `%P`"),
        ("%f%r", "`%r` is the rest of a line"),
        ("%*[a-z", "a `]` is missing"),
        ("%*d", "`%*d` is not known"),
        ("%Yfoo", "`%Y` is no prefix"),
        ("%-f", "`%-f` is no prefix"),
        ("%", "`%` is no prefix"),
        ("foo%E", "`%E` has no meaning here"),
        ("foo%", "`%` has no meaning here"),
        (r"%\(%m", r"without its `\)`"),
        (r"%m%\%%q", r"holds `\%q`"),
        ("%~", "last substitution"),
        (r"%\@x", "nothing to repeat"),
        ("a%#%#", "nothing to repeat"),
        (r"a%\@x", r"holds `\@x`"),
        (r"a%\)", r"no `\(`"),
        (r"%\z(x%\)", "syntax files"),
        (r"a%\{x}", "wrong count"),
        (r"%\1", "not there"),
        (r"%\_q", r"holds `\_q`"),
    ],
)
def test_an_invalid_errorformat_is_refused(efm: str, why: str) -> None:
    with pytest.raises(MatcherError, match=r"^errorformat") as raised:
        make(efm)
    assert why in raised.value.message
    assert raised.value.remedy


def test_an_error_names_the_part() -> None:
    with pytest.raises(MatcherError, match="`%f:%f`"):
        make("%f:%l:%m,%f:%f,%m")


@pytest.mark.parametrize("format_", ["%P%r", "%O%.%#%r", "%Q%r,%P%f%r"])
def test_a_rest_that_is_all_of_the_line_is_read_once(format_: str) -> None:
    """Vim itself loops for ever."""
    assert rows(format_, "a.c b\n\n  c") == []
