"""Checks matchers within a log: they see every line, go first, and cannot hold it up."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from typing import Any

import pytest
import regex

from buildd.matchers import Matcher, base, make
from buildd.parsers import kinds
from buildd.parsers.log import Log
from buildd.parsers.report import ParseResult
from tests.matchers import captured
from tests.matchers.support import log, row

EFM = "%EMINE %f:%l: %m,%C    %m,%-G%.%#"
OWN = {"owner": "own", "pattern": {"regexp": r"^(.*):(\d+):(\d+): note: (.*)", "message": 4}}


def found(whole: Log) -> list[str]:
    return [f"{diagnostic.source}: {row(diagnostic)}" for diagnostic in whole.report.diagnostics]


def test_a_matcher_is_offered_lines_that_hold_no_hint() -> None:
    assert found(log([EFM], "x\nMINE a.c:1: one\n    two\ny", kinds=kinds(("gcc",)))) == [
        "errorformat: /src/a.c:1 error one\ntwo"
    ]


def test_a_matcher_goes_first_and_leaves_other_lines_to_parsers() -> None:
    text = "a.c:1:2: error: x\nb.c:1:2: error: y\n"
    assert found(log(["b%.%#:%l:%c: %m"], text, kinds=kinds(("gcc",)))) == [
        "gcc: /src/a.c:1:2 error x",
        "errorformat: nowhere error error: y",
    ]


def test_parsers_may_read_what_a_matcher_ignores() -> None:
    assert found(log(["%-G%.%#"], "a.c:1:2: error: x", kinds=kinds(("gcc",)))) == [
        "gcc: /src/a.c:1:2 error x"
    ]


def test_the_first_of_several_matchers_takes_a_line() -> None:
    text = "a.c:1:2: note: x"
    assert found(log([OWN, "%f:%l:%c: %m"], text)) == ["own: /src/a.c:1:2 error x"]
    assert found(log(["%f:%l:%c: %m", OWN], text)) == ["errorformat: /src/a.c:1:2 error note: x"]


def test_a_definition_serves_many_logs() -> None:
    matcher = make(EFM)
    for _ in range(2):
        whole = Log((), "/src", [matcher])
        whole.feed("MINE a.c:1: one\n")
        whole.finish()
        assert found(whole) == ["errorformat: /src/a.c:1 error one"]


@pytest.mark.parametrize("name", captured.names())
def test_the_result_does_not_depend_on_where_the_output_is_cut(name: str) -> None:
    lines = captured.text(name, "log").splitlines(keepends=True)
    chance = random.Random(name)
    whole = log([captured.efm(name)], "".join(lines))
    pieces = Log((), "/src", [make(captured.efm(name))])
    while lines:
        count = chance.randrange(1, 5)
        pieces.feed("".join(lines[:count]).removesuffix("\n") + "\n")
        del lines[:count]
    pieces.finish()
    assert found(pieces) == found(whole)


@pytest.mark.parametrize(
    "definition",
    [
        r"%\(a%\|aa%\)%\+",
        {"pattern": {"regexp": "^(a|aa)+$", "kind": "file"}},
    ],
)
def test_a_pattern_that_takes_too_long_is_given_up(definition: str) -> None:
    matcher = make(definition)(ParseResult("/src"))
    assert isinstance(matcher, Matcher)
    for _ in range(100):
        assert not matcher.begin("a" * 60 + "!")
    assert matcher.is_given_up


def test_only_the_beginning_of_a_long_line_is_looked_at() -> None:
    whole = log(["%f:%l: %m"], f"a.c:1: {'x' * 10_000}")
    assert len(whole.report.diagnostics[0].message) == 2000 - len("a.c:1: ")


def test_any_text_is_read_without_an_exception() -> None:
    chance = random.Random(7)
    texts = [captured.text(name, "log") for name in captured.names()]
    definitions = [captured.efm(name) for name in captured.names()]
    noise = ["\0", "\n", ":", "^", "(", "99999999999999999999", "٣", "\u2028", "漢", "\t"]
    for _ in range(300):
        text = list(chance.choice(texts)[:2000] + chance.choice(texts)[:2000])
        for _ in range(40):
            text[chance.randrange(len(text))] = chance.choice(noise)
        definition = chance.choice(definitions)
        found = log([definition, "$gcc", "$eslint-stylish"], "".join(text))
        for diagnostic in found.report.diagnostics:
            assert diagnostic.span.line >= 1
            assert diagnostic.span.column is None or diagnostic.span.column >= 1


SLOW = r"(.+)+\d$"
"""Tries every way to cut a line into pieces."""


@pytest.mark.parametrize(
    "definition",
    [
        {"pattern": {"regexp": f"^(a):(1):{SLOW}", "file": 1, "line": 2, "message": 3}},
        {
            "pattern": {"regexp": "^(.*):(.*):(.*)$", "file": 1, "line": 2, "message": 3},
            "background": {"beginsPattern": SLOW, "endsPattern": "^end$"},
        },
        r"%f:%l:%m\\d",
    ],
)
def test_a_slow_pattern_is_given_up_and_named(
    definition: str | Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slow it is, and also if each line alone is within the time for a line."""
    if isinstance(definition, str):
        monkeypatch.setattr(base, "LINE_PATIENCE", -base.PATIENCE)
    read = Log([], "/src", [make(definition)])
    searched = 0
    search = Matcher.search

    def counted(self: Matcher, pattern: Any, line: str) -> Any:
        nonlocal searched
        searched += not self.is_given_up
        return search(self, pattern, line)

    monkeypatch.setattr(Matcher, "search", counted)
    read.feed(f"a:1:{'x' * 1900}!\n" * 1000)
    read.finish()
    assert searched < 100
    said = [each for each in read.report.diagnostics if "takes too long" in each.message]
    assert [each.span.file for each in said] == [""]


def test_a_slow_pattern_lets_other_threads_run() -> None:
    pattern = regex.compile(SLOW)
    matcher = Matcher(ParseResult("/src"))
    turns = 0
    is_over = threading.Event()

    def count() -> None:
        nonlocal turns
        while not is_over.is_set():
            turns += 1

    other = threading.Thread(target=count)
    other.start()
    matcher.search(pattern, "x" * 2000)
    seen = turns
    is_over.set()
    other.join()
    assert seen > 1000


def test_ordinary_patterns_are_never_given_up() -> None:
    read = Log([], "/src", [make("$tsc"), make("%f:%l:%c: %m"), make("$gcc")])
    read.feed("a line that says nothing of interest: really not, 1:2: or so\n" * 50_000)
    assert not read.report.diagnostics
