--- Make a tree of tests, and lines of the tree. Pure.

local M = {}

--- The state of a group is that of its tests with the highest weight.
local WEIGHTS = { skipped = 1, passed = 2, errored = 3, failed = 4 }

--- The most lines of a failed test's message that are shown below it.
local MESSAGE_LINES = 5

---@class buildd.Node
---@field key string identifies the node, also after another run
---@field name string
---@field depth integer
---@field task string
---@field test? buildd.WireTest nil for a group
---@field state buildd.TestState
---@field children buildd.Node[]

---@param parent buildd.Node
---@param name string
---@param groups table<string, buildd.Node>
---@return buildd.Node
local function group(parent, name, groups)
  local key = parent.key .. "\0" .. name
  local node = groups[key]
  if not node then
    node = {
      key = key,
      name = name,
      depth = parent.depth + 1,
      task = parent.task,
      state = "skipped",
      children = {},
    }
    groups[key] = node
    table.insert(parent.children, node)
  end
  return node
end

---@param node buildd.Node
---@param state buildd.TestState
local function weigh(node, state)
  if WEIGHTS[state] > WEIGHTS[node.state] then
    node.state = state
  end
end

---@param task buildd.TaskTests
---@return buildd.Node
local function task_node(task)
  ---@type buildd.Node
  local root = {
    key = task.task,
    name = task.task,
    depth = 0,
    task = task.task,
    state = "skipped",
    children = {},
  }
  local groups = {}
  for _, test in ipairs(task.tests) do
    local parent = root
    weigh(root, test.state)
    for index = 1, #test.path - 1 do
      parent = group(parent, test.path[index], groups)
      weigh(parent, test.state)
    end
    table.insert(parent.children, {
      key = parent.key .. "\0\0" .. test.path[#test.path],
      name = test.path[#test.path],
      depth = parent.depth + 1,
      task = task.task,
      test = test,
      state = test.state,
      children = {},
    })
  end
  return root
end

--- Return a tree for each task.
---@param tasks buildd.TaskTests[]
---@return buildd.Node[]
function M.build(tasks)
  return vim.tbl_map(task_node, tasks)
end

--- Return every test at or below a node.
---@param node buildd.Node
---@return buildd.WireTest[]
function M.tests(node)
  if node.test then
    return { node.test }
  end
  local found = {}
  for _, child in ipairs(node.children) do
    vim.list_extend(found, M.tests(child))
  end
  return found
end

--- Return where a test is declared, else where it failed.
---@param test buildd.WireTest
---@return string? file
---@return integer? line
function M.place(test)
  if test.declared and test.declared.line then
    return test.declared.file, test.declared.line
  end
  return test.file, test.line
end

--- Return the numbers of tests by state, as `12 passed, 1 failed`.
---@param tests buildd.WireTest[]
---@return string
function M.count(tests)
  local counts = {}
  for _, test in ipairs(tests) do
    counts[test.state] = (counts[test.state] or 0) + 1
  end
  local parts = {}
  for _, state in ipairs({ "passed", "failed", "errored", "skipped" }) do
    if counts[state] then
      table.insert(parts, ("%d %s"):format(counts[state], state))
    end
  end
  return table.concat(parts, ", ")
end

---@class buildd.Row
---@field text string
---@field node? buildd.Node the node that the row shows
---@field mark? { state: buildd.TestState, start: integer, finish: integer } the bytes of the sign
---@field dim? integer the byte from which the text is dimmed

---@param text string
---@return string
local function one_line(text)
  return (text:gsub("[%c]", " "))
end

---@param rows buildd.Row[]
---@param node buildd.Node
---@param options buildd.TreeOptions
local function add(rows, node, options)
  local failed = node.state == "failed" or node.state == "errored"
  if options.failed and not failed then
    return
  end
  local indent = ("  "):rep(node.depth)
  local sign = options.sign(node.state)
  local text = indent .. sign .. " " .. one_line(node.name)
  local dim = #text
  if node.test and node.test.duration then
    text = ("%s  %.2f s"):format(text, node.test.duration)
  elseif node.depth == 0 or options.closed[node.key] then
    text = text .. "  " .. M.count(M.tests(node))
  end
  table.insert(rows, {
    text = text,
    node = node,
    mark = { state = node.state, start = #indent, finish = #indent + #sign },
    dim = dim,
  })
  if node.test and failed and node.test.message then
    for number, line in ipairs(vim.split(vim.trim(node.test.message), "\n")) do
      if number <= MESSAGE_LINES then
        table.insert(rows, { text = indent .. "    " .. one_line(line), node = node, dim = 0 })
      end
    end
  end
  if not options.closed[node.key] then
    for _, child in ipairs(node.children) do
      add(rows, child, options)
    end
  end
end

---@class buildd.TreeOptions
---@field sign fun(state: buildd.TestState): string
---@field closed table<string, true> the closed groups, by key
---@field failed boolean whether to show only failed tests

--- Return the lines of the tree.
---@param nodes buildd.Node[]
---@param options buildd.TreeOptions
---@return buildd.Row[]
function M.rows(nodes, options)
  local rows = {}
  for _, node in ipairs(nodes) do
    add(rows, node, options)
  end
  return rows
end

return M
