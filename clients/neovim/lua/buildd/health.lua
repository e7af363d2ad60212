--- `:checkhealth buildd`: from the editor to the engine, what is wrong and what to do about it.

local config = require("buildd.config")

local M = {}

local health = vim.health

--- Milliseconds that a command has: a first one starts the daemon.
local TIMEOUT = 20000

---@param ... string
---@return vim.SystemCompleted?
local function buildd(...)
  local command = vim.list_extend(vim.list_slice(config.command()), { ... })
  local ok, process = pcall(vim.system, command, { text = true, stdin = false })
  return ok and process:wait(TIMEOUT) or nil
end

---@param process? vim.SystemCompleted
---@return string
local function complaint(process)
  local text = process and vim.trim(process.stderr or "") or ""
  return text ~= "" and text or ("status %s"):format(process and process.code or "unknown")
end

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok("Neovim " .. version)
  else
    health.error("Neovim " .. version, "The plugin needs 0.10 or later.")
  end
end

---@return boolean usable
local function check_command()
  local program = config.command()[1]
  if vim.fn.executable(program) == 0 then
    health.error(("`%s` is not found"):format(program), {
      "Install it: `pip install buildd`.",
      "Or name it: `vim.g.buildd = { command = '/path/to/buildd' }`.",
    })
    return false
  end
  local process = buildd("--version")
  local version = process and process.code == 0 and process.stdout:match("^buildd (%d%S*)")
  if not version then
    health.error(("`%s` is another program"):format(vim.fn.exepath(program)), {
      "Name the right one: `vim.g.buildd = { command = '/path/to/buildd' }`.",
      "`--version` gave: " .. complaint(process),
    })
    return false
  end
  health.ok(("buildd %s, %s"):format(version, vim.fn.exepath(program)))
  return true
end

---@param root? string
---@return buildd.Check[]?
local function ask_daemon(root)
  local arguments = root and { "-C", root, "doctor", "--json" } or { "doctor", "--json" }
  local process = buildd(unpack(arguments))
  local ok, result = pcall(vim.json.decode, process and process.stdout or "")
  if ok and type(result) == "table" and result.checks then
    health.ok("the daemon answers")
    return result.checks
  end
  health.error("the daemon does not answer: " .. complaint(process), {
    "`buildd daemon restart` starts a new one.",
    "Its log is in the directory that `buildd status` names.",
  })
end

---@param checks buildd.Check[]
local function show(checks)
  for _, check in ipairs(checks) do
    local text = ("%s: %s"):format(check.name, check.detail)
    if check.state == "ok" then
      health.ok(text)
    elseif check.state == "warning" then
      health.warn(text, check.remedy)
    else
      health.error(text, check.remedy)
    end
  end
end

---@param root string
local function check_client(root)
  local project = require("buildd.project").get(root)
  if project.state == "connected" then
    health.ok(("connected, %d open files"):format(vim.tbl_count(project.buffers)))
  elseif project.state == "new" then
    health.info("no file of it is open: nothing is connected yet")
  else
    health.warn("not connected: " .. project.state, "`:Buildd restart` connects again.")
  end
end

--- The directory that the user looked at before the report.
---@return string
local function looked_at()
  local previous = vim.fn.bufnr("#")
  local name = previous > 0 and vim.api.nvim_buf_get_name(previous) or ""
  return vim.uv.fs_stat(name) and name or vim.fn.getcwd()
end

function M.check()
  local root = require("buildd.attach").root(looked_at())
  health.start("buildd: this machine")
  check_neovim()
  local checks = check_command() and ask_daemon(root)
  if checks then
    show(checks)
  end
  health.start("buildd: the project")
  if root then
    health.ok(root)
    check_client(root)
  else
    health.info(
      ("there is none at or above %s: `buildd init` writes a buildd.toml"):format(looked_at())
    )
  end
end

return M
