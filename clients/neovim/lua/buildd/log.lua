--- The live log: the output of runs in a terminal buffer, bounded however much comes.

local client = require("buildd.client")
local config = require("buildd.config")
local request = require("buildd.request")
local visible = require("buildd.visible")
local window = require("buildd.window")

local M = {}

local api = vim.api

--- Bytes that are shown at once, and how many milliseconds apart. Of short lines they take the
--- editor some 10 ms, the rest is its user's.
local PIECE = 16 * 1024
local INTERVAL = 33

--- Bytes that may wait. Of more, the oldest are left out: nobody reads them as they fly by.
local WAITING = 256 * 1024

--- Milliseconds that a run's output waits for its name: the status comes a little later.
local NAMELESS = 300

---@class buildd.Log
---@field bufnr integer
---@field channel integer
---@field queue (string|buildd.Heading)[] what waits, oldest first
---@field waiting integer its bytes
---@field left_out integer bytes that were too many
---@field visible fun(data: string): string what may be shown of output
---@field run string whose output came last
---@field bytes integer of its output
---@field ends_line boolean whether that ends with a line
---@field concluded boolean whether it was said how it ended
---@field timer uv.uv_timer_t
---@field stop fun()

--- Above the output of a run.
---@class buildd.Heading
---@field project buildd.Project
---@field run string
---@field since integer when its output came, in nanoseconds

---@type table<string, buildd.Log>
local logs = {}

---@param project buildd.Project
---@param log buildd.Log
local function close(project, log)
  if logs[project.root] == log then
    logs[project.root] = nil
  end
  log.stop()
  if not log.timer:is_closing() then
    log.timer:close()
  end
end

--- A line of our own between the runs' output.
---@param text string
local function rule(text)
  return ("\27[0m\27[2m── %s ──\27[0m\n"):format(text)
end

---@param bytes integer
local function size(bytes)
  return bytes < 1e6 and ("%.0f kB"):format(bytes / 1e3) or ("%.1f MB"):format(bytes / 1e6)
end

---@param heading buildd.Heading
---@return string? nil while it has no name
local function name(heading)
  local status = heading.project.status
  for _, task in ipairs(status and status.tasks or {}) do
    for _, run in pairs({ task.current, task.last }) do
      if run.id == heading.run then
        return ("%s, %s"):format(task.name, os.date("%X", math.floor(run.started or run.created)))
      end
    end
  end
  local waited = (vim.uv.hrtime() - heading.since) / 1e6
  return waited > NAMELESS and ("run " .. heading.run) or nil
end

--- The next piece to show.
---@param log buildd.Log
---@return string
local function take(log)
  local parts, length = {}, 0
  if log.left_out > 0 then
    table.insert(parts, "\n" .. rule(size(log.left_out) .. " left out: `buildd logs` has all"))
    log.left_out = 0
  end
  local taken = 0
  while taken < #log.queue and length < PIECE do
    local next_one = log.queue[taken + 1]
    if type(next_one) == "table" then
      local text = name(next_one)
      if not text then
        break
      end
      table.insert(parts, rule(text))
    else
      length = length + #next_one
      table.insert(parts, log.visible(next_one))
    end
    taken = taken + 1
  end
  log.queue = vim.list_slice(log.queue, taken + 1)
  log.waiting = log.waiting - length
  return table.concat(parts)
end

---@param log buildd.Log
local function show(log)
  if #log.queue == 0 then
    log.timer:stop()
    return
  end
  api.nvim_chan_send(log.channel, take(log))
end

---@param log buildd.Log
---@param data string
local function push(log, data)
  for start = 1, #data, PIECE do
    local piece = data:sub(start, start + PIECE - 1)
    table.insert(log.queue, piece)
    log.waiting = log.waiting + #piece
  end
  while log.waiting > WAITING do
    local oldest = table.remove(log.queue, 1)
    if type(oldest) == "string" then
      log.waiting = log.waiting - #oldest
      log.left_out = log.left_out + #oldest
    end
  end
  if not log.timer:is_active() then
    log.timer:start(
      0,
      INTERVAL,
      vim.schedule_wrap(function()
        if api.nvim_buf_is_valid(log.bufnr) and not log.timer:is_closing() then
          show(log)
        end
      end)
    )
  end
end

--- Say how the run ended whose output is shown, once all of that has come.
---@param project buildd.Project
---@param log buildd.Log
local function conclude(project, log)
  for _, task in ipairs(project.status and project.status.tasks or {}) do
    local run = task.last
    if run and run.id == log.run and not log.concluded and log.bytes >= (run.outputBytes or 0) then
      log.concluded = true
      push(
        log,
        (log.ends_line and "" or "\n") .. rule(require("buildd.run").describe({ run = run }))
      )
    end
  end
end

--- A piece of a run's output has come.
---@param project buildd.Project
---@param params buildd.Output
function M.output(project, params)
  local log = logs[project.root]
  if not log then
    return
  end
  if params.run ~= log.run then
    log.run, log.bytes, log.concluded = params.run, 0, false
    table.insert(log.queue, { project = project, run = params.run, since = vim.uv.hrtime() })
  end
  local data = vim.base64.decode(params.data)
  log.bytes = log.bytes + #data
  log.ends_line = vim.endswith(data, "\n")
  push(log, data)
  conclude(project, log)
end

---@param project buildd.Project
---@param log buildd.Log
local function follow(project, log)
  log.run = ""
  local params = { project = project.root, task = vim.b[log.bufnr].buildd_task, follow = true }
  log.stop = request.send(project, "buildd/logs", params, function() end, function(error)
    if logs[project.root] == log then
      push(log, rule(error.message))
    end
  end)
end

--- Open the log of a task, or of all, or go to it where it is open.
---@param project buildd.Project
---@param task string "" for all
---@param modifiers string
function M.open(project, task, modifiers)
  local options = config.get().log
  local open = logs[project.root]
  if open and vim.b[open.bufnr].buildd_task == task then
    window.go(open.bufnr, options.open)
    return
  elseif open then
    api.nvim_buf_delete(open.bufnr, { force = true })
  end
  local bufnr = window.open("log", project, options.open, modifiers)
  vim.b[bufnr].buildd_task = task
  vim.bo[bufnr].scrollback = options.scrollback
  ---@type buildd.Log
  local log = {
    bufnr = bufnr,
    channel = api.nvim_open_term(bufnr, {}),
    queue = {},
    waiting = 0,
    left_out = 0,
    visible = visible.new(),
    run = "",
    bytes = 0,
    ends_line = true,
    concluded = false,
    timer = assert(vim.uv.new_timer()),
    stop = function() end,
  }
  logs[project.root] = log
  window.finish(bufnr, "log/" .. project.name, "builddlog")
  -- A terminal's end stays in view where the cursor is on its last line.
  vim.cmd("normal! G")
  api.nvim_create_autocmd("BufWipeout", {
    buffer = bufnr,
    callback = function()
      close(project, log)
    end,
  })
  if project.rpc then
    follow(project, log)
  else
    client.start(project)
  end
end

require("buildd.project").subscribe(function(project, what)
  local log = logs[project.root]
  if log and what == "connected" then
    follow(project, log)
  elseif log and what == "status" then
    conclude(project, log)
  end
end)

return M
