--- Send requests to the daemon over the connection of a project's client.

local notify = require("buildd.notify")

local M = {}

--- The error code for requests that get no answer because the connection has ended.
local LOST = -32006

--- Send one of the daemon's custom requests. Its result goes to `done` and its error to `failed`,
--- unless the request is cancelled.
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
      code = LOST,
      message = "there is no connection to the daemon",
      data = { remedy = "`:Buildd restart` reconnects." },
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

--- Fail all requests that wait, because the connection has ended.
---@param project buildd.Project
---@param message string the reason
function M.abandon(project, message)
  local pending, waiting = project.pending, project.waiting
  project.pending, project.waiting = {}, {}
  for _, failed in pairs(pending) do
    failed({ code = LOST, message = message })
  end
  for _, request_waiting in ipairs(waiting) do
    request_waiting.failed({ code = LOST, message = message })
  end
end

return M
