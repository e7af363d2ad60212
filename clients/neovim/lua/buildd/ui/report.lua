--- The windows of `:Buildd status` and `:Buildd doctor`.

local client = require("buildd.daemon.client")
local config = require("buildd.config")
local projects = require("buildd.project")
local request = require("buildd.daemon.request")
local window = require("buildd.ui.window")
local words = require("buildd.words")

local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("buildd.report")

local MARKS = { ok = "✓", warning = "!", error = "✗" }

local GROUPS = { ["✓"] = "DiagnosticOk", ["!"] = "DiagnosticWarn", ["✗"] = "DiagnosticError" }

---@param task buildd.TaskStatus
---@return string mark
---@return string text
local function task_state(task)
  local run = task.current
  if run then
    return "▸", run.state or "queued"
  end
  run = task.last
  if not run then
    return " ", "not run yet"
  end
  local took = words.took(run)
  local at = os.date("%X", math.floor(run.ended or 0))
  if run.state ~= "finished" then
    return "!", ("%s at %s"):format(run.state, at)
  elseif run.exitStatus == 0 then
    return "✓", ("succeeded at %s in %s"):format(at, took)
  end
  return "✗", ("failed at %s in %s, exit status %d"):format(at, took, run.exitStatus)
end

---@param project buildd.Project
---@return string[]
local function status_lines(project)
  local status = project.status
  if not status then
    return { project.root, "", "  " .. (project.state == "connected" and "…" or project.state) }
  end
  local lines = { project.root, "" }
  if status.error and status.error ~= "" then
    table.insert(lines, "  ✗ " .. status.error)
  elseif not status.trusted then
    table.insert(lines, "  ! not trusted: nothing runs until you agree with `:Buildd trust`")
  end
  for _, environment in ipairs(status.environments or {}) do
    local state = environment.state
    local mark = state == "failed" and "✗" or state == "warm" and "✓" or " "
    local image, detail = environment.image or "", environment.detail or ""
    local columns = { environment.name, environment.engine, state, image, detail }
    table.insert(lines, ("  %s %s"):format(mark, vim.trim(table.concat(columns, "  "))))
    if environment.changed and #environment.changed > 0 then
      table.insert(lines, "    changed since: " .. table.concat(environment.changed, ", "))
    end
    if environment.slow and environment.slow ~= "" then
      table.insert(lines, "    slower, with one exec per run: " .. environment.slow)
    end
    for _, remark in ipairs(environment.remarks or {}) do
      table.insert(lines, "    " .. remark)
    end
  end
  table.insert(lines, "")
  for _, task in ipairs(status.tasks or {}) do
    local mark, text = task_state(task)
    local found = {}
    for _, noun in ipairs({ "error", "warning" }) do
      local count = task[noun .. "s"] or 0
      if count > 0 then
        table.insert(found, words.counted(count, noun))
      end
    end
    local rest = #found > 0 and ", " .. table.concat(found, ", ") or ""
    local saved = task.onSave and ", on save" or ""
    table.insert(lines, ("  %s %s  %s%s%s"):format(mark, task.name, text, rest, saved))
  end
  return lines
end

---@param bufnr integer
---@param lines string[]
local function write(bufnr, lines)
  local flat = vim.split(table.concat(lines, "\n"), "\n")
  window.write(bufnr, flat)
  api.nvim_buf_clear_namespace(bufnr, namespace, 0, -1)
  for number, line in ipairs(flat) do
    local mark = line:match("^  (%S+) ")
    if GROUPS[mark] then
      api.nvim_buf_set_extmark(bufnr, namespace, number - 1, 2, {
        end_col = 2 + #mark,
        hl_group = GROUPS[mark],
      })
    end
  end
end

---@param kind string
---@param project buildd.Project
---@param modifiers string
---@return integer bufnr
local function open(kind, project, modifiers)
  local how = config.get().status.open
  local bufnr = window.find(kind, project)
  if bufnr then
    window.go(bufnr, how)
    return bufnr
  end
  bufnr = window.open(kind, project, how, modifiers)
  window.finish(bufnr, kind .. "/" .. project.name, "buildd" .. kind)
  return bufnr
end

--- Show the state of the project, and keep it up to date.
---@param project buildd.Project
---@param modifiers string
function M.status(project, modifiers)
  local bufnr = open("status", project, modifiers)
  write(bufnr, status_lines(project))
  client.when_ready(project, function()
    require("buildd.daemon.events").refresh(project)
  end)
end

--- Have the daemon check the machine, the engines and the project, and show the results.
---@param project buildd.Project
---@param modifiers string
function M.doctor(project, modifiers)
  client.when_ready(project, function()
    request.send(project, "buildd/doctor", { project = project.root }, function(result)
      local lines = {}
      for _, check in ipairs(result.checks) do
        table.insert(
          lines,
          ("  %s %s: %s"):format(MARKS[check.state] or "?", check.name, check.detail)
        )
        if check.remedy and check.remedy ~= "" then
          table.insert(lines, "      " .. check.remedy)
        end
      end
      write(open("doctor", project, modifiers), lines)
    end)
  end)
end

projects.subscribe(function(project, what)
  local bufnr = (what == "status" or what == "connected") and window.find("status", project)
  if bufnr then
    write(bufnr, status_lines(project))
  end
end)

return M
