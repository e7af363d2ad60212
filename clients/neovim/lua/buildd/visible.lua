--- Output that a terminal shows and does not obey: colours pass, other commands to it do not.

local M = {}

--- Bytes of an unfinished escape sequence that are waited for.
local HELD = 4096

--- Stands for the escape of what stays.
local KEPT = "\1"

---@param parameters string
---@param final string
local function csi(parameters, final)
  local stays = (final == "m" or final == "K") and not parameters:find("[^0-9;:]")
  return stays and KEPT .. "[" .. parameters .. final or ""
end

---@param text string whole sequences
local function pass(text)
  -- Strings: clipboard, titles, links.
  text = text:gsub("\27[%]PX^_][^\7\27\n]*\7", ""):gsub("\27[%]PX^_][^\7\27\n]*\27\\", "")
  text = text:gsub("[%z\1-\8\11\12\14-\26\28-\31\127]", "")
  text = text:gsub("\27%[([0-?]*[ -/]*)([@-~])", csi)
  text = text:gsub("\27[ -/]*[0-Z\\`-~]", ""):gsub("\27", "")
  -- C1, in UTF-8.
  text = text:gsub("\194[\128-\159]", "")
  return (text:gsub(KEPT, "\27"))
end

--- A function to feed output, cut anywhere, that gives back what may be shown. Of a progress line,
--- the carriage return and the erasing of the line's end stay.
---@return fun(data: string): string
function M.new()
  local rest = ""
  return function(data)
    data = rest .. data
    local tail = data:sub(-HELD)
    rest = tail:match("\27[%]PX^_][^\7\27\n]*\27?$")
      or tail:match("\27%[?[0-?]*[ -/]*$")
      or tail:match("\194$")
      or ""
    return pass(data:sub(1, #data - #rest))
  end
end

return M
