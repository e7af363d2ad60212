--- One `buildd lsp`: vim.lsp's own transport, watched, so that an end that nobody asked for can be
--- told from one that somebody did.

local M = {}

---@class buildd.Watch
---@field refused fun(message: string) it says why it cannot serve
---@field ended fun(wanted: boolean) the process has ended, as somebody asked for or not

--- What vim.lsp takes as `cmd`.
---@param command string[]
---@param watch buildd.Watch
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
function M.start(command, watch)
  return function(dispatchers)
    local wanted = false
    local on_exit = dispatchers.on_exit
    local inner = vim.lsp.rpc.start(
      command,
      vim.tbl_extend("force", dispatchers, {
        on_exit = function()
          vim.schedule(function()
            watch.ended(wanted)
          end)
          -- We say ourselves what there is to say.
          on_exit(0, 0)
        end,
      })
    )
    local outer = setmetatable({}, { __index = inner })

    function outer.request(method, params, callback, ...)
      if method == "shutdown" then
        wanted = true
      elseif method == "initialize" then
        local answered = callback
        callback = function(err, result)
          if err then
            wanted = true
            watch.refused(err.message)
            inner.terminate()
          else
            answered(nil, result)
          end
        end
      end
      return inner.request(method, params, callback, ...)
    end

    function outer.terminate()
      wanted = true
      inner.terminate()
    end

    return outer
  end
end

return M
