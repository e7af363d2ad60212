--- The projects that are open in this editor, and the listeners to their changes.

local M = {}

---@type table<string, buildd.Project>
local by_root = {}

---@type table<integer, buildd.Project>
local by_buffer = {}

---@type buildd.Project?
local recent

---@type fun(project: buildd.Project, what: buildd.Change)[]
local listeners = {}

--- Return the project in a directory; create it if it is not known.
---@param root string the result of `attach.root`
---@return buildd.Project
function M.get(root)
  local project = by_root[root]
  if not project then
    project = {
      root = root,
      name = vim.fs.basename(root),
      state = "new",
      failures = 0,
      buffers = {},
      asking = {},
      pending = {},
      waiting = {},
      tests = {},
      percentages = {},
    }
    by_root[root] = project
  end
  return project
end

--- Return all known projects in the order of their directories.
---@return buildd.Project[]
function M.all()
  local all = vim.tbl_values(by_root)
  table.sort(all, function(first, second)
    return first.root < second.root
  end)
  return all
end

--- Return the project of a client.
---@param client_id integer
---@return buildd.Project?
function M.of_client(client_id)
  for _, project in pairs(by_root) do
    if project.client_id == client_id then
      return project
    end
  end
end

--- Return the project of a buffer: of a file in it, or of one of our own windows about it.
---@param bufnr integer
---@return buildd.Project?
function M.of_buffer(bufnr)
  return by_buffer[bufnr]
end

--- Remember that the buffer belongs to the project.
---@param project buildd.Project
---@param bufnr integer
function M.adopt(project, bufnr)
  by_buffer[bufnr] = project
  recent = project
end

--- Forget a buffer that was wiped out.
---@param bufnr integer
function M.forget(bufnr)
  local project = by_buffer[bufnr]
  if project then
    project.buffers[bufnr] = nil
    by_buffer[bufnr] = nil
  end
end

--- Return the loaded buffers with files of the project.
---@param project buildd.Project
---@return integer[]
function M.loaded(project)
  return vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.tbl_keys(project.buffers))
end

--- Return the project that a statusline shows: that of the file, or in other windows the last used.
---@param bufnr integer
---@return buildd.Project?
function M.shown_in(bufnr)
  local project = by_buffer[bufnr]
  if project or vim.bo[bufnr].buftype == "" then
    return project
  end
  return recent
end

--- Return the project that a command in the current buffer is about.
---@return buildd.Project?
function M.here()
  local bufnr = vim.api.nvim_get_current_buf()
  if by_buffer[bufnr] then
    return by_buffer[bufnr]
  end
  local attach = require("buildd.attach")
  local name = vim.api.nvim_buf_get_name(bufnr)
  local root = vim.bo[bufnr].buftype == "" and name ~= "" and attach.root(name)
  root = root or attach.root(vim.fn.getcwd())
  return root and M.get(root) or recent
end

--- Notify all listeners that something of a project has changed.
---@param project buildd.Project
---@param what buildd.Change
function M.changed(project, what)
  for _, listener in ipairs(listeners) do
    listener(project, what)
  end
  vim.api.nvim_exec_autocmds("User", {
    pattern = "BuilddChanged",
    modeline = false,
    data = { project = project.root, what = what },
  })
end

--- Call `listener` on every change.
---@param listener fun(project: buildd.Project, what: buildd.Change)
function M.subscribe(listener)
  table.insert(listeners, listener)
end

--- Call `listener` whenever test results have changed.
---@param listener fun(project: buildd.Project)
function M.subscribe_tests(listener)
  M.subscribe(function(project, what)
    if what == "tests" then
      listener(project)
    end
  end)
end

return M
