"""Checks the problem matchers of a tasks.json, which is JSON with comments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from buildd.base.jsonc import to_json
from buildd.matchers import MatcherError, matchers_of_tasks_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": 1} // comment', {"a": 1}),
        ('// comment\n{"a": 1}', {"a": 1}),
        ('{/* one\ntwo */"a": /**/ 1}', {"a": 1}),
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1, 2], "b": {"c": 3}}),
        ('{"a": [1, // last\n /* really */ ]}', {"a": [1]}),
        ('{"a": "// no comment", "b": "/* none */"}', {"a": "// no comment", "b": "/* none */"}),
        (r'{"a": "\"// ,]"}', {"a": '"// ,]'}),
        ('{"a": ",]"}', {"a": ",]"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1} /* to the end', {"a": 1}),
    ],
)
def test_comments_and_trailing_commas_are_blanks(text: str, expected: Any) -> None:
    found = to_json(text)
    assert json.loads(found) == expected
    assert len(found) == len(text)
    assert found.count("\n") == text.count("\n")


@pytest.mark.parametrize("text", ['{"a": 1,, }', '{"a": [,]}x', '"//', "/", "{", "[1 2]"])
def test_invalid_json_is_refused(text: str) -> None:
    with pytest.raises(MatcherError, match=r"^tasks\.json"):
        matchers_of_tasks_json(text)


def tasks(*rows: dict[str, Any], **more: Any) -> str:
    return json.dumps({"version": "2.0.0", "tasks": rows, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (tasks(), {}),
        ("{}", {}),
        (tasks({"label": "a", "command": "make"}), {}),
        (tasks({"label": "a", "problemMatcher": []}), {}),
        (tasks({"label": "a", "problemMatcher": "$gcc"}), {"a": ("$gcc",)}),
        (tasks({"label": "a", "problemMatcher": ["$gcc", "$go"]}), {"a": ("$gcc", "$go")}),
        (tasks({"label": "a", "problemMatcher": {"base": "$gcc"}}), {"a": ({"base": "$gcc"},)}),
        (tasks({"taskName": "a", "problemMatcher": "$gcc"}), {"a": ("$gcc",)}),
        (
            tasks({"type": "npm", "script": "lint", "problemMatcher": "$eslint-stylish"}),
            {"npm: lint": ("$eslint-stylish",)},
        ),
        (
            tasks({"type": "typescript", "tsconfig": "tsconfig.json", "problemMatcher": "$tsc"}),
            {"tsc: build - tsconfig.json": ("$tsc",)},
        ),
        (
            tasks({"type": "typescript", "tsconfig": "t.json", "option": "watch",
                   "problemMatcher": "$tsc-watch"}),
            {"tsc: watch - t.json": ("$tsc-watch",)},
        ),
        (tasks({"command": "make all", "problemMatcher": "$gcc"}), {"make all": ("$gcc",)}),
        (
            tasks({"label": "a", "problemMatcher": "$msCompile",
                   "linux": {"problemMatcher": "$gcc"}}),
            {"a": ("$gcc",)},
        ),
        (
            tasks({"label": "a"}, {"label": "b", "problemMatcher": []}, problemMatcher="$gcc"),
            {"a": ("$gcc",)},
        ),
    ],
)  # fmt: skip
def test_the_matchers_of_each_task(text: str, expected: dict[str, Any]) -> None:
    assert matchers_of_tasks_json(text) == expected


def test_a_file_without_a_list_of_tasks_is_refused() -> None:
    for text in ("[]", '{"tasks": {}}'):
        with pytest.raises(MatcherError, match="no list of tasks"):
            matchers_of_tasks_json(text)
