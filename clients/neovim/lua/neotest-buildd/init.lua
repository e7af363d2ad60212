--- An adapter for neotest: `adapters = { require("neotest-buildd") }`. It knows the tests that a
--- run has reported, so run the task once.

local tree = require("buildd.ui.tree")

local M = { name = "neotest-buildd" }

--- The tests of projects that are not open in this editor, by root.
---@type table<string, buildd.TaskTests[]>
local loaded = {}

local STATUSES = { passed = "passed", failed = "failed", errored = "failed", skipped = "skipped" }

---@param root string
---@param ... string
---@return string[]
local function command(root, ...)
  local words = vim.list_slice(require("buildd.config").command())
  return vim.list_extend(words, { "-C", root, ... })
end

--- Return the known tests of a project.
---@param root string
---@return buildd.TaskTests[]
local function known(root)
  local projects = package.loaded["buildd.project"]
  local tests = projects and projects.get(root).tests
  return tests and #tests > 0 and tests or loaded[root] or {}
end

---@async
---@param dir string
---@return string?
function M.root(dir)
  local root = require("buildd.attach").root(dir)
  if root and #known(root) == 0 then
    local system = require("nio").wrap(function(words, done)
      vim.system(words, { text = true }, vim.schedule_wrap(done))
    end, 2)
    local ok, result = pcall(vim.json.decode, system(command(root, "tests", "--json")).stdout or "")
    loaded[root] = ok and result.tasks or nil
  end
  return root
end

---@class neotest-buildd.Found
---@field task string
---@field test buildd.WireTest
---@field line integer where it is declared, else where it failed

--- Return the tests of a file in the order of their lines.
---@param path string
---@return neotest-buildd.Found[]
local function tests_of(path)
  local root = require("buildd.attach").root(path)
  local found = {}
  for _, task in ipairs(root and known(root) or {}) do
    for _, test in ipairs(task.tests) do
      local file, line = tree.place(test)
      if file == path and line then
        table.insert(found, { task = task.task, test = test, line = line })
      end
    end
  end
  table.sort(found, function(first, second)
    return first.line < second.line
  end)
  return found
end

---@param path string
---@return boolean
function M.is_test_file(path)
  return #tests_of(path) > 0
end

function M.filter_dir()
  return true
end

---@param path string[]
---@return string
local function name_of(path)
  return table.concat(path, "::")
end

---@async
---@param path string
function M.discover_positions(path)
  local found = tests_of(path)
  local name = vim.fs.basename(path)
  local list = { { type = "file", id = path, path = path, name = name, range = { 0, 0, 1e6, 0 } } }
  for index, entry in ipairs(found) do
    local after = found[index + 1]
    local line = entry.line - 1
    table.insert(list, {
      {
        type = "test",
        id = name_of({ path, entry.task, unpack(entry.test.path) }),
        path = path,
        name = entry.test.path[#entry.test.path],
        range = { line, 0, math.max(after and after.line - 2 or line, line), 0 },
        buildd = { task = entry.task, test = entry.test.path },
      },
    })
  end
  return require("neotest.types").Tree.from_list(list, function(position)
    return position.id
  end)
end

---@param args { tree: table }
function M.build_spec(args)
  local position = args.tree:data()
  local root = require("buildd.attach").root(position.path)
  local task
  local names, ids = {}, {}
  for _, node in args.tree:iter() do
    if node.buildd then
      task = task or node.buildd.task
      if node.buildd.task == task then
        local name = name_of(node.buildd.test)
        ids[name] = node.id
        table.insert(names, name)
      end
    end
  end
  if not root or not task then
    return nil
  end
  -- Standard output is the result; standard error is shown by neotest.
  local results = vim.fn.tempname()
  local words = { "sh", "-c", 'results=$1; shift; exec "$@" >"$results"', "sh", results }
  vim.list_extend(words, command(root, "run", task, unpack(names)))
  table.insert(words, "--json")
  return { command = words, cwd = root, context = { results = results, ids = ids } }
end

---@param spec { context: { results: string, ids: table<string, string> } }
---@return table<string, { status: string, short: string?, errors: table[]? }>
function M.results(spec)
  local file = io.open(spec.context.results)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
    os.remove(spec.context.results)
  end
  local ok, result = pcall(vim.json.decode, text)
  local results = {}
  for _, test in ipairs(ok and result.tests or {}) do
    local id = spec.context.ids[name_of(test.path)]
    if id then
      local status = STATUSES[test.state]
      local line = test.line and test.line - 1
      results[id] = {
        status = status,
        short = test.message,
        errors = status == "failed" and { { message = test.message, line = line } } or nil,
      }
    end
  end
  return results
end

return M
