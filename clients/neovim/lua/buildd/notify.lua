--- Notify the user: one line that says what happened, and what to do about it.

local M = {}

---@param level integer one of vim.log.levels
---@param message string
---@param remedy? string
local function show(level, message, remedy)
  if remedy and remedy ~= "" then
    message = message .. (message:find("[.?!]$") and " " or ". ") .. remedy
  end
  local text = vim.startswith(message, "buildd") and message or ("buildd: " .. message)
  vim.schedule(function()
    vim.notify(text, level, { title = "buildd" })
  end)
end

---@param message string
---@param remedy? string
function M.error(message, remedy)
  show(vim.log.levels.ERROR, message, remedy)
end

---@param message string
---@param remedy? string
function M.warn(message, remedy)
  show(vim.log.levels.WARN, message, remedy)
end

---@param message string
function M.info(message)
  show(vim.log.levels.INFO, message)
end

--- Show an error answer of the daemon.
---@param error { message: string, data?: { remedy?: string } }
function M.failure(error)
  local remedy = type(error.data) == "table" and error.data.remedy or nil
  M.error(error.message, remedy)
end

return M
