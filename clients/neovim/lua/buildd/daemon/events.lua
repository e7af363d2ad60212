--- Handle the daemon's notifications and questions, and request what has changed.

local projects = require("buildd.project")
local request = require("buildd.daemon.request")

local M = {}

--- The version of the protocol that this plugin speaks.
local PROTOCOL = 1

local METHOD_NOT_FOUND = -32601

--- The pause between two requests for tests is this many times what the last one took: ten thousand
--- tests are several megabytes.
local PAUSE_FACTOR = 10
local LONGEST_PAUSE = 5000

--- Send a request unless it is in progress; in that case send it once more after that.
---@param project buildd.Project
---@param key string
---@param ask fun(finished: fun(pause?: integer))
local function once(project, key, ask)
  local asking = project.asking
  if asking[key] then
    asking[key] = "again"
    return
  end
  asking[key] = "once"
  ask(function(pause)
    vim.defer_fn(function()
      local again = asking[key] == "again"
      asking[key] = nil
      if again and project.rpc then
        once(project, key, ask)
      end
    end, pause or 0)
  end)
end

---@param project buildd.Project
local function refresh_tests(project)
  once(project, "tests", function(finished)
    local began = vim.uv.hrtime()
    request.send(project, "buildd/tests", { project = project.root }, function(result)
      if not vim.deep_equal(project.tests, result.tasks) then
        project.tests = result.tasks
        projects.changed(project, "tests")
      end
      local took = (vim.uv.hrtime() - began) / 1e6
      finished(math.floor(math.min(PAUSE_FACTOR * took, LONGEST_PAUSE)))
    end, function()
      finished()
    end)
  end)
end

--- Request the state of the project.
---@param project buildd.Project
function M.refresh(project)
  once(project, "status", function(finished)
    request.send(project, "buildd/status", { project = project.root }, function(result)
      project.status = result.projects[1]
      projects.changed(project, "status")
      finished()
    end, function()
      project.status = nil
      finished()
    end)
  end)
  refresh_tests(project)
end

---@param project buildd.Project
---@param what string
local function outdated(project, what)
  local version = project.version and (" " .. project.version) or ""
  require("buildd.notify").warn(
    ("the daemon%s %s"):format(version, what),
    "Install the same version of both (`pipx upgrade buildd`), then run `buildd daemon restart`."
  )
end

--- Subscribe to all changes; called when a client has been initialised.
---@param project buildd.Project
function M.follow(project)
  local greeting = { version = "0", build = 0, client = "neovim" }
  request.send(project, "buildd/hello", greeting, function(result)
    project.version = result.version
    if result.protocol ~= PROTOCOL then
      outdated(
        project,
        ("speaks version %d of the protocol, this plugin speaks version %d"):format(
          result.protocol,
          PROTOCOL
        )
      )
    end
  end, function() end)
  request.send(project, "buildd/events", { project = project.root }, function() end, function(error)
    if error.code == METHOD_NOT_FOUND then
      outdated(project, "is older than this plugin, so the statusline and the tests stay empty")
    end
  end)
end

--- Handle the progress of a run.
---@param project buildd.Project
---@param params { token: string|integer, value: { kind: string, percentage?: integer } }
function M.progress(project, params)
  local run = tostring(params.token):match("^buildd%-(.+)$")
  if run then
    local value = params.value
    project.percentages[run] = value.kind ~= "end" and value.percentage or nil
    projects.changed(project, "progress")
  end
end

--- Ask the user and return the answer. vim.lsp's own function would add a colon to the message,
--- which ends with a command.
---@async
---@param message string
---@param actions lsp.MessageActionItem[]
---@return lsp.MessageActionItem|vim.NIL
local function choose(message, actions)
  local question = coroutine.running()
  local options = {
    prompt = message,
    kind = "buildd",
    format_item = function(action)
      return action.title
    end,
  }
  vim.ui.select(actions, options, function(choice)
    vim.schedule(function()
      coroutine.resume(question, choice or vim.NIL)
    end)
  end)
  return coroutine.yield()
end

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO }

--- Handlers for vim.lsp: of buildd's own messages, and of those that we show in another way.
---@type table<string, fun(error: any, params: any, context: { client_id: integer }): any>
M.handlers = {
  ["buildd/changed"] = function(_, _, context)
    local project = projects.of_client(context.client_id)
    if project then
      M.refresh(project)
    end
  end,
  ["buildd/output"] = function(_, params, context)
    local log = package.loaded["buildd.ui.log"]
    local project = log and projects.of_client(context.client_id)
    if project then
      log.output(project, params)
    end
  end,
  ["window/showMessage"] = function(_, params, context)
    local project = projects.of_client(context.client_id)
    -- A server that refuses to start also says so in its answer to `initialize`.
    if project and project.rpc then
      vim.notify(params.message, LEVELS[params.type] or vim.log.levels.INFO, { title = "buildd" })
    end
  end,
  ["window/showMessageRequest"] = function(_, params, context)
    local project = projects.of_client(context.client_id)
    if require("buildd.config").get().trust or (project and project.trust_requested) then
      return choose(params.message, params.actions or {})
    end
    return vim.NIL
  end,
}

return M
