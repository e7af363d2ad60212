-- As much of neotest's tree as the adapter leans on.
local Tree = {}
Tree.__index = Tree

function Tree.from_list(list, key)
  local children = {}
  for index = 2, #list do
    children[index - 1] = Tree.from_list(list[index], key)
  end
  return setmetatable({ position = list[1], key = key(list[1]), children = children }, Tree)
end

function Tree:data()
  return self.position
end

function Tree:iter()
  local found = {}
  local function add(tree)
    table.insert(found, tree.position)
    vim.tbl_map(add, tree.children)
  end
  add(self)
  return ipairs(found)
end

return { Tree = Tree }
