--- Show diagnostics as a quickfix list.

local client = require("buildd.daemon.client")
local config = require("buildd.config")
local request = require("buildd.daemon.request")

local M = {}

local TYPES = { error = "E", warning = "W", information = "I", hint = "N" }

--- Files larger than this many bytes are not read to convert columns.
local LARGEST = 8 * 1024 * 1024

--- Return the lines of a file that a diagnostic names. It may be anything: a named pipe would have
--- Neovim wait for ever.
---@param file string
---@return string[]
local function read(file)
  local constants = vim.uv.constants
  local fd = vim.uv.fs_open(file, constants.O_RDONLY + constants.O_NONBLOCK, 0)
  if not fd then
    return {}
  end
  local stat = vim.uv.fs_fstat(fd)
  local text = stat
    and stat.type == "file"
    and stat.size <= LARGEST
    and vim.uv.fs_read(fd, stat.size, 0)
  vim.uv.fs_close(fd)
  return text and vim.split(text, "\n", { plain = true }) or {}
end

--- Return a function that converts a column in characters to a column in bytes.
---@return fun(place: { file: string, line: integer, column: integer }): integer
local function byte_columns()
  local files = {}
  return function(place)
    if place.column <= 1 then
      return place.column
    end
    files[place.file] = files[place.file] or read(place.file)
    local line = files[place.file][place.line]
    if not line then
      return place.column
    end
    return vim.fn.byteidx(line, place.column - 1) + 1
  end
end

--- Return the entries of a quickfix list.
---@param diagnostics buildd.WireDiagnostic[]
---@return table[]
function M.items(diagnostics)
  local column = byte_columns()
  local related = config.get().quickfix.related
  local items = {}
  local function add(place, text, kind)
    table.insert(items, {
      filename = place.file,
      lnum = place.line,
      col = column(place),
      text = text,
      type = kind,
    })
  end
  for _, diagnostic in ipairs(diagnostics) do
    local code = diagnostic.code ~= "" and (" [%s]"):format(diagnostic.code) or ""
    add(diagnostic, diagnostic.message .. code, TYPES[diagnostic.severity])
    for _, note in ipairs(related and diagnostic.related or {}) do
      add(note, note.message, "N")
    end
  end
  return items
end

--- Make a new quickfix list.
---@param diagnostics buildd.WireDiagnostic[]
---@param title string
function M.set(diagnostics, title)
  local items = M.items(diagnostics)
  vim.fn.setqflist({}, " ", { title = title, items = items })
  if #items == 0 then
    vim.cmd.cclose()
  elseif config.get().quickfix.open then
    vim.cmd("botright copen")
  end
end

--- Request the diagnostics of one task or of all tasks, and make a list of them.
---@param project buildd.Project
---@param task string "" for all
function M.fill(project, task)
  client.when_ready(project, function()
    local params = { project = project.root, task = task }
    request.send(project, "buildd/diagnostics", params, function(result)
      if #result.diagnostics == 0 then
        require("buildd.notify").info("no diagnostics")
      end
      M.set(result.diagnostics, "buildd " .. (task ~= "" and task or project.name))
    end)
  end)
end

return M
