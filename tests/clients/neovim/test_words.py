"""Numbers and durations in words."""

from __future__ import annotations

from tests.clients.neovim.conftest import Start

CHECK = """
local words = require("buildd.words")
return table.concat({
  words.counted(0, "error"),
  words.counted(1, "error"),
  words.counted(2, "error"),
  words.took({ created = 1, started = 2, ended = 3.26 }),
  words.took({ created = 1, ended = 3 }),
}, "|")
"""


def test_numbers_and_durations(start: Start, program: str) -> None:
    editor = start(None, program=program)
    assert editor.lua(CHECK) == "0 errors|1 error|2 errors|1.3 s|2.0 s"
