"""CONTRIBUTING.md promises something for each case, and names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ROWS = re.findall(
    r"(?m)^\| (\d+) [^|]+ \| [^|]+ \| ([^|]+) \|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8")
)


LEAST = 30
"""The cases that were there first. More may come, and none may go."""


def test_every_case_is_there_once() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= LEAST


@pytest.mark.parametrize(("number", "tests"), ROWS)
def test_its_tests_exist(number: str, tests: str) -> None:
    names = re.findall(r"`([^`]+)::(\w+)`", tests)
    assert names, f"case {number} has no test"
    for file, name in names:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
