"""Captured logs and what is in them.

`tests/parsers/TOOL/NAME.log` is what a tool printed, NAME.json what is in it: a list of
diagnostics, or an object of `diagnostics` and `tests`. `logs.txt` names the command of each.

    python -m tests.parsers.captured TOOL…    write what is found now, to be reviewed by eye
"""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from buildd.parsers import choose
from buildd.parsers.registry import PARSERS
from buildd.parsers.report import ParseResult
from buildd.base.lines import LineDecoder

DATA = os.path.dirname(__file__)
DIRECTORY = "/src"
"""Where the commands were started."""


def logs() -> list[str]:
    """TOOL/NAME of each."""
    found = glob.glob(f"{DATA}/*/*.log")
    return sorted(os.path.relpath(path, DATA).removesuffix(".log") for path in found)


def log(name: str) -> bytes:
    with open(os.path.join(DATA, f"{name}.log"), "rb") as file:
        return file.read()


def expected(name: str) -> Any:
    with open(os.path.join(DATA, f"{name}.json"), encoding="utf-8") as file:
        found = json.load(file)
    if isinstance(found, list):
        found = {"diagnostics": found, "tests": []}
    found["diagnostics"] = list(map(without_rendering, found["diagnostics"]))
    return found


def without_rendering(diagnostic: dict[str, Any]) -> dict[str, Any]:
    """What the tool printed stands in the log already."""
    return {name: value for name, value in diagnostic.items() if name != "rendered"}


def names(name: str) -> tuple[str, ...]:
    """The parsers to name for a log: its tool's."""
    tool = name.partition("/")[0]
    return (tool,) if tool in PARSERS else ()


def read(data: bytes, parsers: Sequence[str] = (), pieces: Sequence[int] = ()) -> ParseResult:
    """What is in a log that comes in pieces that end at the given offsets."""
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
    """What was found has places that files can have, and tests have names: whatever was read."""
    for one in report.diagnostics:
        assert one.span.line >= 1
        assert one.span.column is None or one.span.column >= 1
        assert one.span.end_column is None or one.span.end_column >= 1
    for test in report.tests:
        assert test.path
        assert all(test.path)


def plain(report: ParseResult) -> Any:
    """As it stands in the files."""
    found = {"diagnostics": report.diagnostics, "tests": report.tests}
    decoded = json.loads(msgspec.json.encode(found))
    decoded["diagnostics"] = list(map(without_rendering, decoded["diagnostics"]))
    return decoded


def write(tool: str) -> None:
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
    for one in sys.argv[1:]:
        write(one)
