"""Reads the captured logs, and what the parsers are expected to find in them.

`tests/parsers/TOOL/NAME.log` is the output of a tool. `NAME.json` is the expected result: a list of
diagnostics, or an object with `diagnostics` and `tests`. `logs.txt` names the command of each.

`python -m tests.parsers.captured TOOL…` writes the current results, for you to review.
"""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from buildd.base.lines import LineDecoder
from buildd.parsers import choose
from buildd.parsers.registry import PARSERS
from buildd.parsers.report import ParseResult

DATA = os.path.dirname(__file__)
DIRECTORY = "/src"
"""The directory in which the commands started."""


def logs() -> list[str]:
    """Returns the name of each log, `TOOL/NAME`."""
    found = glob.glob(f"{DATA}/*/*.log")
    return sorted(os.path.relpath(path, DATA).removesuffix(".log") for path in found)


def log(name: str) -> bytes:
    """Returns the bytes of a log."""
    with open(os.path.join(DATA, f"{name}.log"), "rb") as file:
        return file.read()


def expected(name: str) -> Any:
    """Returns the expected result of a log, as `plain` gives it."""
    with open(os.path.join(DATA, f"{name}.json"), encoding="utf-8") as file:
        found = json.load(file)
    if isinstance(found, list):
        found = {"diagnostics": found, "tests": []}
    found["diagnostics"] = list(map(without_rendering, found["diagnostics"]))
    return found


def without_rendering(diagnostic: dict[str, Any]) -> dict[str, Any]:
    """Returns a diagnostic without what the tool printed, which the log holds already."""
    return {name: value for name, value in diagnostic.items() if name != "rendered"}


def names(name: str) -> tuple[str, ...]:
    """Returns the parsers to name for a log: those of its tool."""
    tool = name.partition("/")[0]
    return (tool,) if tool in PARSERS else ()


def read(data: bytes, parsers: Sequence[str] = (), pieces: Sequence[int] = ()) -> ParseResult:
    """Reads a log that arrives in pieces, which end at the given offsets."""
    lines = LineDecoder()
    whole = choose(parsers, DIRECTORY)
    start = 0
    for end in [*pieces, len(data)]:
        if block := lines.feed(data[start:end]):
            whole.feed(block)
        start = end
    if block := lines.finish():
        whole.feed(block)
    whole.finish()
    return whole.report


def meaningful(report: ParseResult) -> None:
    """Asserts that places are possible in files, and that tests have names."""
    for diagnostic in report.diagnostics:
        assert diagnostic.span.line >= 1
        assert diagnostic.span.column is None or diagnostic.span.column >= 1
        assert diagnostic.span.end_column is None or diagnostic.span.end_column >= 1
    for test in report.tests:
        assert test.path
        assert all(test.path)


def plain(report: ParseResult) -> Any:
    """Returns a result as the files hold it."""
    found = {"diagnostics": report.diagnostics, "tests": report.tests}
    decoded = json.loads(msgspec.json.encode(found))
    decoded["diagnostics"] = list(map(without_rendering, decoded["diagnostics"]))
    return decoded


def write(tool: str) -> None:
    """Writes the expected results of all logs of a tool."""
    for path in sorted(glob.glob(f"{DATA}/{tool}/*.log")):
        name = os.path.relpath(path, DATA).removesuffix(".log")
        found = plain(read(log(name), names(name)))
        with open(os.path.join(DATA, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(
                found if found["tests"] else found["diagnostics"],
                file,
                indent=1,
                ensure_ascii=False,
            )
            file.write("\n")


if __name__ == "__main__":
    for tool in sys.argv[1:]:
        write(tool)
