-- Run by test_neovim.py: `nvim --headless --clean -l neovim.lua FILE`, with README's configuration.
local file = arg[1]

vim.lsp.config.buildd = {
  cmd = { "buildd", "lsp" },
  root_markers = { "buildd.toml", "build.Dockerfile" },
}
vim.lsp.enable("buildd")

local function check(what, condition)
  if not vim.wait(60000, condition, 10) then
    print("not seen: " .. what .. "\n" .. vim.inspect(vim.diagnostic.get()))
    vim.cmd("cquit")
  end
end

vim.o.swapfile = false
vim.cmd.edit(file)
vim.cmd("doautocmd FileType c")
check("a client", function()
  local clients = vim.lsp.get_clients({ bufnr = 0 })
  return clients[1] and clients[1].initialized
end)

vim.cmd("%s/number;/numbr;/")
vim.cmd.write()
check("the error", function()
  local found = vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR })
  return found[1] and found[1].lnum == 2 and found[1].col == 15 and found[1].end_col == 20
end)

vim.cmd("%s/numbr;/number;/")
vim.cmd.write()
check("the error gone", function()
  return #vim.diagnostic.get(0) == 0
end)
vim.cmd("qall!")
