"""Checks the problem matchers that VS Code and its common extensions know by name."""

from __future__ import annotations

import pytest

from buildd.matchers import ProblemMatcher, make
from buildd.matchers.named import MATCHERS
from buildd.parsers.report import ParseResult
from tests.matchers.support import rows


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("msCompile", r"C:\a b\m.c(12,3): fatal error C1083: no file [x.vcxproj]",
         [r"C:\a b\m.c:12:3 error [C1083] no file [x.vcxproj]"]),
        ("mscompile", "  7>/src/m.c(12): warning C4996: old", ["/src/m.c:12 warning [C4996] old"]),
        ("msCompile", "/src/a.cs(1,2,3,4): error CS0103: x",
         ["/src/a.cs:1:2-3:4 error [CS0103] x"]),
        ("cpp", "/src/m.c(12): error C2065: x", ["/src/m.c:12 error [C2065] x"]),
        ("csc", "/src/m.cs(1,2): warning CS0168: x", ["/src/m.cs:1:2 warning [CS0168] x"]),
        ("vb", "/src/m.vb(1,2): error BC30451: x", ["/src/m.vb:1:2 error [BC30451] x"]),
        ("gulp-tsc", "a.ts(1,2): 2304 x", ["/src/a.ts:1:2 error [2304] x"]),
        ("tsc", "a.ts(1,2): error TS2304: x", ["/src/a.ts:1:2 error [2304] x"]),
        ("tsc", "src/a.ts:1:2 - warning TS6133: x", ["/src/src/a.ts:1:2 warning [6133] x"]),
        ("tsc-watch", ("[10:00:00 AM] Starting compilation in watch mode...\na.ts(1,2): error "
         "TS1: x\n[10:00:01 AM] Found 1 error. Watching for file changes."),
         ["/src/a.ts:1:2 error [1] x"]),
        ("lessCompile", "  bad in file /src/a.less line no. 3", ["/src/a.less:3 error bad"]),
        ("lessc", "ParseError: Unrecognised input in /src/a.less on line 3, column 4:",
         ["/src/a.less:3:4 error ParseError: Unrecognised input"]),
        ("jshint", "/src/a.js: line 1, col 2, Missing semicolon. (W033)",
         ["/src/a.js:1:2 warning [033] Missing semicolon."]),
        ("jshint", "/src/a.js: line 1, col 2, Missing semicolon.",
         ["/src/a.js:1:2 error Missing semicolon."]),
        ("jshint-stylish", ("/src/a.js\n  line 1  col 2  Missing semicolon.  (W033)\n"
         "  line 3  col 4  'x' is not defined.  (E117)"),
         ["/src/a.js:1:2 warning [033] Missing semicolon.",
          "/src/a.js:3:4 error [117] 'x' is not defined."]),
        ("eslint-compact", "/src/a.js: line 1, col 2, Error - no x. (no-x)",
         ["/src/a.js:1:2 error [no-x] no x."]),
        ("eslint-stylish", ("/src/a.js\n  1:2   error    'x' is  not used  no-unused-vars\n"
         "  3:4   warning  y\n\n/src/b.js\n  5:6  error  z  r"),
         ["/src/a.js:1:2 error [no-unused-vars] 'x' is  not used",
          "/src/a.js:3:4 warning y", "/src/b.js:5:6 error [r] z"]),
        ("go", "./a.go:1:2: undefined: x", ["/src/a.go:1:2 error undefined: x"]),
        ("go", "vet: ./a.go:1: bad", ["/src/a.go:1 error bad"]),
        ("gcc", "a.c:1:2: fatal error: x", ["/src/a.c:1:2 error x"]),
        ("gcc", "a.c:1: warning: x", ["/src/a.c:1 warning x"]),
        ("rustc", "error[E0425]: no x\n --> src/a.rs:1:2\n  |",
         ["/src/src/a.rs:1:2 error [E0425] no x"]),
        ("cargo", "warning: unused\n  --> src/a.rs:1:2", ["/src/src/a.rs:1:2 warning unused"]),
        ("rustc-watch", "[Running 'cargo']\nwarning: unused\n  --> a.rs:1:2\n[Finished running",
         ["/src/a.rs:1:2 warning unused"]),
        ("rust-panic", "thread 'main' panicked at src/a.rs:1:2:\nno way",
         ["/src/src/a.rs:1:2 error no way"]),
        ("node-sass", ('{\n  "status": 1,\n  "file": "/src/a.scss",\n  "line": 3,\n  "column": 4,\n'
         '  "message": "bad",\n  "formatted": "Error: bad"\n}'), ["/src/a.scss:3:4 error bad"]),
        ("esbuild", '✘ [ERROR] Could not resolve "x"\n\n    a.js:1:7:\n      1 │ import "x"',
         ['/src/a.js:1:7 error Could not resolve "x"']),
        ("esbuild-watch", "▲ [WARNING] x\n\n    a.js:1:7:\n", ["/src/a.js:1:7 warning x"]),
    ],
)  # fmt: skip
def test_a_named_matcher(name: str, text: str, expected: list[str]) -> None:
    assert rows(f"${name}", text) == expected


def test_every_name_can_be_made_and_has_a_source() -> None:
    for name in MATCHERS:
        matcher = make(f"${name}")(ParseResult("/src"))
        assert isinstance(matcher, ProblemMatcher)
        assert matcher.definition.source
