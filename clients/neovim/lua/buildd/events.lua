--- What the daemon tells by itself, and what is asked because of it.

local projects = require("buildd.project")
local request = require("buildd.request")

local M = {}

--- What this plugin was written for.
local PROTOCOL = 1

local METHOD_NOT_FOUND = -32601

--- Tests are asked for again after a pause of so many times what the asking took: ten thousand
--- of them are some megabytes.
local PAUSE_FACTOR = 10
local LONGEST_PAUSE = 5000

--- One question under way, and one pending.
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

--- Ask how the project is.
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
    "Install both from one version (`pip install --upgrade buildd`), then `buildd daemon restart`."
  )
end

--- A client has just been initialised: hear of all changes from now on.
---@param project buildd.Project
function M.follow(project)
  local greeting = { version = "0", build = 0, client = "neovim" }
  request.send(project, "buildd/hello", greeting, function(result)
    project.version = result.version
    if result.protocol ~= PROTOCOL then
      outdated(
        project,
        ("speaks version %d of the protocol, this plugin version %d"):format(
          result.protocol,
          PROTOCOL
        )
      )
    end
  end, function() end)
  request.send(project, "buildd/events", { project = project.root }, function() end, function(error)
    if error.code == METHOD_NOT_FOUND then
      outdated(project, "is older than this plugin: the statusline and the tests stay empty")
    end
  end)
end

--- A run shown as work in progress goes on.
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

--- What the user answers. vim.lsp's own way puts a colon behind the message, which here ends in a
--- command that is asked about.
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

--- What vim.lsp does with messages that are buildd's own, or that it would show otherwise.
---@type table<string, fun(error: any, params: any, context: { client_id: integer }): any>
M.handlers = {
  ["buildd/changed"] = function(_, _, context)
    local project = projects.of_client(context.client_id)
    if project then
      M.refresh(project)
    end
  end,
  ["buildd/output"] = function(_, params, context)
    local log = package.loaded["buildd.log"]
    local project = log and projects.of_client(context.client_id)
    if project then
      log.output(project, params)
    end
  end,
  ["window/showMessage"] = function(_, params, context)
    local project = projects.of_client(context.client_id)
    -- What refuses to start says so in its answer, too.
    if project and project.rpc then
      vim.notify(params.message, LEVELS[params.type] or vim.log.levels.INFO, { title = "buildd" })
    end
  end,
  ["window/showMessageRequest"] = function(_, params, context)
    local project = projects.of_client(context.client_id)
    if require("buildd.config").get().trust or (project and project.asked) then
      return choose(params.message, params.actions or {})
    end
    return vim.NIL
  end,
}

return M
