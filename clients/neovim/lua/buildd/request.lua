--- What is asked of a project's daemon, over its client's connection.

local notify = require("buildd.notify")

local M = {}

--- As when an environment goes away: there is nobody any more who could answer.
local GONE = -32006

--- Send one of the daemon's own requests. What comes back is given to one of the two functions,
--- unless it is cancelled.
---@type buildd.Request
function M.send(project, method, params, done, failed)
  failed = failed or notify.failure
  local rpc = project.rpc
  local sent, id
  if rpc then
    sent, id = rpc.request(method, params, function(err, result)
      project.pending[id] = nil
      if err then
        failed(err)
      else
        done(result)
      end
    end)
  end
  if not sent then
    failed({
      code = GONE,
      message = "there is no connection to the daemon",
      data = { remedy = "`:Buildd restart` makes one." },
    })
    return function() end
  end
  project.pending[id] = failed
  return function()
    if project.pending[id] == failed and project.rpc == rpc then
      project.pending[id] = nil
      rpc.notify("$/cancelRequest", { id = id })
    end
  end
end

--- Have the daemon execute one of its LSP commands.
---@param project buildd.Project
---@param command string
---@param arguments string[]
---@param done fun(result: any)
---@param failed? fun(error: buildd.Failure)
---@return fun() cancel
function M.execute(project, command, arguments, done, failed)
  local params = { command = command, arguments = arguments }
  return M.send(project, "workspace/executeCommand", params, done, failed)
end

--- Nothing that waits will be answered any more.
---@param project buildd.Project
---@param message string
function M.abandon(project, message)
  local pending, waiting = project.pending, project.waiting
  project.pending, project.waiting = {}, {}
  for _, failed in pairs(pending) do
    failed({ code = GONE, message = message })
  end
  for _, one in ipairs(waiting) do
    one.failed({ code = GONE, message = message })
  end
end

return M
