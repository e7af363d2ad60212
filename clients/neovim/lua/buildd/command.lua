--- The command `:Buildd`: its subcommands and their completion.

local client = require("buildd.daemon.client")
local notify = require("buildd.notify")
local projects = require("buildd.project")
local request = require("buildd.daemon.request")

local M = {}

---@class buildd.Call
---@field project buildd.Project
---@field arguments string[]
---@field first string the first argument, "" without arguments
---@field bang boolean
---@field modifiers string for example `vertical` or `tab`

---@param list? { name: string }[]
---@return string[]
local function names_of(list)
  return vim.tbl_map(function(item)
    return item.name
  end, list or {})
end

---@param project buildd.Project
---@return string[]
local function tasks(project)
  return names_of(project.status and project.status.tasks)
end

---@param project buildd.Project
---@return string[]
local function running(project)
  return names_of(vim.tbl_filter(function(task)
    return task.current ~= nil
  end, project.status and project.status.tasks or {}))
end

---@param project buildd.Project
---@return string[]
local function environments(project)
  return names_of(project.status and project.status.environments)
end

---@param project buildd.Project
---@return string[]
local function images(project)
  return project.status and project.status.images or {}
end

---@param project buildd.Project
---@return string[]
local function tests(project)
  local names = {}
  for _, task in ipairs(project.tests) do
    for _, test in ipairs(task.task == "test" and task.tests or {}) do
      table.insert(names, (table.concat(test.path, "::"):gsub(" ", "\\ ")))
    end
  end
  return names
end

---@param call buildd.Call
---@param task string
local function run(call, task)
  require("buildd.run").task(call.project, task, { quickfix = call.bang })
end

---@param call buildd.Call
local function test(call)
  if #call.arguments == 0 then
    run(call, "test")
    return
  end
  local chosen = {}
  for _, name in ipairs(call.arguments) do
    local found = require("buildd.ui.tests").named(call.project, "test", name)
    if #found == 0 then
      notify.error(
        ("the last run of the task `test` had no test `%s`"):format(name),
        "Run all tests with `:Buildd test`; `:Buildd tests` then lists them."
      )
      return
    end
    vim.list_extend(chosen, found)
  end
  require("buildd.run").task(call.project, "test", { tests = chosen, quickfix = call.bang })
end

---@param call buildd.Call
local function trust(call)
  local project = call.project
  client.when_ready(project, function()
    if call.bang then
      request.send(project, "buildd/revoke", { project = project.root }, function(result)
        notify.info(result.revoked and "trust revoked" or "this configuration was not trusted")
      end)
      return
    end
    project.trust_requested = true
    request.execute(project, "buildd.trust", { project.root }, function(result)
      project.trust_requested = false
      notify.info(result.trusted and "this configuration is trusted" or "not trusted")
    end, function(error)
      project.trust_requested = false
      notify.failure(error)
    end)
  end)
end

---@param call buildd.Call
local function restart(call)
  local project = call.project
  if not call.bang then
    client.restart(project)
    return
  end
  client.when_ready(project, function()
    local arguments = { call.first, project.root }
    request.execute(project, "buildd.restartEnvironment", arguments, function(result)
      notify.info(
        ("restarted the environment %s, which is %s"):format(result.environment, result.state)
      )
    end)
  end)
end

---@class buildd.Subcommand
---@field run fun(call: buildd.Call)
---@field most? integer the most arguments that it takes; nil: none
---@field names? fun(project: buildd.Project): string[] completions of the arguments

---@type table<string, buildd.Subcommand>
local SUBCOMMANDS = {
  build = {
    most = 1,
    names = tasks,
    run = function(call)
      run(call, call.first ~= "" and call.first or "build")
    end,
  },
  cancel = {
    most = 1,
    names = running,
    run = function(call)
      require("buildd.run").cancel(call.project, call.first, call.bang)
    end,
  },
  doctor = {
    run = function(call)
      require("buildd.ui.report").doctor(call.project, call.modifiers)
    end,
  },
  image = {
    most = 1,
    names = images,
    run = function(call)
      require("buildd.run").image(call.project, call.first)
    end,
  },
  log = {
    most = 1,
    names = tasks,
    run = function(call)
      require("buildd.ui.log").open(call.project, call.first, call.modifiers)
    end,
  },
  quickfix = {
    most = 1,
    names = tasks,
    run = function(call)
      require("buildd.ui.quickfix").fill(call.project, call.first)
    end,
  },
  restart = { most = 1, names = environments, run = restart },
  run = {
    most = 1,
    names = tasks,
    run = function(call)
      if call.first ~= "" then
        run(call, call.first)
      else
        notify.error("no task given", "Use `:Buildd run TASK`; <Tab> completes the tasks.")
      end
    end,
  },
  shell = {
    most = 1,
    names = environments,
    run = function(call)
      require("buildd.ui.shell").open(call.project, call.first, call.modifiers)
    end,
  },
  status = {
    run = function(call)
      require("buildd.ui.report").status(call.project, call.modifiers)
    end,
  },
  test = { most = math.huge, names = tests, run = test },
  tests = {
    run = function(call)
      require("buildd.ui.tests").open(call.project, call.modifiers)
    end,
  },
  trust = { run = trust },
}

---@return string[]
local function subcommands()
  local names = vim.tbl_keys(SUBCOMMANDS)
  table.sort(names)
  return names
end

--- Run `:Buildd NAME[!] ARGUMENT…`.
---@param call { fargs: string[], bang: boolean, mods: string }
function M.run(call)
  local arguments = vim.list_slice(call.fargs)
  local name = table.remove(arguments, 1) or "status"
  local plain = name:gsub("!$", "")
  local subcommand = SUBCOMMANDS[plain]
  if not subcommand then
    notify.error(
      ("unknown subcommand `%s`"):format(plain),
      "There are: " .. table.concat(subcommands(), ", ") .. "."
    )
    return
  end
  if #arguments > (subcommand.most or 0) then
    notify.error(
      ("`:Buildd %s` takes %s"):format(
        plain,
        subcommand.most and "at most one argument" or "no arguments"
      ),
      "See `:help :Buildd`."
    )
    return
  end
  local project = projects.here()
  if not project then
    notify.error(
      ("there is no project in %s or above it"):format(vim.fn.getcwd()),
      "Run `buildd init` in a terminal to create a buildd.toml."
    )
    return
  end
  subcommand.run({
    project = project,
    arguments = arguments,
    first = arguments[1] or "",
    bang = call.bang or plain ~= name,
    modifiers = call.mods,
  })
end

--- Return the completions at the cursor.
---@param lead string
---@param line string
---@param position integer
---@return string[]
function M.complete(lead, line, position)
  local words = vim.split(line:sub(1, position), "%s+")
  local at = 1
  while words[at] and not words[at]:match("^%A*Buildd!?$") do
    at = at + 1
  end
  local names
  if #words <= at + 1 then
    names = subcommands()
  else
    local subcommand = SUBCOMMANDS[(words[at + 1]:gsub("!$", ""))]
    local project = subcommand and subcommand.names and projects.here()
    names = project and subcommand.names(project) or {}
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

return M
