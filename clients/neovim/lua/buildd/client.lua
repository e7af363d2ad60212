--- The life of a project's language client: started with its first file, started again when the
--- daemon has gone.

local api, lsp, uv = vim.api, vim.lsp, vim.uv

local config = require("buildd.config")
local notify = require("buildd.notify")
local projects = require("buildd.project")
local request = require("buildd.request")

local M = {}

--- Milliseconds until a lost connection is made again; twice as many each time.
local FIRST_DELAY = 100
local LONGEST_DELAY = 15000

--- How often it is tried: less often where the command has never answered.
local TRIES = 9
local TRIES_UNKNOWN = 3

--- Nanoseconds after which a connection counts as a good one.
local STEADY = 10e9

--- Milliseconds that a client has to stop before it is ended.
local PATIENCE = 2000

--- Those that were told of already.
---@type table<string, true>
local missing = {}

---@param program string
---@param asked boolean the user asks for something that needs it
local function tell_missing(program, asked)
  if asked or not missing[program] then
    missing[program] = true
    notify.error(
      ("the command `%s` is not found"):format(program),
      "Install it (`pip install buildd`), or name it with the option `command`; then"
        .. " `:Buildd restart`. `:checkhealth buildd` looks further."
    )
  end
end

---@param project buildd.Project
local function lost(project)
  project.state = "lost"
  project.failures = project.failures + 1
  local tries = project.known and TRIES or TRIES_UNKNOWN
  if not config.get().reconnect or project.failures >= tries then
    project.state = "stopped"
    projects.changed(project, "status")
    if project.known then
      notify.error("the connection to the daemon is lost", "`:Buildd restart` makes a new one.")
    else
      notify.error(
        ("`%s lsp` ended before it answered"):format(table.concat(config.command(), " ")),
        "Is it this buildd? `:checkhealth buildd` tells."
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
---@return buildd.Watch
local function watch(project)
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
      if project.known and uv.hrtime() - started > STEADY then
        project.failures = 0
      end
      lost(project)
    end,
  }
end

---@param project buildd.Project
---@param client vim.lsp.Client
local function initialized(project, client)
  project.rpc, project.state, project.known = client.rpc, "connected", true
  local shown = config.get().diagnostics
  if next(shown) then
    vim.diagnostic.config(shown, lsp.diagnostic.get_namespace(client.id))
  end
  local waiting = project.waiting
  project.waiting = {}
  require("buildd.events").follow(project)
  projects.changed(project, "connected")
  for _, one in ipairs(waiting) do
    one.done()
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
    handlers = require("buildd.events").handlers,
  }, extra)
  settings.cmd = require("buildd.connection").start(command, watch(project))
  settings.on_init = {
    function(client)
      initialized(project, client)
    end,
    extra.on_init,
  }
  return settings
end

--- Have the project's client started. False where that cannot be, of which the user was told: of a
--- missing command once, and whenever something was `asked` for.
---@param project buildd.Project
---@param asked? boolean
---@return boolean
function M.start(project, asked)
  if project.client_id then
    return true
  end
  local program = config.command()[1]
  if vim.fn.executable(program) == 0 then
    project.state = "stopped"
    tell_missing(program, asked or false)
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
      "`:checkhealth buildd` looks further."
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

--- What all projects share, once the first is there.
function M.prepare()
  if prepared then
    return
  end
  prepared = true
  require("buildd.statusline")
  require("buildd.signs")
  if config.get().codelens then
    require("buildd.codelens")
  end
  local group = api.nvim_create_augroup("buildd.client", {})
  api.nvim_create_autocmd("LspProgress", {
    group = group,
    callback = function(event)
      local project = projects.of_client(event.data.client_id)
      if project then
        require("buildd.events").progress(project, event.data.params)
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

--- A file of the project is open.
---@param project buildd.Project
---@param bufnr integer
---@param written boolean it was written just now, before the client knew of it
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

--- Do something once the client can be asked, which is started if need be.
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
  project.failures, project.known = 0, nil
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
    end, PATIENCE)
  end
end

return M
