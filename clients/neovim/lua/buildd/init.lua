--- What a user's configuration calls. Everything else is loaded once it is needed.

local M = {}

--- Set options; `:help buildd-options` lists them. Needed only to change one.
---@param options? buildd.Options
function M.setup(options)
  require("buildd.config").set(options)
end

--- How the project of the current window is, in a few words; "" outside of projects. Costs two
--- look-ups: it is made when something changes, not when it is drawn.
---@return string
function M.statusline()
  local status = package.loaded["buildd.statusline"]
  return status and status.text() or ""
end

--- The same as data, for a component of one's own; nil outside of projects.
---@return buildd.Summary?
function M.summary()
  local status = package.loaded["buildd.statusline"]
  return status and status.summary()
end

return M
