--- The plugin's own windows: one for each kind and project; the key q closes them.

local projects = require("buildd.project")

local M = {}

local api = vim.api

--- Return the buffer of the window of this kind and project; nil if there is none.
---@param kind string
---@param project buildd.Project
---@return integer? bufnr
function M.find(kind, project)
  for _, bufnr in ipairs(api.nvim_list_bufs()) do
    if api.nvim_buf_is_valid(bufnr) and vim.b[bufnr].buildd == kind then
      if projects.of_buffer(bufnr) == project then
        return bufnr
      end
    end
  end
end

--- Open a window with a new buffer, and go there.
---@param kind string
---@param project buildd.Project
---@param how string the Ex command that splits
---@param modifiers string the user's, for example `:vertical`; they replace `how`
---@return integer bufnr
function M.open(kind, project, how, modifiers)
  vim.cmd(modifiers ~= "" and (modifiers .. " split") or how)
  local bufnr = api.nvim_create_buf(false, true)
  api.nvim_win_set_buf(0, bufnr)
  vim.b[bufnr].buildd = kind
  projects.adopt(project, bufnr)
  vim.bo[bufnr].bufhidden = "wipe"
  vim.bo[bufnr].swapfile = false
  for option, value in pairs({
    number = false,
    relativenumber = false,
    list = false,
    spell = false,
    wrap = false,
    signcolumn = "no",
    foldcolumn = "0",
  }) do
    vim.wo[0][0][option] = value
  end
  return bufnr
end

--- Set a buffer's name, file type, and the key that closes it. Call it when the buffer is filled.
---@param bufnr integer
---@param name string
---@param filetype string
function M.finish(bufnr, name, filetype)
  pcall(api.nvim_buf_set_name, bufnr, ("buildd://%s/%d"):format(name, bufnr))
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = bufnr, nowait = true, desc = "close" })
  vim.bo[bufnr].filetype = filetype
end

--- Go to the window that shows a buffer, or show it in a new one.
---@param bufnr integer
---@param how string
function M.go(bufnr, how)
  local window = vim.fn.bufwinid(bufnr)
  if window == -1 then
    vim.cmd(how)
    api.nvim_win_set_buf(0, bufnr)
  else
    api.nvim_set_current_win(window)
  end
end

--- Replace the lines of a buffer that the user cannot edit; cursors keep their positions. Unchanged
--- lines are not written again, because that would close a floating window about one of them.
---@param bufnr integer
---@param lines string[]
function M.write(bufnr, lines)
  if vim.deep_equal(lines, api.nvim_buf_get_lines(bufnr, 0, -1, false)) then
    return
  end
  vim.bo[bufnr].modifiable = true
  api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].modified = false
end

return M
