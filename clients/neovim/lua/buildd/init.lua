--- The functions for a user's configuration. All other modules are loaded when they are needed.

local M = {}

--- Set options; `:help buildd-options` lists them. You need not call it to use the defaults.
---@param options? buildd.Options
function M.setup(options)
  require("buildd.config").set(options)
end

--- Return the state of the current window's project in a few words; "" outside of projects. The
--- text is made when something changes, so that drawing it costs only two look-ups.
---@return string
function M.statusline()
  local status = package.loaded["buildd.ui.statusline"]
  return status and status.text() or ""
end

--- Return the same as data, for your own statusline component; nil outside of projects.
---@return buildd.Summary?
function M.summary()
  local status = package.loaded["buildd.ui.statusline"]
  return status and status.summary()
end

return M
