"""What the log shows of hostile output: the same cases as for the other clients."""

from __future__ import annotations

from pathlib import Path

from tests.clients.neovim.conftest import Start

CASES = Path(__file__).parents[2] / "escape_sequences.json"

CHECK = """
local wrong = {}
for _, case in ipairs(vim.json.decode(...)) do
  local feed, pieces = require("buildd.visible").new(), ""
  for at = 1, #case.output do
    pieces = pieces .. feed(case.output:sub(at, at))
  end
  if pieces ~= case.shown or require("buildd.visible").new()(case.output) ~= case.shown then
    table.insert(wrong, case.name)
  end
end
return table.concat(wrong, ", ")
"""


def test_whole_and_byte_by_byte(start: Start, program: str) -> None:
    editor = start(None, program=program)
    assert editor.lua(CHECK, CASES.read_text("utf-8")) == ""
