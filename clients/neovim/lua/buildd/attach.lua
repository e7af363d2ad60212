--- Attach buffers to the projects that they belong to. This is loaded when the first file is
--- opened, so it must stay small.

local M = {}

local uv = vim.uv

--- Return the real path of the project's directory at or above a path; nil if there is none.
---@param path string
---@return string?
function M.root(path)
  local root = vim.fs.root(path, require("buildd.config").get().root_markers)
  return root and uv.fs_realpath(root)
end

--- Return the path of a buffer's file; nil if the buffer is not a file on the disk.
---@param bufnr integer
---@return string? path
local function file_of(bufnr)
  if vim.bo[bufnr].buftype ~= "" then
    return nil
  end
  local name = vim.api.nvim_buf_get_name(bufnr)
  return name ~= "" and not name:find("^%a[%w+.-]+://") and name or nil
end

--- Handle the event that a file was read, created or written.
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

--- Attach all loaded buffers.
function M.all()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      M.buffer(bufnr, false)
    end
  end
end

--- Attach a buffer to its project's client, if the buffer belongs to a project.
---@param bufnr integer
---@param written boolean whether it has just been written
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
    require("buildd.daemon.client").attach(require("buildd.project").get(root), bufnr, written)
  end
end

return M
