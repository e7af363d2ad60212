"""Reads every captured log, with its tool's parser and with the choice by the output."""

from __future__ import annotations

import os
import random

import pytest

from buildd.parsers import choose, kinds
from buildd.parsers.base import LEVELS
from buildd.parsers.registry import PARSERS
from tests.parsers import captured

LOGS = captured.logs()
CHOSEN = [name for name in LOGS if all(kind.AUTOMATIC for kind in kinds(captured.names(name)))]
"""All but those whose lines look like another tool's."""

TOOLS = sorted({name.partition("/")[0] for name in LOGS})


@pytest.mark.parametrize("name", LOGS)
def test_the_parser_of_the_tool_finds_what_is_expected(name: str) -> None:
    found = captured.plain(captured.read(captured.log(name), captured.names(name)))
    assert found == captured.expected(name)


@pytest.mark.parametrize("name", CHOSEN)
def test_the_choice_by_the_output_finds_the_same(name: str) -> None:
    found = captured.plain(captured.read(captured.log(name)))
    assert found == captured.expected(name)


@pytest.mark.parametrize("tool", TOOLS)
def test_every_captured_log_is_named_with_its_command(tool: str) -> None:
    with open(os.path.join(captured.DATA, tool, "logs.txt"), encoding="utf-8") as file:
        named = sorted(row.partition(": ")[0] for row in file)
    assert named == sorted(name.partition("/")[2] for name in LOGS if name.startswith(f"{tool}/"))


@pytest.mark.parametrize("name", LOGS)
def test_the_result_does_not_depend_on_where_the_output_is_cut(name: str) -> None:
    data = captured.log(name)[:20_000]
    chance = random.Random(name)
    whole = captured.plain(captured.read(data))
    assert captured.plain(captured.read(data, (), range(len(data)))) == whole
    for _ in range(3):
        cuts = sorted(chance.randrange(len(data) + 1) for _ in range(20))
        assert captured.plain(captured.read(data, (), cuts)) == whole


def test_any_bytes_are_read_without_an_exception() -> None:
    chance = random.Random(7)
    logs = [captured.log(name) for name in LOGS]
    noise = [
        b"\xff",
        b"\0",
        b"\n",
        b":",
        b"^",
        b"\x1b[",
        b" | ",
        b"\r",
        b"99999999999999",
        b"(",
        b'"',
        b"}",
    ]
    for _ in range(1000):
        data = bytearray(chance.choice(logs)[:4000] + chance.choice(logs)[:4000])
        for _ in range(chance.randrange(40)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.randrange(4)] = chance.choice(noise)
        for diagnostic in captured.read(bytes(data)).diagnostics:
            assert diagnostic.span.line >= 1
            assert diagnostic.span.column is None or diagnostic.span.column >= 1


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_each_name_chooses_and_its_parsers_say_what_they_read(name: str) -> None:
    choose((name,), "/")
    for kind in kinds((name,)):
        assert kind.TOOLS
        assert kind.HINTS
        assert set(kind.LEVEL) <= set(LEVELS)
