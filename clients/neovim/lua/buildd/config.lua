--- The options: their defaults, the user's, and what is wrong with those.

local M = {}

---@type buildd.Options
local DEFAULTS = {
  enabled = true,
  command = "buildd",
  root_markers = { "buildd.toml", "build.Dockerfile" },
  trust = true,
  reconnect = true,
  messages = true,
  lsp = {},
  diagnostics = {},
  codelens = false,
  signs = { passed = "✓", failed = "✗", errored = "!", skipped = "-" },
  quickfix = { open = true, related = true },
  log = { open = "botright 15split", scrollback = 10000 },
  shell = { open = "botright 15split" },
  tests = { open = "botright 50vsplit" },
  status = { open = "botright 15split" },
}

--- Where another type than the default's will do, too.
local ALSO = {
  enabled = "function",
  command = "table",
  signs = "boolean",
}

--- What is handed on to Neovim as it is.
local HANDED_ON = { lsp = true, diagnostics = true }

---@type buildd.Options?
local current

--- The options in force.
---@return buildd.Options
function M.get()
  if not current then
    M.set({})
  end
  return current --[[@as buildd.Options]]
end

--- The program and arguments with which every command line of buildd begins.
---@return string[]
function M.command()
  local command = M.get().command
  return type(command) == "table" and command or { command }
end

local apply

---@param name string
---@param known table
---@return string problem
local function unknown(name, known)
  local names = vim.tbl_keys(known)
  table.sort(names)
  for _, one in ipairs(names) do
    if vim.startswith(name, one) or #vim.fn.matchfuzzy({ one }, name) > 0 then
      return ("there is no option `%s`, did you mean `%s`?"):format(name, one)
    end
  end
  return ("there is no option `%s`, there are: %s"):format(name, table.concat(names, ", "))
end

--- Put one option over its default.
---@param problems string[] gets what is wrong
---@return string? problem
local function apply_one(target, key, value, where, problems)
  local default = target[key]
  if default == nil then
    return unknown(tostring(key), target)
  end
  local wanted, got = type(default), type(value)
  if got ~= wanted and got ~= ALSO[key] then
    local either = ALSO[key] and (" or a " .. ALSO[key]) or ""
    return ("`%s` is a %s%s, not %s"):format(key, wanted, either, vim.inspect(value))
  end
  if value == true and wanted == "table" then
    return nil -- the default
  end
  if got == "table" and (vim.islist(default) or key == "command") then
    for _, one in ipairs(value) do
      if type(one) ~= "string" then
        return ("`%s` holds strings, not %s"):format(key, vim.inspect(one))
      end
    end
  end
  if got == "table" and wanted == "table" and not vim.islist(default) and not HANDED_ON[key] then
    apply(default, value, where .. "." .. key, problems)
  else
    target[key] = value
  end
end

--- Put options over others.
---@param target table
---@param options any
---@param where string how messages name them
---@param problems string[] gets what is wrong
function apply(target, options, where, problems)
  if type(options) ~= "table" then
    table.insert(problems, ("%s: options are a table, not %s"):format(where, vim.inspect(options)))
    return
  end
  for key, value in pairs(options) do
    local problem = apply_one(target, key, value, where, problems)
    if problem then
      table.insert(problems, ("%s: %s"):format(where, problem))
    end
  end
end

--- Defaults, then `vim.g.buildd`, then these. What is wrong is told, and stays at its default.
---@param options? buildd.Options
function M.set(options)
  local problems = {}
  local merged = vim.deepcopy(DEFAULTS)
  if vim.g.buildd ~= nil then
    apply(merged, vim.g.buildd, "vim.g.buildd", problems)
  end
  if options ~= nil then
    apply(merged, options, "setup", problems)
  end
  current = merged
  for _, problem in ipairs(problems) do
    require("buildd.notify").error(problem, "See `:help buildd-options`.")
  end
end

return M
