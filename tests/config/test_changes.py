"""What a person is shown of a configuration that has changed since they consented: all of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from buildd.config import load
from buildd.config.trust import consent
from buildd.config.trust.changed_lines import changed_lines
from tests.config.support import plant

TOML = '[environments.build]\ndockerfile = "Dockerfile"\nrebuild-on = ["needs.txt"]\n'
FILES = {"buildd.toml": TOML, "Dockerfile": "FROM debian\nRUN true\n", "needs.txt": "a\nb\n"}


def changes(root: Path, files: dict[str, str]) -> list[str]:
    """What is shown once these files have been written, after a consent to FILES.

    The project's path is left out.
    """
    state = root / "state"
    state.mkdir(mode=0o700)
    path = plant(str(root / "project"), FILES)
    first = load.load(path)
    consent.grant(first, consent.digest(first), state=str(state))
    plant(path, files)
    found = consent.changes(load.load(path), state=str(state))
    return [line.replace(f"{path}/", "") for line in found]


@pytest.mark.parametrize(
    "line", ["++ RUN evil", "-- RUN evil", "@@ RUN evil", "+", "-", "", "\x0c"]
)
def test_a_line_that_looks_like_a_part_of_a_diff_is_shown(tmp_path: Path, line: str) -> None:
    shown = line.replace("\x0c", "\\x0c")
    dockerfile = FILES["Dockerfile"].replace("RUN", f"{line}\nRUN")
    assert changes(tmp_path, {"Dockerfile": dockerfile}) == [f"Dockerfile: + {shown}"]


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("needs.txt", "a\r\nb\n", ["- a", "+ a\\r"]),
        ("needs.txt", "a\nb", ["- "]),
        ("needs.txt", "a\nb\n\n", ["+ "]),
        ("needs.txt", "b\na\n", ["+ b", "- b"]),
        ("needs.txt", "a\u2028b\n", ["- a", "- b", "+ a\\u2028b"]),
        ("needs.txt", "a\n b\n", ["- b", "+  b"]),
        ("buildd.toml", TOML + "# a remark\n", ["+ # a remark"]),
    ],
)
def test_whatever_differs_is_shown(
    tmp_path: Path, name: str, content: str, shown: list[str]
) -> None:
    assert changes(tmp_path, {name: content}) == [f"{name}: {line}" for line in shown]


def test_a_file_that_is_not_named_any_more_is_shown(tmp_path: Path) -> None:
    toml = TOML.replace('rebuild-on = ["needs.txt"]\n', "")
    assert changes(tmp_path, {"buildd.toml": toml}) == [
        'buildd.toml: - rebuild-on = ["needs.txt"]',
        "needs.txt: is not used any more",
    ]


def test_that_it_does_the_same_is_said_only_where_no_file_differs(tmp_path: Path) -> None:
    path = plant(str(tmp_path / "project"), FILES)
    first = load.load(path)
    # As another version of buildd would have read it.
    other = msgspec.structs.replace(first, default_environment="")
    consent.grant(other, consent.digest(other), state=str(tmp_path))
    assert consent.changes(first, state=str(tmp_path)) == (
        "none of its files differs, and what it does is the same",
    )


def test_what_is_told_makes_one_text_from_the_other() -> None:
    chance = random.Random(5)
    for _ in range(500):
        then, now = (chance.choices("aabcdefgh", k=chance.randrange(12)) for _ in range(2))
        told = list(changed_lines(then, now))
        gone = Counter(line[2:] for line in told if line[0] == "-")
        new = Counter(line[2:] for line in told if line[0] == "+")
        assert Counter(then) - gone == Counter(now) - new
        assert bool(told) is (then != now)


@pytest.mark.parametrize("popular", [1, 200])
def test_texts_that_are_made_to_be_hard_to_compare_cost_little(popular: int) -> None:
    chance = random.Random(5)
    then, now = ([str(chance.randrange(40_000 // popular)) for _ in range(80_000)] for _ in "ab")
    begun = time.process_time()
    assert list(changed_lines(then, now))
    assert time.process_time() - begun < 5
