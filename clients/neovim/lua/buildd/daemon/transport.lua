--- The transport of a client: vim.lsp's own, wrapped so that we know whether the end of
--- `buildd lsp` was requested.

local M = {}

---@class buildd.TransportHandlers
---@field refused fun(message: string) called with the reason if the server refuses to start
---@field ended fun(wanted: boolean) called when the process has ended; `wanted` if it was requested

--- Return a function that vim.lsp takes as `cmd`.
---@param command string[]
---@param handlers buildd.TransportHandlers
---@return fun(dispatchers: vim.lsp.rpc.Dispatchers): vim.lsp.rpc.PublicClient
function M.start(command, handlers)
  return function(dispatchers)
    local wanted = false
    local on_exit = dispatchers.on_exit
    local inner = vim.lsp.rpc.start(
      command,
      vim.tbl_extend("force", dispatchers, {
        on_exit = function()
          vim.schedule(function()
            handlers.ended(wanted)
          end)
          -- Without an error: we report it ourselves.
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
            handlers.refused(err.message)
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
