--- The options: their defaults, the user's values, and the checks of these.

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

--- The other type that an option may have, besides the type of its default.
local OTHER_TYPES = {
  enabled = "function",
  command = "table",
  signs = "boolean",
}

--- The options that are passed to Neovim unchecked.
local UNCHECKED = { lsp = true, diagnostics = true }

---@type buildd.Options?
local current

--- Return the options in effect.
---@return buildd.Options
function M.get()
  if not current then
    M.set({})
  end
  return current --[[@as buildd.Options]]
end

--- Return the program and the arguments with which every `buildd` command line begins.
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
  for _, known_name in ipairs(names) do
    if vim.startswith(name, known_name) or #vim.fn.matchfuzzy({ known_name }, name) > 0 then
      return ("unknown option `%s`. Did you mean `%s`?"):format(name, known_name)
    end
  end
  return ("unknown option `%s`. There are: %s"):format(name, table.concat(names, ", "))
end

--- Set one option in `target` if its value is valid.
---@param problems string[] errors in nested tables are added to it
---@return string? problem
local function apply_one(target, key, value, where, problems)
  local default = target[key]
  if default == nil then
    return unknown(tostring(key), target)
  end
  local wanted, got = type(default), type(value)
  if got ~= wanted and got ~= OTHER_TYPES[key] then
    local either = OTHER_TYPES[key] and (" or a " .. OTHER_TYPES[key]) or ""
    return ("`%s` must be a %s%s, not %s"):format(key, wanted, either, vim.inspect(value))
  end
  if value == true and wanted == "table" then
    return nil -- keep the default
  end
  if got == "table" and (vim.islist(default) or key == "command") then
    for _, item in ipairs(value) do
      if type(item) ~= "string" then
        return ("`%s` must hold strings, not %s"):format(key, vim.inspect(item))
      end
    end
  end
  if got == "table" and wanted == "table" and not vim.islist(default) and not UNCHECKED[key] then
    apply(default, value, where .. "." .. key, problems)
  else
    target[key] = value
  end
end

--- Set options in `target`.
---@param target table
---@param options any
---@param where string the name of the options in messages
---@param problems string[] errors are added to it
function apply(target, options, where, problems)
  if type(options) ~= "table" then
    local text = "%s: the options must be a table, not %s"
    table.insert(problems, text:format(where, vim.inspect(options)))
    return
  end
  for key, value in pairs(options) do
    local problem = apply_one(target, key, value, where, problems)
    if problem then
      table.insert(problems, ("%s: %s"):format(where, problem))
    end
  end
end

--- Set the options: the defaults, changed by `vim.g.buildd`, changed by `options`. An option with
--- an error is reported and keeps its default.
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
