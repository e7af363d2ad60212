-- As much of lualine's base component as a component of another plugin leans on.
local Component = {}

function Component:extend()
  return setmetatable({}, { __index = self })
end

return Component
