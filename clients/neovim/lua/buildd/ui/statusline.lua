--- The statusline: made when something changes, and only looked up when it is drawn.

local projects = require("buildd.project")

local M = {}

local drawn = false

local CONNECTIONS = { starting = "starting", lost = "reconnecting", stopped = "stopped" }

--- Of several environments, the state with the highest weight is shown.
local WEIGHTS = { absent = 1, stopped = 2, warm = 3, failed = 4, preparing = 5 }

---@param project buildd.Project
---@return buildd.Summary
local function summarise(project)
  local status = project.status
  ---@type buildd.Summary
  local summary = {
    project = project.root,
    connection = project.state,
    trusted = status and status.trusted or false,
    error = status and status.error or "",
    environment = "",
    errors = 0,
    warnings = 0,
    passed = 0,
    failed = 0,
  }
  for _, environment in ipairs(status and status.environments or {}) do
    if (WEIGHTS[environment.state] or 0) > (WEIGHTS[summary.environment] or 0) then
      summary.environment = environment.state
    end
  end
  for _, task in ipairs(status and status.tasks or {}) do
    summary.errors = summary.errors + (task.errors or 0)
    summary.warnings = summary.warnings + (task.warnings or 0)
    if task.current and not summary.task then
      summary.task = task.name
      summary.percentage = project.percentages[task.current.id]
    end
  end
  for _, task in ipairs(project.tests) do
    for _, test in ipairs(task.tests) do
      if test.state == "passed" then
        summary.passed = summary.passed + 1
      elseif test.state ~= "skipped" then
        summary.failed = summary.failed + 1
      end
    end
  end
  return summary
end

---@param summary buildd.Summary
---@param has_status boolean
---@return string
local function statusline_text(summary, has_status)
  local state
  if summary.connection ~= "connected" then
    state = CONNECTIONS[summary.connection] or ""
  elseif not has_status then
    state = "starting"
  elseif summary.error ~= "" then
    state = "configuration error"
  elseif not summary.trusted then
    state = "not trusted"
  elseif summary.task then
    state = summary.task
    if summary.environment == "preparing" then
      state = state .. " preparing"
    end
    if summary.percentage then
      state = ("%s %d%%"):format(state, summary.percentage)
    end
  else
    state = summary.environment
  end
  local parts = { "buildd: " .. state }
  if summary.errors > 0 then
    table.insert(parts, "E" .. summary.errors)
  end
  if summary.warnings > 0 then
    table.insert(parts, "W" .. summary.warnings)
  end
  return table.concat(parts, " ")
end

---@param project buildd.Project
local function update(project)
  project.summary = summarise(project)
  local text = statusline_text(project.summary, project.status ~= nil)
  if text ~= project.text then
    project.text = text
    if drawn then
      vim.cmd("redrawstatus!")
    end
  end
end

--- Return the text for the current window; "" outside of projects.
---@return string
function M.text()
  drawn = true
  local project = projects.shown_in(vim.api.nvim_get_current_buf())
  return project and project.text or ""
end

--- Return the same as data; nil outside of projects.
---@return buildd.Summary?
function M.summary()
  drawn = true
  local project = projects.shown_in(vim.api.nvim_get_current_buf())
  return project and project.summary
end

projects.subscribe(update)

return M
