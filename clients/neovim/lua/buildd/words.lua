--- Numbers and durations in words.

local M = {}

--- `1 error`, `2 errors`
---@param count integer
---@param noun string
---@return string
function M.counted(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

--- How long a run has taken, from its start to its end: `1.2 s`.
---@param run buildd.Run
---@return string
function M.took(run)
  return ("%.1f s"):format((run.ended or 0) - (run.started or run.created or 0))
end

return M
