--- The language client of a project: start it with the project's first file, and again when the
--- daemon has ended.

local api, lsp, uv = vim.api, vim.lsp, vim.uv

local config = require("buildd.config")
local notify = require("buildd.notify")
local projects = require("buildd.project")
local request = require("buildd.daemon.request")

local M = {}

--- Milliseconds before a lost connection is made again; each delay is twice as long as the last.
local FIRST_DELAY = 100
local LONGEST_DELAY = 15000

--- How often we try to reconnect; less often if the command has never answered.
local TRIES = 9
local TRIES_UNKNOWN = 3

--- Nanoseconds after which a connection counts as a good one.
local STEADY = 10e9

--- Milliseconds in which a client must stop before its process is killed.
local STOP_TIMEOUT = 2000

--- The missing commands that were reported.
---@type table<string, true>
local missing = {}

---@param program string
---@param requested boolean whether the user has requested something that needs it
local function report_missing(program, requested)
  if requested or not missing[program] then
    missing[program] = true
    notify.error(
      ("the command `%s` was not found"):format(program),
      "Install it (`pipx install buildd`) or set the option `command`, then run `:Buildd restart`."
        .. " `:checkhealth buildd` checks more."
    )
  end
end

---@param project buildd.Project
local function lost(project)
  project.state = "lost"
  project.failures = project.failures + 1
  local tries = project.has_connected and TRIES or TRIES_UNKNOWN
  if not config.get().reconnect or project.failures >= tries then
    project.state = "stopped"
    projects.changed(project, "status")
    if project.has_connected then
      notify.error("the connection to the daemon was lost", "`:Buildd restart` reconnects.")
    else
      notify.error(
        ("`%s lsp` ended before it answered"):format(table.concat(config.command(), " ")),
        "Check with `:checkhealth buildd` whether it is the right program."
      )
    end
    return
  end
  projects.changed(project, "status")
  local delay = math.min(FIRST_DELAY * 2 ^ (project.failures - 1), LONGEST_DELAY)
  vim.defer_fn(function()
    if project.state == "lost" then
      M.start(project)
    end
  end, delay)
end

---@param project buildd.Project
---@return buildd.TransportHandlers
local function transport_handlers(project)
  local started = uv.hrtime()
  return {
    refused = notify.error,
    ended = function(wanted)
      project.client_id, project.rpc, project.status = nil, nil, nil
      project.asking, project.percentages = {}, {}
      if vim.v.exiting ~= vim.NIL then
        return
      end
      request.abandon(project, "the connection to buildd has ended")
      if wanted then
        project.state = "stopped"
        projects.changed(project, "status")
        if project.restarting then
          project.restarting = false
          M.start(project)
        end
        return
      end
      if project.has_connected and uv.hrtime() - started > STEADY then
        project.failures = 0
      end
      lost(project)
    end,
  }
end

---@param project buildd.Project
---@param client vim.lsp.Client
local function initialized(project, client)
  project.rpc, project.state, project.has_connected = client.rpc, "connected", true
  local shown = config.get().diagnostics
  if next(shown) then
    vim.diagnostic.config(shown, lsp.diagnostic.get_namespace(client.id))
  end
  local waiting = project.waiting
  project.waiting = {}
  require("buildd.daemon.events").follow(project)
  projects.changed(project, "connected")
  for _, request_waiting in ipairs(waiting) do
    request_waiting.done()
  end
end

---@param project buildd.Project
---@return vim.lsp.ClientConfig
local function client_config(project)
  local command = vim.list_extend(vim.list_slice(config.command()), { "lsp" })
  local extra = config.get().lsp
  local settings = vim.tbl_deep_extend("force", {
    name = "buildd",
    root_dir = project.root,
    workspace_folders = { { uri = vim.uri_from_fname(project.root), name = project.name } },
    handlers = require("buildd.daemon.events").handlers,
  }, extra)
  settings.cmd = require("buildd.daemon.transport").start(command, transport_handlers(project))
  settings.on_init = {
    function(client)
      initialized(project, client)
    end,
    extra.on_init,
  }
  return settings
end

--- Start the project's client unless it is started. Returns false if that is not possible; the user
--- is told why. A missing command is reported only once, unless the user has `requested` something.
---@param project buildd.Project
---@param requested? boolean
---@return boolean
function M.start(project, requested)
  if project.client_id then
    return true
  end
  local program = config.command()[1]
  if vim.fn.executable(program) == 0 then
    project.state = "stopped"
    report_missing(program, requested or false)
    return false
  end
  M.prepare()
  project.state = "starting"
  local settings = client_config(project)
  local id
  if vim.fn.has("nvim-0.11") == 1 then
    id = lsp.start(settings, {
      attach = false,
      silent = true,
      reuse_client = function()
        return false
      end,
    })
  else
    id = lsp.start_client(settings)
  end
  if not id then
    project.state = "stopped"
    notify.error(
      ("`%s lsp` cannot be started"):format(program),
      "Run `:checkhealth buildd` to find out why."
    )
    return false
  end
  project.client_id = id
  for bufnr in pairs(project.buffers) do
    if api.nvim_buf_is_loaded(bufnr) then
      lsp.buf_attach_client(bufnr, id)
    end
  end
  projects.changed(project, "status")
  return true
end

local prepared = false

--- Set up what all projects share, when the first project is opened.
function M.prepare()
  if prepared then
    return
  end
  prepared = true
  require("buildd.ui.statusline")
  require("buildd.ui.signs")
  if config.get().codelens then
    require("buildd.ui.codelens")
  end
  local group = api.nvim_create_augroup("buildd.client", {})
  api.nvim_create_autocmd("LspProgress", {
    group = group,
    callback = function(event)
      local project = projects.of_client(event.data.client_id)
      if project then
        require("buildd.daemon.events").progress(project, event.data.params)
      end
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    group = group,
    callback = function(event)
      projects.forget(event.buf)
    end,
  })
end

--- Attach a buffer with a file of the project.
---@param project buildd.Project
---@param bufnr integer
---@param written boolean whether it was written just now, before the client knew it
function M.attach(project, bufnr, written)
  projects.adopt(project, bufnr)
  project.buffers[bufnr] = true
  if #project.tests > 0 then
    projects.changed(project, "tests")
  end
  if project.state == "stopped" or not M.start(project) then
    return
  end
  if lsp.buf_attach_client(bufnr, project.client_id) and written then
    local document = { uri = vim.uri_from_bufnr(bufnr) }
    M.when_ready(project, function()
      project.rpc.notify("textDocument/didSave", { textDocument = document })
    end)
  end
end

--- Call `done` once the client is connected; start the client if necessary.
---@param project buildd.Project
---@param done fun()
---@param failed? fun(error: buildd.Failure)
function M.when_ready(project, done, failed)
  if project.rpc then
    done()
  elseif M.start(project, true) then
    table.insert(project.waiting, { done = done, failed = failed or notify.failure })
  end
end

--- Stop the client and start a new one.
---@param project buildd.Project
function M.restart(project)
  project.failures, project.has_connected = 0, nil
  missing = {}
  if not project.client_id then
    M.start(project)
    return
  end
  project.restarting = true
  local client = lsp.get_client_by_id(project.client_id)
  if client then
    client:stop()
    vim.defer_fn(function()
      if project.restarting then
        client:stop(true)
      end
    end, STOP_TIMEOUT)
  end
end

return M
