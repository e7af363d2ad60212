--- What is known of each project that is open here, and who wants to hear of it.

local M = {}

---@type table<string, buildd.Project>
local by_root = {}

---@type table<integer, buildd.Project>
local by_buffer = {}

---@type buildd.Project?
local recent

---@type fun(project: buildd.Project, what: buildd.Change)[]
local listeners = {}

--- The project in a directory, made known if it is not.
---@param root string as `attach.root` gives it
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

--- All that are known, in the order of their directories.
---@return buildd.Project[]
function M.all()
  local all = vim.tbl_values(by_root)
  table.sort(all, function(one, other)
    return one.root < other.root
  end)
  return all
end

--- The one whose client this is.
---@param client_id integer
---@return buildd.Project?
function M.of_client(client_id)
  for _, project in pairs(by_root) do
    if project.client_id == client_id then
      return project
    end
  end
end

--- The one that a buffer belongs to: a file of it, or a window of ours about it.
---@param bufnr integer
---@return buildd.Project?
function M.of_buffer(bufnr)
  return by_buffer[bufnr]
end

--- From now on the buffer belongs to the project.
---@param project buildd.Project
---@param bufnr integer
function M.adopt(project, bufnr)
  by_buffer[bufnr] = project
  recent = project
end

--- A buffer has gone.
---@param bufnr integer
function M.forget(bufnr)
  local project = by_buffer[bufnr]
  if project then
    project.buffers[bufnr] = nil
    by_buffer[bufnr] = nil
  end
end

--- Its files that are open in loaded buffers.
---@param project buildd.Project
---@return integer[]
function M.loaded(project)
  return vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.tbl_keys(project.buffers))
end

--- The one that a statusline shows: a file's own; in other windows, the one worked on last.
---@param bufnr integer
---@return buildd.Project?
function M.shown_in(bufnr)
  local project = by_buffer[bufnr]
  if project or vim.bo[bufnr].buftype == "" then
    return project
  end
  return recent
end

--- The one that a command means which is given in this buffer.
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

--- Tell everyone that something of a project is another now.
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

--- Hear of every change.
---@param listener fun(project: buildd.Project, what: buildd.Change)
function M.subscribe(listener)
  table.insert(listeners, listener)
end

--- Hear whenever other results of tests are known.
---@param listener fun(project: buildd.Project)
function M.subscribe_tests(listener)
  M.subscribe(function(project, what)
    if what == "tests" then
      listener(project)
    end
  end)
end

return M
