--- The lualine component `buildd`: the project's state in its words.

local M = require("lualine.component"):extend()

function M.update_status()
  -- lualine reads a percent sign as the statusline's own.
  return (require("buildd").statusline():gsub("%%", "%%%%"))
end

return M
