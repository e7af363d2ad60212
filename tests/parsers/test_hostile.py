"""Feeds output that no tool prints: no parser raises, none hangs, and memory stays bounded."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildd.parsers import choose, kinds
from buildd.parsers.base import Parser
from buildd.parsers.log import LINE_LIMIT
from buildd.parsers.registry import PARSERS
from buildd.parsers.report import LIMIT
from tests.parsers import captured

_HINTS = sorted({hint.strip("\n") for kind in kinds() for hint in kind.HINTS} - {""})
_PIECES = [
    ":", ": ", " ", "  ", "(", ")", "[", "]", "{", "}", '"', "'", "`", "|", "/", "\\", "-->", "^",
    "~", "\t", ".", ",", "-", "=", "#", "*", "@", "1", "12", "99999999999", "a", "src/a", ".c", "é",
    "error", "warning", "note", "Error", "WARNING", "File", "line", "at", "in", "漢", "\u2028",
    "\x85",
]  # fmt: skip
_FILLINGS = (
    "a", " ", "a ", ":1", "1:", "a:", "(", "[a", "/a", "a.", "\\", "- ", "\t", "'x' ",
)  # fmt: skip

lines = st.lists(st.one_of(st.sampled_from(_PIECES), st.sampled_from(_HINTS)), max_size=14).map(
    "".join
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(lines, max_size=30))
def test_no_text_makes_a_parser_raise(texts: list[str]) -> None:
    captured.meaningful(captured.read("\n".join(texts).encode("utf-8", "surrogatepass")))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_no_line_is_long_enough_to_hang_it(kind: type[Parser]) -> None:
    """Feeds lines that would take a backtracking pattern far too long."""
    name = next(name for name in PARSERS if kind in kinds((name,)))
    hints = [text for hint in kind.HINTS if (text := hint.strip("\n"))]
    # Of hundreds of similar hints, such as the codes of rules, a few are enough.
    for hint in hints[:: max(1, len(hints) // 20)]:
        for filling in _FILLINGS:
            for text in (
                hint + filling * LINE_LIMIT,
                filling * LINE_LIMIT + hint,
                filling * 2000 + hint,
            ):
                log = choose((name,), "/src")
                log.feed(f"{text[: LINE_LIMIT * 2]}\n{text[: LINE_LIMIT * 2]}\n")
                log.finish()


def test_a_megabyte_without_a_newline() -> None:
    for filling in ("a", "a.c:1:1: error: ", "{", '{"a":', "\x1b[31m", "error", "  at "):
        captured.read((filling * (1_000_000 // len(filling))).encode())


def test_an_empty_part_of_a_test_s_path_is_left_out() -> None:
    """`make fuzz` found this."""
    report = captured.read(b"=== test session starts ===\nt.py::Case:: FAILED\n")
    assert [test.path for test in report.tests] == [("t.py", "Case")]


@pytest.mark.parametrize("time", ["9" * 20, "9" * 400, "9" * 5000, "1e999", "nan", "inf", "-1"])
@pytest.mark.parametrize(
    "log",
    [
        '<testsuite name="s"><testcase classname="c" name="n" time="{}"/></testsuite>\n',
        '{{"Action":"pass","Package":"p","Test":"T","Elapsed":{}}}\n',
        "=== RUN   TestA\n--- PASS: TestA ({}s)\nPASS\n",
    ],
)
def test_what_is_no_duration_counts_as_unknown(log: str, time: str) -> None:
    report = captured.read(log.format(time).encode())
    assert {test.duration for test in report.tests} <= {None}


def test_what_is_kept_is_bounded() -> None:
    log = "".join(f"a.c:{n}:1: error: e{n}\n" for n in range(1, LIMIT + 500))
    report = captured.read(log.encode())
    assert len(report.diagnostics) == LIMIT
    assert report.dropped == 499


@pytest.mark.parametrize("before", ['{"generalDiagnostics":', '{"config":{},"stats":{},"suites":'])
@pytest.mark.parametrize(("more", "end"), [("[", "]"), ('[{"title":"a","suites":', "}]")])
def test_json_that_is_nested_deep(before: str, more: str, end: str) -> None:
    """Deeper than what reads it can go, also where that which decodes it can."""
    for depth in (*range(400, 500, 5), *range(900, 1000, 5), 5000):
        captured.read(f"{before}{more * depth}{end * depth}}}\n".encode())


def test_xml_that_is_nested_deep() -> None:
    captured.read(b"<testsuites>" + b"<testsuite>\n" * 5000 + b"</testsuite>" * 5000)
