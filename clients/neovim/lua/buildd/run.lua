--- Run tasks for the user, and report how they ended.

local client = require("buildd.daemon.client")
local config = require("buildd.config")
local notify = require("buildd.notify")
local request = require("buildd.daemon.request")
local words = require("buildd.words")

local M = {}

--- Return how a run ended, as `build failed with exit status 2 in 1.2 s: 1 error, 2 warnings`.
---@param result buildd.RunResult
---@return string
function M.describe(result)
  local run = result.run
  local took = words.took(run)
  local verdict
  if run.state ~= "finished" then
    verdict = ("%s was %s"):format(run.task, run.state)
  elseif run.exitStatus == 0 then
    verdict = ("%s succeeded in %s"):format(run.task, took)
  else
    verdict = ("%s failed with exit status %d in %s"):format(run.task, run.exitStatus, took)
  end
  local counts = {}
  for _, diagnostic in ipairs(result.diagnostics or {}) do
    counts[diagnostic.severity] = (counts[diagnostic.severity] or 0) + 1
  end
  for _, test in ipairs(result.tests or {}) do
    local state = test.state == "errored" and "failed" or test.state
    counts[state] = (counts[state] or 0) + 1
  end
  local found = {}
  for _, state in ipairs({ "passed", "failed", "skipped" }) do
    if counts[state] then
      table.insert(found, ("%s %s"):format(words.counted(counts[state], "test"), state))
    end
  end
  for _, severity in ipairs({ "error", "warning" }) do
    if counts[severity] then
      table.insert(found, words.counted(counts[severity], severity))
    end
  end
  return #found > 0 and ("%s: %s"):format(verdict, table.concat(found, ", ")) or verdict
end

---@param result buildd.RunResult
local function report(result)
  if not config.get().messages then
    return
  end
  local run = result.run
  if run.state == "finished" and run.exitStatus == 0 or run.state == "cancelled" then
    notify.info(M.describe(result))
  else
    notify.warn(M.describe(result))
  end
end

--- Run a task, or some of its tests, and show how it ended.
---@param project buildd.Project
---@param task string
---@param options? { tests?: string[][], quickfix?: boolean }
---@param done? fun(result?: buildd.RunResult) the result is nil if the run was not possible
function M.task(project, task, options, done)
  options = options or {}
  local function failed(error)
    notify.failure(error)
    if done then
      done()
    end
  end
  client.when_ready(project, function()
    ---@type buildd.RunParams
    local params =
      { project = project.root, task = task, tests = options.tests or {}, output = false }
    request.send(project, "buildd/run", params, function(result)
      report(result)
      if options.quickfix then
        require("buildd.ui.quickfix").set(result.diagnostics or {}, "buildd " .. task)
      end
      if done then
        done(result)
      end
    end, failed)
  end, failed)
end

--- Build a run image, after the tasks that it needs.
---@param project buildd.Project
---@param image string "" for the only one
function M.image(project, image)
  client.when_ready(project, function()
    notify.info("building the image " .. image)
    local params = { project = project.root, image = image, output = false }
    request.send(project, "buildd/image", params, function(result)
      if result.failed then
        local text = "the image was not built, because the task %s failed"
        notify.error(text:format(result.failed.task), "")
      else
        notify.info(("built the image %s"):format(result.tag))
      end
    end, notify.failure)
  end, notify.failure)
end

--- Cancel the runs of a task; or all runs of the project and the preparation of its environments.
---@param project buildd.Project
---@param task string "" for all
---@param kill boolean whether to send SIGKILL at once
function M.cancel(project, task, kill)
  client.when_ready(project, function()
    local params = { project = project.root, task = task, kill = kill }
    request.send(project, "buildd/cancel", params, function(result)
      if #result.runs == 0 and #(result.environments or {}) == 0 then
        notify.info("nothing is running")
      end
    end)
  end)
end

return M
