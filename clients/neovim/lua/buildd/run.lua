--- Runs that the user asked for, and how they ended.

local client = require("buildd.client")
local config = require("buildd.config")
local notify = require("buildd.notify")
local request = require("buildd.request")
local words = require("buildd.words")

local M = {}

--- `build failed with exit status 2 in 1.2 s: 1 error, 2 warnings`
---@param result buildd.RunResult
---@return string
function M.describe(result)
  local run = result.run
  local verdict
  if run.state ~= "finished" then
    verdict = ("%s was %s"):format(run.task, run.state)
  elseif run.exitStatus == 0 then
    verdict = ("%s succeeded in %s"):format(run.task, words.took(run))
  else
    local took = words.took(run)
    verdict = ("%s failed with exit status %d in %s"):format(run.task, run.exitStatus, took)
  end
  local counts = {}
  for _, one in ipairs(result.diagnostics or {}) do
    counts[one.severity] = (counts[one.severity] or 0) + 1
  end
  for _, one in ipairs(result.tests or {}) do
    local state = one.state == "errored" and "failed" or one.state
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
local function tell(result)
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

--- Run a task, or some of its tests, and say how it went.
---@param project buildd.Project
---@param task string
---@param options? { tests?: string[][], quickfix?: boolean }
---@param done? fun(result?: buildd.RunResult) nil where it could not be
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
      tell(result)
      if options.quickfix then
        require("buildd.quickfix").set(result.diagnostics or {}, "buildd " .. task)
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
        notify.error(("%s did not succeed, so there is no image"):format(result.failed.task), "")
      else
        notify.info(("%s is built"):format(result.tag))
      end
    end, notify.failure)
  end, notify.failure)
end

--- Cancel runs: of a task, or all of the project and what is made of its environments.
---@param project buildd.Project
---@param task string "" for all
---@param kill boolean at once, without the polite signals
function M.cancel(project, task, kill)
  client.when_ready(project, function()
    local params = { project = project.root, task = task, kill = kill }
    request.send(project, "buildd/cancel", params, function(result)
      if #result.runs == 0 and #(result.environments or {}) == 0 then
        notify.info("nothing runs")
      end
    end)
  end)
end

return M
