--- Remove terminal escape sequences from untrusted output; only colours stay.

local M = {}

--- The most bytes of an unfinished escape sequence that are held back.
local HELD = 4096

--- Replaces the escape character of the sequences that stay.
local KEPT = "\1"

---@param parameters string
---@param final string
local function csi(parameters, final)
  local stays = (final == "m" or final == "K") and not parameters:find("[^0-9;:]")
  return stays and KEPT .. "[" .. parameters .. final or ""
end

---@param text string with complete sequences only
local function filter(text)
  -- Strings, which set the clipboard, titles and links.
  text = text:gsub("\27[%]PX^_][^\7\27\n]*\7", ""):gsub("\27[%]PX^_][^\7\27\n]*\27\\", "")
  text = text:gsub("[%z\1-\8\11\12\14-\26\28-\31\127]", "")
  text = text:gsub("\27%[([0-?]*[ -/]*)([@-~])", csi)
  text = text:gsub("\27[ -/]*[0-Z\\`-~]", ""):gsub("\27", "")
  -- C1 control characters in UTF-8.
  text = text:gsub("\194[\128-\159]", "")
  return (text:gsub(KEPT, "\27"))
end

--- Return a function that filters output in pieces, cut anywhere, and returns what can be shown.
--- Colours, carriage returns and "erase to the end of the line" pass, so that progress lines work.
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
    return filter(data:sub(1, #data - #rest))
  end
end

return M
