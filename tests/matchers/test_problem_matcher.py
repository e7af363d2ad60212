"""Checks VS Code's problem matchers: a row for each rule of its documentation and its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from buildd.matchers import MatcherError, ProblemMatcher, make
from buildd.model import ColumnUnit
from buildd.parsers.report import ParseResult
from tests.matchers.support import log, row, rows

FIVE = {"file": 1, "line": 2, "column": 3, "severity": 4, "message": 5}
GCC = {"regexp": r"^(.*):(\d+):(\d+):\s+(warning|error):\s+(.*)$", **FIVE}
AT = {"regexp": r"^(.*)\(([\d,]+)\): (.*)$", "file": 1, "location": 2, "message": 3}
STYLISH = [
    {"regexp": r"^([^\s].*)$", "file": 1},
    {
        "regexp": r"^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.*)\s\s+(.*)$",
        "line": 1,
        "column": 2,
        "severity": 3,
        "message": 4,
        "code": 5,
        "loop": True,
    },
]


def of(pattern: Any, **fields: Any) -> dict[str, Any]:
    return {"owner": "test", "pattern": pattern, **fields}


@pytest.mark.parametrize(
    ("definition", "text", "expected"),
    [
        # The documentation's own examples.
        (
            of(GCC, fileLocation=["relative", "${workspaceFolder}"]),
            "helloWorld.c:5:3: warning: implicit declaration of function 'prinft'",
            ["/src/helloWorld.c:5:3 warning implicit declaration of function 'prinft'"],
        ),
        (
            of(STYLISH),
            ("test.js\n  1:0   error  Missing \"use strict\" statement                 strict\n"
            "  1:9   error  foo is defined but never used                  no-unused-vars\n"
            "✖ 2 problems (2 errors, 0 warnings)\n"
            "b.js\n  3:4  warning  other  rule"),
            [
                '/src/test.js:1 error [strict] Missing "use strict" statement',
                "/src/test.js:1:9 error [no-unused-vars] foo is defined but never used",
                "/src/b.js:3:4 warning [rule] other",
            ],
        ),
        # What a single pattern may leave out.
        (of({"regexp": r"(.*):(\d+):(\d+)"}), "a:1:2", ["/src/a:1:2 error a:1:2"]),
        (of({"regexp": r"(.*):(\d+)"}), "a:1", ["/src/a:1 error a:1"]),
        (of({"regexp": r"(.*):(\d+):(.*)", "message": 3}), "a:1:7 x", ["/src/a:1 error 7 x"]),
        (of({"regexp": r"(.*)@([\d,]+)", "location": 2}), "a@1,2", ["/src/a:1:2 error a@1,2"]),
        (of({"regexp": r"bad: (.*)", "kind": "file"}), "bad: a", ["/src/a:1 error bad: a"]),
        # Locations.
        (of(AT), "a(1): x", ["/src/a:1 error x"]),
        (of(AT), "a(1,2): x", ["/src/a:1:2 error x"]),
        (of(AT), "a(1,2,3): x", ["/src/a:1:2 error x"]),
        (of(AT), "a(1,2,3,4): x", ["/src/a:1:2-3:4 error x"]),
        (of(AT), "a(,): x", []),
        (
            of({"regexp": r"(\S+) (\d+) (\d+) (\d+) (\d+) (.*)", "endLine": 4, "endColumn": 5,
                "message": 6}),
            "a 1 2 3 4 x",
            ["/src/a:1:2-3:4 error x"],
        ),
        (
            of({"regexp": r"(\S+) (\d+) (\d+) (\d+) (.*)", "endColumn": 4, "message": 5}),
            "a 1 2 4 x",
            ["/src/a:1:2-1:4 error x"],
        ),
        (of({"regexp": r"(\S*)!(\d*)!(.*)", "message": 3}), "a!!x", []),
        # Severities.
        (of(GCC, severity="warning"), "a:1:2: error: x", ["/src/a:1:2 error x"]),
        (of({"regexp": r"(.*):(\d+)"}, severity="info"), "a:1", ["/src/a:1 information a:1"]),
        *(
            (of({"regexp": r"(\w*):(\d*):(\w*)", "severity": 3}, severity="info"), f"a:1:{told}",
             [f"/src/a:1 {severity} a:1:{told}"])
            for told, severity in [
                ("ERROR", "error"), ("Warn", "warning"), ("Info", "information"), ("E", "error"),
                ("W", "warning"), ("I", "information"), ("Hint", "information"),
                ("note", "information"), ("e", "information"), ("what", "information"),
            ]
        ),
        # Fields are trimmed; empty ones are missing.
        (of({"regexp": r"(.*):(\d+):(.*):(.*)", "code": 3, "message": 4}), " a :1: c : m ",
         ["/src/a:1 error [c] m"]),
        (of(GCC), "a:1:2: error: ", []),
        # Several consecutive lines must match; messages grow, the first of other fields counts.
        (
            of([{"regexp": "^E (.*)", "message": 1}, {"regexp": r"^at (.*):(\d+)", "file": 1,
                "line": 2}, {"regexp": "^why (.*)", "message": 1}]),
            "E one\nat a:1\nwhy two\nE one\n\nat b:2\nwhy three",
            ["/src/a:1 error one\ntwo"],
        ),
        (
            of([{"regexp": "^E (.*)", "message": 1}, {"regexp": r"^at (.*):(\d+)", "file": 1,
                "line": 2}]),
            "E one\nE two\nat a:1",
            ["/src/a:1 error two"],
        ),
        (of([GCC]), "a:1:2: error: x", ["/src/a:1:2 error x"]),
        (
            of([{"regexp": "^F (.*)", "file": 1, "kind": "file"},
                {"regexp": "^- (.*)", "message": 1, "loop": True}]),
            "F a\n- one\n- two\nend\n- three",
            ["/src/a:1 error one", "/src/a:1 error two"],
        ),
        # Named patterns, and a base.
        (of("$tsc"), "a.ts(1,2): error TS2304: x", ["/src/a.ts:1:2 error [2304] x"]),
        (
            {"base": "$tsc", "severity": "info", "source": "mine"},
            "a.ts(1,2): error TS2304: x",
            ["/src/a.ts:1:2 error [2304] x"],
        ),
        ({"base": "$go", "severity": "info"}, "a.go:1:2: x", ["/src/a.go:1:2 information x"]),
        ({"base": "$go", "pattern": GCC}, "a:1:2: warning: x", ["/src/a:1:2 warning x"]),
    ],
)  # fmt: skip
def test_a_rule(definition: Mapping[str, Any], text: str, expected: list[str]) -> None:
    assert rows(definition, text) == expected


@pytest.mark.parametrize(
    ("location", "file", "expected"),
    [
        ("relative", "sub/a.c", "/project/sub/a.c"),
        ("relative", "/abs/a.c", "/abs/a.c"),
        ("Relative", "a.c", "/project/a.c"),
        ("absolute", "/abs/a.c", "/abs/a.c"),
        ("absolute", "a.c", "/src/a.c"),
        (["absolute"], "/abs/a.c", "/abs/a.c"),
        (["relative"], "a.c", "/project/a.c"),
        (["relative", "${workspaceFolder}/lib"], "a.c", "/project/lib/a.c"),
        (["relative", "${workspaceRoot}"], "a.c", "/project/a.c"),
        (["relative", "${cwd}"], "a.c", "/src/a.c"),
        (["relative", "/else"], "a.c", "/else/a.c"),
        (["relative", "lib"], "a.c", "/src/lib/a.c"),
        ("autoDetect", "a.c", "/project/a.c"),
        ("autodetect", "/abs/a.c", "/abs/a.c"),
        (["autoDetect", "${cwd}"], "a.c", "/src/a.c"),
        ("search", "a.c", "/project/a.c"),
        (["search", {"include": ["one", "two"]}], "a.c", "/src/one/a.c"),
        (["search", {"include": "${workspaceFolder}/one"}], "a.c", "/project/one/a.c"),
    ],
)
def test_the_place_of_a_file(location: Any, file: str, expected: str) -> None:
    definition = of(GCC, fileLocation=location)
    found = log([definition], f"{file}:1:1: error: x", folder="/project")
    assert [diagnostic.span.file for diagnostic in found.report.diagnostics] == [expected]


@pytest.mark.parametrize(
    ("location", "file", "expected"),
    [
        ("autoDetect", "a.c", "/project/a.c"),
        ("autoDetect", "/in.c", "/project/in.c"),
        ("autoDetect", "/abs.c", "/abs.c"),
        ("relative", "here.c", "/src/here.c"),
        (["search", {"include": ["one", "${workspaceFolder}/two"]}], "b.c", "/project/two/b.c"),
        (["search", {"include": ["one"]}], "none.c", "/src/one/none.c"),
    ],
)
def test_the_place_of_a_file_that_can_be_checked(location: Any, file: str, expected: str) -> None:
    there = {"/project/a.c", "/project/in.c", "/project/two/b.c", "/src/here.c"}
    definition = of(GCC, fileLocation=location)
    found = log([definition], f"{file}:1:1: error: x", folder="/project", exists=there.__contains__)
    assert [diagnostic.span.file for diagnostic in found.report.diagnostics] == [expected]


def test_a_directory_that_make_enters_counts() -> None:
    text = "make: Entering directory '/src/sub'\na.c:1:2: error: x"
    assert rows(of(GCC), text) == ["/src/sub/a.c:1:2 error x"]


def test_a_new_cycle_voids_earlier_diagnostics() -> None:
    definition = of(
        GCC, background={"activeOnStart": True, "beginsPattern": "^begin", "endsPattern": "^end"}
    )
    report = ParseResult("/src")
    matcher = make(definition)(report)
    assert isinstance(matcher, ProblemMatcher)
    assert (matcher.is_active, matcher.cycle) == (True, 1)
    for line in ("begin", "a:1:2: error: x", "end"):
        matcher.begin(line)
    assert (matcher.is_active, matcher.cycle, report.since) == (False, 1, 0)
    for line in ("begin again", "a:1:2: error: x", "b:1:2: error: x"):
        matcher.begin(line)
    assert (matcher.is_active, matcher.cycle, report.since) == (True, 2, 1)
    assert list(map(row, report.diagnostics[report.since :])) == [
        "/src/a:1:2 error x",
        "/src/b:1:2 error x",
    ]


@pytest.mark.parametrize(
    "background",
    [
        {"background": {"beginsPattern": {"regexp": "^begin"}, "endsPattern": {"regexp": "^end"}}},
        {"watching": {"beginsPattern": "^begin", "endsPattern": "^end"}},
        {"watchedTaskBeginsRegExp": "^begin", "watchedTaskEndsRegExp": "^end"},
    ],
)
def test_forms_of_a_background(background: dict[str, Any]) -> None:
    matcher = make(of(GCC, **background))(ParseResult("/src"))
    assert isinstance(matcher, ProblemMatcher)
    states = []
    for line in ("x", "begin", "end"):
        matcher.begin(line)
        states.append((matcher.is_active, matcher.cycle))
    assert states == [(False, 0), (True, 1), (False, 1)]


@pytest.mark.parametrize(
    ("definition", "source", "unit"),
    [
        (of(GCC), "test", ColumnUnit.UTF16),
        (of(GCC, source="lint"), "lint", ColumnUnit.UTF16),
        ({"pattern": GCC}, "matcher", ColumnUnit.UTF16),
        ({"pattern": GCC, "name": "named"}, "named", ColumnUnit.UTF16),
        (of(GCC, columnUnit="byte"), "test", ColumnUnit.BYTE),
        ("$gcc", "gcc", ColumnUnit.BYTE),
        ({"base": "$rustc", "source": "x", "pattern": GCC}, "x", ColumnUnit.CODE_POINT),
    ],
)
def test_source_and_unit(definition: Any, source: str, unit: ColumnUnit) -> None:
    (diagnostic,) = log([definition], "a:1:2: error: x").report.diagnostics
    assert (diagnostic.source, diagnostic.span.unit) == (source, unit)


@pytest.mark.parametrize(
    ("definition", "why", "remedy"),
    [
        ("$gccc", "there is none of the name `$gccc`", "Did you mean `$gcc`?"),
        ("$zzzzz", "there is none of the name", "Known: $"),
        ({}, "`pattern` is missing", '`base` as "$gcc"'),
        ({"base": "gcc"}, "`gcc` is no name", "`$gcc`"),
        ({"base": "$none"}, "there is none of the name `$none`", "Known"),
        (of("$none"), "pattern: there is none of the name `$none`", "Known"),
        ({"patern": GCC}, "`patern` is not known", "Did you mean `pattern`?"),
        (of([]), "`pattern` is empty", "regexp"),
        (of({"file": 1}), "`regexp` is missing", "regular expression"),
        (of({"regexp": "("}), "`regexp`: `(`: a `(` is not closed", "RegExp"),
        (of({**GCC, "file": 9}), "`file` is 9, but the regexp has 5 groups", "number of a group"),
        (of({**GCC, "file": "1"}), "`file` is '1'", "number of a group"),
        (of({**GCC, "colum": 3}), "`colum` is not known", "column"),
        (of({**GCC, "kind": "place"}), "`kind` is neither", "Choose"),
        (of({**GCC, "loop": 1}), "`loop` is neither", "Choose"),
        (of([STYLISH[1], STYLISH[0]]), "pattern 1: `loop` is of use in the last", "Move it"),
        (of([GCC, {**GCC, "kind": "file"}]), "pattern 2: `kind` belongs into the first", "Move"),
        (of([{"regexp": "a"}]), "no pattern tells both `file` and `message`", "group"),
        (of({"regexp": "(a)"}), "no pattern tells `line` or `location`", '"kind": "file"'),
        (of(GCC, severity="bad"), "`severity` is 'bad'", "error, warning or info"),
        (of(GCC, owner=1), "`owner` is no text", "quotes"),
        (of(GCC, columnUnit="inch"), "`columnUnit` is 'inch'", "byte"),
        (of(GCC, fileLocation="here"), "`fileLocation` is not understood", "autoDetect"),
        (of(GCC, fileLocation=["absolute", "x"]), "`fileLocation` is not understood", "autoDetect"),
        (of(GCC, fileLocation=["relative", 1]), "`fileLocation` is not understood", "autoDetect"),
        (of(GCC, fileLocation=[]), "`fileLocation` is not understood", "autoDetect"),
        (of(GCC, fileLocation=["search", 1]), "`fileLocation` is not understood", "autoDetect"),
        (of(GCC, fileLocation=["relative", "${file}"]), "holds `${file}`", "${cwd}"),
        (of(GCC, background={"beginsPattern": "a"}), "no `endsPattern`", "both"),
        (of(GCC, background=1), "`background` is no object", "beginsPattern"),
        (of(GCC, name="mine", severity=1), "problem matcher `mine`", "error"),
    ],
)
def test_an_invalid_matcher_is_refused(definition: Any, why: str, remedy: str) -> None:
    with pytest.raises(MatcherError) as raised:
        make(definition)
    assert why in raised.value.message
    assert remedy in raised.value.remedy
