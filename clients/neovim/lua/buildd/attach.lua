--- Which buffers belong to a project. Loaded with the first file that is opened: it stays small.

local M = {}

local uv = vim.uv

--- The directory of the project at or above a path, as the daemon names it; nil where none is.
---@param path string
---@return string?
function M.root(path)
  local root = vim.fs.root(path, require("buildd.config").get().root_markers)
  return root and uv.fs_realpath(root)
end

--- Whether a buffer is a file on the disk.
---@param bufnr integer
---@return string? path
local function file_of(bufnr)
  if vim.bo[bufnr].buftype ~= "" then
    return nil
  end
  local name = vim.api.nvim_buf_get_name(bufnr)
  return name ~= "" and not name:find("^%a[%w+.-]+://") and name or nil
end

--- A file was read, made or written.
---@param event { buf: integer, event: string, file: string }
function M.on_file(event)
  local written = event.event == "BufWritePost"
  local projects = package.loaded["buildd.project"]
  if written and projects and projects.of_buffer(event.buf) then
    return
  end
  M.buffer(event.buf, written)
  if
    written
    and vim.list_contains(require("buildd.config").get().root_markers, vim.fs.basename(event.file))
  then
    M.all()
  end
end

--- Every loaded buffer.
function M.all()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.buffer(bufnr, false)
    end
  end
end

--- Attach a buffer to its project's client, if it has one.
---@param bufnr integer
---@param written boolean it has just been written
function M.buffer(bufnr, written)
  local path = file_of(bufnr)
  local root = path and M.root(path)
  if not root or vim.fn.isdirectory(path) == 1 then
    return
  end
  local enabled = require("buildd.config").get().enabled
  if type(enabled) == "function" then
    enabled = enabled(root)
  end
  if enabled then
    require("buildd.client").attach(require("buildd.project").get(root), bufnr, written)
  end
end

return M
