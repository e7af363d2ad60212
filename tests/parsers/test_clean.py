"""Reads whole logs of real projects without errors; the choice by the output finds nothing."""

from __future__ import annotations

import glob
import lzma
import os

import pytest

from buildd.model import TestState
from tests.parsers import captured

FOLDER = os.path.join(captured.DATA, "clean")
LOGS = sorted(
    os.path.basename(path).removesuffix(".log.xz") for path in glob.glob(f"{FOLDER}/*.log.xz")
)

_PREFIXES = {
    "none": b"",
    "GitHub": b"2026-01-02T12:03:04.1234567Z ",
    "Docker": b"#12 0.345 ",
    "clock": b"[12:03:04] ",
}

_TESTS = {
    "click": 2459,
    "libpng": 33,
    "mistune": 1324,
    "moo": 614,
    "more-itertools": 765,
    "mux": 319,
    "pflag": 146,
    "pyflakes": 796,
}
"""The number of tests that ran, if the tool names them."""


def log(name: str) -> bytes:
    """Returns the bytes of a log."""
    with lzma.open(os.path.join(FOLDER, f"{name}.log.xz")) as file:
        return file.read()


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("prefix", _PREFIXES)
def test_nothing_is_found_where_nothing_is_wrong(name: str, prefix: str) -> None:
    put = _PREFIXES[prefix]
    report = captured.read(b"".join(put + line for line in log(name).splitlines(keepends=True)))
    assert report.diagnostics == []
    bad = (TestState.FAILED, TestState.ERRORED)
    assert [test for test in report.tests if test.state in bad] == []


@pytest.mark.parametrize("name", LOGS)
def test_nothing_is_found_in_coloured_output(name: str) -> None:
    lines = log(name).splitlines()
    report = captured.read(b"".join(b"\x1b[1;36m" + line + b"\x1b[0m\r\n" for line in lines))
    assert report.diagnostics == []


def test_the_tests_of_each_are_counted() -> None:
    counts = {name: len(captured.read(log(name)).tests) for name in LOGS}
    assert {name: count for name, count in counts.items() if count} == _TESTS


def test_every_log_is_named_with_its_project_and_command() -> None:
    with open(os.path.join(FOLDER, "logs.txt"), encoding="utf-8") as file:
        assert sorted(row.partition(": ")[0] for row in file) == LOGS
