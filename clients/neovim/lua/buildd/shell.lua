--- A shell in the project's environment, in a terminal buffer.

local config = require("buildd.config")
local window = require("buildd.window")

local M = {}

local api = vim.api

--- Where it starts: where the user is, if that is in the project.
---@param project buildd.Project
---@return string
local function directory(project)
  local here = vim.uv.fs_realpath(vim.fn.getcwd()) or ""
  local inside = here == project.root or vim.startswith(here, project.root .. "/")
  return inside and here or project.root
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

--- Open a new one.
---@param project buildd.Project
---@param environment string "" for the default one
---@param modifiers string
function M.open(project, environment, modifiers)
  local command = vim.list_extend(vim.list_slice(config.command()), { "shell" })
  if vim.fn.executable(command[1]) == 0 then
    require("buildd.client").start(project)
    return
  end
  if environment ~= "" then
    vim.list_extend(command, { "--env", environment })
  end
  local bufnr = window.open("shell", project, config.get().shell.open, modifiers)
  start(command, {
    cwd = directory(project),
    on_exit = function(_, status)
      -- What went wrong stays to be read.
      if status == 0 and api.nvim_buf_is_valid(bufnr) then
        api.nvim_buf_delete(bufnr, { force = true })
      end
    end,
  })
  vim.bo[bufnr].filetype = "builddshell"
  vim.cmd.startinsert()
end

return M
