--- The lualine component `buildd`: the text of the plugin's statusline.

local M = require("lualine.component"):extend()

function M.update_status()
  -- In a statusline, a percent sign is special.
  return (require("buildd").statusline():gsub("%%", "%%%%"))
end

return M
