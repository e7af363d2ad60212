--- The window with the tree of tests: read results, jump to tests, run them again.

local client = require("buildd.daemon.client")
local config = require("buildd.config")
local notify = require("buildd.notify")
local projects = require("buildd.project")
local signs = require("buildd.ui.signs")
local tree = require("buildd.ui.tree")
local window = require("buildd.ui.window")

local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("buildd.tree")

api.nvim_set_hl(0, "BuilddDim", { link = "Comment", default = true })

---@class buildd.View
---@field project buildd.Project
---@field bufnr integer
---@field rows buildd.Row[]
---@field closed table<string, true>
---@field failed boolean

---@type table<integer, buildd.View>
local views = {}

local HELP = "<CR> go there  r run  R run all  K output  <Tab> fold  f failed  q close%<"

---@param view buildd.View
local function draw(view)
  local project = view.project
  view.rows = tree.rows(tree.build(project.tests), {
    sign = signs.sign,
    closed = view.closed,
    failed = view.failed,
  })
  if #view.rows == 0 then
    local text = #project.tests > 0 and "no test failed" or "no run has reported tests yet"
    table.insert(view.rows, { text = text, dim = 0 })
  end
  window.write(
    view.bufnr,
    vim.tbl_map(function(row)
      return row.text
    end, view.rows)
  )
  api.nvim_buf_clear_namespace(view.bufnr, namespace, 0, -1)
  for number, row in ipairs(view.rows) do
    if row.mark then
      local _, highlight = signs.sign(row.mark.state)
      api.nvim_buf_set_extmark(view.bufnr, namespace, number - 1, row.mark.start, {
        end_col = row.mark.finish,
        hl_group = highlight,
      })
    end
    if row.dim and row.dim < #row.text then
      api.nvim_buf_set_extmark(view.bufnr, namespace, number - 1, row.dim, {
        end_col = #row.text,
        hl_group = "BuilddDim",
      })
    end
  end
end

---@param view buildd.View
---@return buildd.Node?
local function under_cursor(view)
  local row = view.rows[api.nvim_win_get_cursor(0)[1]]
  return row and row.node
end

--- Return a window with a file, in which another file can be opened.
---@return integer? winid
local function file_window()
  local previous = vim.fn.win_getid(vim.fn.winnr("#"))
  for _, winid in ipairs({ previous, unpack(api.nvim_tabpage_list_wins(0)) }) do
    if api.nvim_win_is_valid(winid) and vim.bo[api.nvim_win_get_buf(winid)].buftype == "" then
      return winid
    end
  end
end

---@param test buildd.WireTest
local function jump(test)
  if not test.file then
    notify.info(("the location of the test `%s` is not known"):format(test.path[#test.path]))
    return
  end
  local target = file_window()
  if target then
    api.nvim_set_current_win(target)
  else
    vim.cmd("leftabove vsplit")
  end
  vim.cmd("normal! m'")
  vim.cmd.edit(vim.fn.fnameescape(test.file))
  if test.line then
    local line = math.min(test.line, api.nvim_buf_line_count(0))
    local column = vim.fn.byteidx(vim.fn.getline(line), (test.column or 1) - 1)
    api.nvim_win_set_cursor(0, { line, math.max(column, 0) })
    vim.cmd("normal! zv")
  end
end

---@param view buildd.View
---@param node buildd.Node
local function run(view, node)
  local paths
  if node.depth > 0 then
    paths = vim.tbl_map(function(test)
      return test.path
    end, tree.tests(node))
  end
  require("buildd.run").task(view.project, node.task, { tests = paths })
end

---@param test buildd.WireTest
local function show_output(test)
  local text = vim.trim((test.message or "") .. "\n" .. (test.output or ""))
  if text == "" then
    notify.info(("the test `%s` has no message or output"):format(test.path[#test.path]))
    return
  end
  vim.lsp.util.open_floating_preview(vim.split(text, "\n"), "", {
    border = "rounded",
    focus_id = "buildd.test",
    max_width = math.floor(vim.o.columns * 0.8),
    wrap = false,
  })
end

---@param view buildd.View
---@param node buildd.Node
local function fold(view, node)
  if node.test then
    return
  end
  view.closed[node.key] = not view.closed[node.key] or nil
  draw(view)
end

---@param view buildd.View
local function set_keys(view)
  local function key(keys, description, action)
    vim.keymap.set("n", keys, function()
      local node = under_cursor(view)
      if node then
        action(node)
      end
    end, { buffer = view.bufnr, nowait = true, desc = description })
  end
  key("<CR>", "go to the test", function(node)
    if node.test then
      jump(node.test)
    else
      fold(view, node)
    end
  end)
  key("r", "run the test or group", function(node)
    run(view, node)
  end)
  key("R", "run the whole task", function(node)
    require("buildd.run").task(view.project, node.task)
  end)
  key("K", "show message and output", function(node)
    if node.test then
      show_output(node.test)
    end
  end)
  key("<Tab>", "open or close the group", function(node)
    fold(view, node)
  end)
  vim.keymap.set("n", "f", function()
    view.failed = not view.failed
    draw(view)
  end, { buffer = view.bufnr, nowait = true, desc = "show only failed tests, or all" })
end

--- Open the window, or go to it if it is open.
---@param project buildd.Project
---@param modifiers string
function M.open(project, modifiers)
  local how = config.get().tests.open
  local bufnr = window.find("tests", project)
  if bufnr then
    window.go(bufnr, how)
    return
  end
  bufnr = window.open("tests", project, how, modifiers)
  ---@type buildd.View
  local view = { project = project, bufnr = bufnr, rows = {}, closed = {}, failed = false }
  views[bufnr] = view
  api.nvim_create_autocmd("BufWipeout", {
    buffer = bufnr,
    callback = function()
      views[bufnr] = nil
    end,
  })
  set_keys(view)
  draw(view)
  window.finish(bufnr, "tests/" .. project.name, "builddtests")
  vim.wo[0][0].winbar = HELP
  vim.wo[0][0].cursorline = true
  client.when_ready(project, function()
    require("buildd.daemon.events").refresh(project)
  end)
end

--- Return the tests of a task whose path, joined by `::`, is a name or ends with it.
---@param project buildd.Project
---@param task string
---@param name string
---@return string[][] paths
function M.named(project, task, name)
  local found = {}
  for _, known in ipairs(project.tests) do
    for _, test in ipairs(known.task == task and known.tests or {}) do
      local joined = table.concat(test.path, "::")
      if joined == name or vim.endswith(joined, "::" .. name) then
        table.insert(found, test.path)
      end
    end
  end
  return found
end

projects.subscribe_tests(function(project)
  for _, view in pairs(views) do
    if view.project == project then
      draw(view)
    end
  end
end)

return M
