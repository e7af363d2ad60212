--- Show the result of each test as a sign beside its line.

local config = require("buildd.config")
local projects = require("buildd.project")
local tree = require("buildd.ui.tree")

local M = {}

local api = vim.api

M.namespace = api.nvim_create_namespace("buildd.tests")

local GROUPS = {
  passed = "BuilddPassed",
  failed = "BuilddFailed",
  errored = "BuilddErrored",
  skipped = "BuilddSkipped",
}

--- If several tests share a line, the state with the highest weight is shown.
local WEIGHTS = { skipped = 1, passed = 2, errored = 3, failed = 4 }

for group, link in pairs({
  BuilddPassed = "DiagnosticOk",
  BuilddFailed = "DiagnosticError",
  BuilddErrored = "DiagnosticError",
  BuilddSkipped = "DiagnosticWarn",
}) do
  api.nvim_set_hl(0, group, { link = link, default = true })
end

--- Return the sign and the highlight group of a test's state.
---@param state buildd.TestState
---@return string sign
---@return string group
function M.sign(state)
  local signs = config.get().signs
  return signs and signs[state] or state:sub(1, 1), GROUPS[state]
end

---@param project buildd.Project
---@return table<string, table<integer, buildd.TestState>> states by file and line
local function states_by_line(project)
  local found = {}
  for _, task in ipairs(project.tests) do
    for _, test in ipairs(task.tests) do
      local file, line = tree.place(test)
      if file and line then
        local lines = found[file] or {}
        found[file] = lines
        local known = lines[line]
        if not known or WEIGHTS[test.state] > WEIGHTS[known] then
          lines[line] = test.state
        end
      end
    end
  end
  return found
end

---@param bufnr integer
---@param lines table<integer, buildd.TestState>
local function show(bufnr, lines)
  api.nvim_buf_clear_namespace(bufnr, M.namespace, 0, -1)
  local count = api.nvim_buf_line_count(bufnr)
  for line, state in pairs(lines) do
    if line <= count then
      local sign, group = M.sign(state)
      api.nvim_buf_set_extmark(bufnr, M.namespace, line - 1, 0, {
        sign_text = sign,
        sign_hl_group = group,
        priority = 9,
      })
    end
  end
end

--- Show the signs in the project's open files.
---@param project buildd.Project
function M.update(project)
  if not config.get().signs then
    return
  end
  local found = states_by_line(project)
  for _, bufnr in ipairs(projects.loaded(project)) do
    local name = api.nvim_buf_get_name(bufnr)
    show(bufnr, found[name] or found[vim.uv.fs_realpath(name) or name] or {})
  end
end

projects.subscribe_tests(M.update)

return M
