"""These tests match patterns of COPY: with the results of the usual translation, but fast."""

from __future__ import annotations

import random
import re
import time

import pytest

from buildd.engines.image_definition.path_pattern import PathPattern

PIECES = ["a", "b", "*", "**", "**/", "/", "?", "[ab]", "[^a]", "x"]


def usual_translation(pattern: str) -> re.Pattern[str]:
    """Return the translation that tries all possibilities, which is correct but slow."""
    wild = {"**/": "(?:[^/]*/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|.", pattern)
    return re.compile("".join(wild.get(piece, piece) for piece in pieces), re.DOTALL)


@pytest.mark.parametrize("seed", range(8))
def test_matches_are_those_of_the_usual_translation(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(1000):
        pattern = "".join(chance.choices(PIECES, k=chance.randint(1, 7)))
        path = "".join(chance.choices("aabx/", k=chance.randint(0, 9)))
        expected = usual_translation(pattern).fullmatch(path) is not None
        assert PathPattern(pattern).fullmatch(path) is expected, (pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 4000),
        ("**a" * 60 + "b", "a" * 4000),
        ("**/a" * 60 + "b", "a/" * 2000),
        ("a**/" * 60 + "b", "a/" * 2000),
        ("**a*b*c*d", "abc" * 1300),
        ("**" + "a*" * 50 + "z", "a" * 4000),
        ("*[^b]" * 40 + "z", "a" * 4000),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    began = time.process_time()
    assert not PathPattern(pattern).fullmatch(path)
    assert time.process_time() - began < 2, "the usual translation takes hours"


@pytest.mark.parametrize("pattern", ["[z-a]", "[", "\\", "x" * 5000])
def test_an_invalid_pattern_matches_itself(pattern: str) -> None:
    assert PathPattern(pattern).fullmatch(pattern)
    assert not PathPattern(pattern).fullmatch("y")
