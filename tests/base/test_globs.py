"""These tests compare patterns of paths with git's answers, and bound their time."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from buildd.base.globs import Globs, is_pattern
from buildd.files.gitignore import Gitignore

PIECES = ["a", "b", "*", "**", "/", "?", "[ab]", "[!a]", "[b-a]", "\\a", ".", "**/", "/**", "*/"]
NAMES = ["a", "b", "ab", "aab", "ba", "a.b", "-", "]", "B", "a b"]


def lines(chance: random.Random) -> list[str]:
    found = []
    for _ in range(chance.randint(1, 4)):
        pattern = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        found.append(f"!{pattern}" if chance.random() < 0.25 else pattern)
    return found


def ignored_by_git(root: Path, paths: list[str]) -> set[str]:
    shown = subprocess.run(
        ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=root,
        input="\0".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode in (0, 1), shown.stderr
    return set(filter(None, shown.stdout.split("\0")))


@pytest.mark.parametrize("seed", range(40))
def test_the_answers_are_those_of_git(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    patterns = lines(chance)
    (tmp_path / ".gitignore").write_text("\n".join(patterns) + "\n", "utf-8")
    paths = ["/".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(60)]
    expected = ignored_by_git(tmp_path, paths)
    gitignore = Gitignore(str(tmp_path))
    found = {path for path in paths if gitignore.covers(str(tmp_path / path))}
    assert found == expected, patterns


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "b", "a" * 255),
        ("*a" * 60 + "b", "a" * 4000),
        ("*" * 200 + "b", "a" * 4000),
        ("**/*a" * 60 + "b", "a/" * 2000 + "a"),
        ("**/a/" * 60 + "b", "a/" * 2000 + "a"),
        ("**/[ab]*a*/" * 100 + "b", "ab/" * 1300 + "a"),
        ("**/" * 500 + "b", "a/" * 2000 + "a"),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    globs = Globs([pattern])
    began = time.process_time()
    assert not globs.selects(path)
    assert not globs.verdict(path, is_directory=False)
    assert time.process_time() - began < 1, "the usual translation takes hours"


@pytest.mark.parametrize(
    ("patterns", "selected", "others"),
    [
        (["*.c"], ["x.c", "a/b/x.c"], ["x.h", "x.c.d"]),
        (["src"], ["src", "src/x", "a/src/x/y"], ["src2/x"]),
        (["/src/*.c"], ["src/x.c"], ["a/src/x.c", "src/a/x.c"]),
        (["src/"], ["src/x"], ["src", "a/b"]),
        (["**/*.c", "!generated/"], ["x.c"], ["generated/x.c", "a/generated/b/x.c"]),
        (["**"], ["x", "a/x"], []),
        (["a/**/b"], ["a/b", "a/x/b", "a/x/y/b"], ["b", "a/bc"]),
        (["a/**"], ["a/x", "a/x/y"], ["a", "b/a/x"]),
        (["a[[:digit:]].c"], ["a1.c"], ["ab.c"]),
        (["\\*.c", "\\#x", "\\!y", "z\\ "], ["*.c", "#x", "!y", "z "], ["a.c", "x", "y", "z"]),
    ],
)
def test_a_key_selects_files(patterns: list[str], selected: list[str], others: list[str]) -> None:
    globs = Globs(patterns)
    assert [path for path in (*selected, *others) if globs.selects(path)] == selected


@pytest.mark.parametrize("line", ["", "  ", "#", "!", "/", "[a", "a\\", "a//", "x" * 5000])
def test_invalid_patterns_match_nothing(line: str) -> None:
    assert not is_pattern(line)
    assert not Globs([line]).selects(line or "x")


def test_a_pattern_file_that_is_too_large_or_not_a_file_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"*\n" * (1 << 20))
    assert not Gitignore(str(tmp_path)).covers(str(tmp_path / "x"))
    (tmp_path / ".gitignore").unlink()
    (tmp_path / ".gitignore").mkdir()
    assert not Gitignore(str(tmp_path)).covers(str(tmp_path / "x"))
