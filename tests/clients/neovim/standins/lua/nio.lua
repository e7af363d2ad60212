-- As much of nvim-nio as the adapter leans on: a task is a coroutine that a callback resumes.
local nio = {}

function nio.wrap(func, count)
  return function(...)
    local task = coroutine.running()
    local arguments = { ... }
    arguments[count] = function(...)
      local results = { ... }
      vim.schedule(function()
        assert(coroutine.resume(task, unpack(results)))
      end)
    end
    func(unpack(arguments, 1, count))
    return coroutine.yield()
  end
end

return nio
