--- Open a shell in the project's environment, in a terminal buffer.

local config = require("buildd.config")
local window = require("buildd.ui.window")

local M = {}

local api = vim.api

--- Return the current directory if it is in the project, else the project's directory.
---@param project buildd.Project
---@return string
local function directory(project)
  local current = vim.uv.fs_realpath(vim.fn.getcwd()) or ""
  local inside = current == project.root or vim.startswith(current, project.root .. "/")
  return inside and current or project.root
end

---@param command string[]
---@param options table
local function start(command, options)
  if vim.fn.has("nvim-0.11") == 1 then
    options.term = true
    vim.fn.jobstart(command, options)
  else
    vim.fn.termopen(command, options)
  end
end

--- Open a new shell.
---@param project buildd.Project
---@param environment string "" for the default environment
---@param modifiers string
function M.open(project, environment, modifiers)
  local command = vim.list_extend(vim.list_slice(config.command()), { "shell" })
  if vim.fn.executable(command[1]) == 0 then
    require("buildd.daemon.client").start(project)
    return
  end
  if environment ~= "" then
    vim.list_extend(command, { "--env", environment })
  end
  local bufnr = window.open("shell", project, config.get().shell.open, modifiers)
  start(command, {
    cwd = directory(project),
    on_exit = function(_, status)
      -- After an error the window stays open, so that it can be read.
      if status == 0 and api.nvim_buf_is_valid(bufnr) then
        api.nvim_buf_delete(bufnr, { force = true })
      end
    end,
  })
  vim.bo[bufnr].filetype = "builddshell"
  vim.cmd.startinsert()
end

return M
