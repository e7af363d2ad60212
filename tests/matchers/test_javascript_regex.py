"""Checks JavaScript's regular expressions against Node's results in `javascript/cases.json`."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from buildd.matchers import MatcherError
from buildd.matchers.javascript_regex import javascript

with open(os.path.join(os.path.dirname(__file__), "javascript", "cases.json"), "rb") as file:
    CASES = json.load(file)


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["pattern"]))
def test_a_translated_pattern_finds_what_it_finds_in_node(case: dict[str, Any]) -> None:
    match = javascript(case["pattern"], "here").search(case["line"])
    found = match and [match[number] for number in range(len(match.groups()) + 1)]
    assert found == case["groups"]


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        ("(?i:ab)C", "ABC", True),
        ("(?i:ab)C", "abc", False),
        ("(?i:a(?-i:b))", "Ab", True),
        ("(?i:a(?-i:b))", "AB", False),
        ("(?s:.)", "\n", True),
        ("(?ms:(?-s:.))", "\n", False),
        (".", "\r", False),
    ],
)
def test_syntax_that_node_20_does_not_know_yet(pattern: str, line: str, found: bool) -> None:
    assert bool(javascript(pattern, "here").search(line)) == found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "is not closed"),
        (")", "closes nothing"),
        ("[a", "is not closed"),
        ("a**", "nothing is there to repeat"),
        ("a++", "nothing is there to repeat"),
        ("a{2}{3}", "nothing is there to repeat"),
        ("*a", "not valid"),
        ("(?i)a", "is not JavaScript's"),
        ("(?P<a>b)", "is not JavaScript's"),
        ("(?>a)", "is not JavaScript's"),
        ("(?#a)", "is not JavaScript's"),
        ("(?<a>b)\\k<c>", "no group `c`"),
        ("[b-a]", "goes backwards"),
        ("\\p{Lu}", "needs the flag `u`"),
        ("[\\P{Lu}]", "needs the flag `u`"),
        ("a\\", "backslash stands at the end"),
        ("\\u{110000}", "no character"),
    ],
)
def test_an_untranslatable_pattern_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(MatcherError) as raised:
        javascript(pattern, "problem matcher `x`: `regexp`")
    assert why in raised.value.message
    assert raised.value.message.startswith("problem matcher `x`: `regexp`")
    assert raised.value.remedy
