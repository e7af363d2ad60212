"""The log removes escape sequences from output: the same cases as for the other clients."""

from __future__ import annotations

from pathlib import Path

from tests.clients.neovim.conftest import Start

CASES = Path(__file__).parents[2] / "escape_sequences.json"

CHECK = """
local wrong = {}
local new = require("buildd.ui.escape_filter").new
for _, case in ipairs(vim.json.decode(...)) do
  local feed, pieces = new(), ""
  for at = 1, #case.output do
    pieces = pieces .. feed(case.output:sub(at, at))
  end
  if pieces ~= case.shown or new()(case.output) ~= case.shown then
    table.insert(wrong, case.name)
  end
end
return table.concat(wrong, ", ")
"""


def test_whole_and_byte_by_byte(start: Start, program: str) -> None:
    editor = start(None, program=program)
    assert editor.lua(CHECK, CASES.read_text("utf-8")) == ""
