--- What the user is told: what is wrong or done in one line, then what to do about it.

local M = {}

---@param level integer of vim.log.levels
---@param message string
---@param remedy? string
local function tell(level, message, remedy)
  if remedy and remedy ~= "" then
    message = message:gsub("%.?$", ". ", 1) .. remedy
  end
  local text = vim.startswith(message, "buildd") and message or ("buildd: " .. message)
  vim.schedule(function()
    vim.notify(text, level, { title = "buildd" })
  end)
end

---@param message string
---@param remedy? string
function M.error(message, remedy)
  tell(vim.log.levels.ERROR, message, remedy)
end

---@param message string
---@param remedy? string
function M.warn(message, remedy)
  tell(vim.log.levels.WARN, message, remedy)
end

---@param message string
function M.info(message)
  tell(vim.log.levels.INFO, message)
end

--- An error that the daemon answered with.
---@param error { message: string, data?: { remedy?: string } }
function M.failure(error)
  local remedy = type(error.data) == "table" and error.data.remedy or nil
  M.error(error.message, remedy)
end

return M
