--- Keep code lenses up to date, if the option is on. vim.lsp draws and runs them.

local projects = require("buildd.project")

local M = {}

---@param project buildd.Project
---@param bufnr integer
local function refresh(project, bufnr)
  local client = project.client_id and vim.lsp.get_client_by_id(project.client_id)
  if not client or not project.rpc then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  project.rpc.request("textDocument/codeLens", params, function(error, result)
    local context = { bufnr = bufnr, client_id = client.id, method = "textDocument/codeLens" }
    if vim.api.nvim_buf_is_loaded(bufnr) then
      vim.lsp.codelens.on_codelens(error, result, context, {})
    end
  end)
end

--- Show code lenses in the project's open files.
---@param project buildd.Project
function M.update(project)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { client_id = project.client_id })
    return
  end
  for _, bufnr in ipairs(projects.loaded(project)) do
    refresh(project, bufnr)
  end
end

projects.subscribe_tests(M.update)

return M
