if vim.g.loaded_buildd then
  return
end
vim.g.loaded_buildd = 1

vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile", "BufWritePost" }, {
  group = vim.api.nvim_create_augroup("buildd", {}),
  desc = "attach files of buildd projects",
  callback = function(event)
    require("buildd.attach").on_file(event)
  end,
})

vim.api.nvim_create_user_command("Buildd", function(call)
  require("buildd.command").run(call)
end, {
  bang = true,
  bar = true,
  nargs = "*",
  desc = "build and test in the project's environment",
  complete = function(...)
    return require("buildd.command").complete(...)
  end,
})

if vim.v.vim_did_enter == 1 then
  require("buildd.attach").all()
end
