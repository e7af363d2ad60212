--- The live log: the output of runs in a terminal buffer, of bounded size.

local client = require("buildd.daemon.client")
local config = require("buildd.config")
local request = require("buildd.daemon.request")
local escape_filter = require("buildd.ui.escape_filter")
local window = require("buildd.ui.window")

local M = {}

local api = vim.api

--- Bytes that are shown at once, and the milliseconds between two pieces. A piece of short lines
--- takes the editor about 10 ms, so it stays responsive.
local PIECE = 16 * 1024
local INTERVAL = 33

--- The most bytes that may wait; beyond that the oldest are dropped.
local WAITING = 256 * 1024

--- Milliseconds for which a run's output waits for the run's name, which comes with the status.
local NAME_TIMEOUT = 300

---@class buildd.Log
---@field bufnr integer
---@field channel integer
---@field queue (string|buildd.Heading)[] output that waits to be shown, oldest first
---@field waiting integer the number of bytes in the queue
---@field dropped integer the number of bytes that were dropped
---@field filter fun(data: string): string removes escape sequences
---@field run string the id of the run whose output came last
---@field bytes integer the number of bytes of that run's output
---@field ends_line boolean whether that output ends with a line end
---@field concluded boolean whether the run's end was shown
---@field timer uv.uv_timer_t
---@field stop fun()

--- The heading above the output of a run.
---@class buildd.Heading
---@field project buildd.Project
---@field run string
---@field since integer the time at which its output came, in nanoseconds

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

--- Return a line of our own, to show between the output of runs.
---@param text string
local function rule(text)
  return ("\27[0m\27[2m── %s ──\27[0m\n"):format(text)
end

---@param bytes integer
local function size(bytes)
  return bytes < 1e6 and ("%.0f kB"):format(bytes / 1e3) or ("%.1f MB"):format(bytes / 1e6)
end

---@param heading buildd.Heading
---@return string? text nil while the run's name is not known
local function heading_text(heading)
  local status = heading.project.status
  for _, task in ipairs(status and status.tasks or {}) do
    for _, run in pairs({ task.current, task.last }) do
      if run.id == heading.run then
        return ("%s, %s"):format(task.name, os.date("%X", math.floor(run.started or run.created)))
      end
    end
  end
  local waited = (vim.uv.hrtime() - heading.since) / 1e6
  return waited > NAME_TIMEOUT and ("run " .. heading.run) or nil
end

--- Take the next piece to show from the queue.
---@param log buildd.Log
---@return string
local function take(log)
  local parts, length = {}, 0
  if log.dropped > 0 then
    local text = size(log.dropped) .. " not shown; `buildd logs` prints everything"
    table.insert(parts, "\n" .. rule(text))
    log.dropped = 0
  end
  local taken = 0
  while taken < #log.queue and length < PIECE do
    local entry = log.queue[taken + 1]
    if type(entry) == "table" then
      local text = heading_text(entry)
      if not text then
        break
      end
      table.insert(parts, rule(text))
    else
      length = length + #entry
      table.insert(parts, log.filter(entry))
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
      log.dropped = log.dropped + #oldest
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

--- Show how the run ended, once all its output has come.
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

--- Add a piece of a run's output.
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

--- Open the log of one task or of all tasks, or go to it if it is open.
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
    dropped = 0,
    filter = escape_filter.new(),
    run = "",
    bytes = 0,
    ends_line = true,
    concluded = false,
    timer = assert(vim.uv.new_timer()),
    stop = function() end,
  }
  logs[project.root] = log
  window.finish(bufnr, "log/" .. project.name, "builddlog")
  -- A terminal scrolls to its end only if the cursor is on the last line.
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
