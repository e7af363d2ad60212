--- `:checkhealth buildd`: check everything from the editor to the container engine.

local config = require("buildd.config")

local M = {}

local health = vim.health

--- Milliseconds in which a command must end. The first one starts the daemon.
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
local function error_text(process)
  local text = process and vim.trim(process.stderr or "") or ""
  return text ~= "" and text or ("exit status %s"):format(process and process.code or "unknown")
end

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has("nvim-0.10") == 1 then
    health.ok("Neovim " .. version)
  else
    health.error("Neovim " .. version, "Install Neovim 0.10 or later.")
  end
end

---@return boolean usable
local function check_command()
  local program = config.command()[1]
  if vim.fn.executable(program) == 0 then
    health.error(("the command `%s` was not found"):format(program), {
      "Install it: `pipx install buildd`.",
      "Or set its path: `vim.g.buildd = { command = '/path/to/buildd' }`.",
    })
    return false
  end
  local process = buildd("--version")
  local version = process and process.code == 0 and process.stdout:match("^buildd (%d%S*)")
  if not version then
    health.error(("`%s` is not buildd"):format(vim.fn.exepath(program)), {
      "Set the right path: `vim.g.buildd = { command = '/path/to/buildd' }`.",
      "Its `--version` failed with: " .. error_text(process),
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
  health.error("the daemon does not answer: " .. error_text(process), {
    "Run `buildd daemon restart` to start a new one.",
    "Read its log, by default `~/.local/state/buildd/daemon.log`.",
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
    local count = vim.tbl_count(project.buffers)
    health.ok(("connected, %d open %s"):format(count, count == 1 and "file" or "files"))
  elseif project.state == "new" then
    health.info("not connected yet, because no file of the project is open")
  else
    health.warn("not connected: " .. project.state, "Run `:Buildd restart` to connect again.")
  end
end

--- Return the file or directory that the user worked in before the report was opened.
---@return string
local function previous_path()
  local previous = vim.fn.bufnr("#")
  local name = previous > 0 and vim.api.nvim_buf_get_name(previous) or ""
  return vim.uv.fs_stat(name) and name or vim.fn.getcwd()
end

--- Run all checks, for `:checkhealth`.
function M.check()
  local root = require("buildd.attach").root(previous_path())
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
      ("there is no project in %s or above it; `buildd init` creates one"):format(previous_path())
    )
  end
end

return M
