---@meta
--- Types of the protocol: runs.

---@alias buildd.Trigger "save"|"watch"|"request"

---@alias buildd.RunState "queued"|"preparing"|"running"|"finished"|"cancelled"|"lost"|"failed"

---@class buildd.Run
---@field id string
---@field project string
---@field task string
---@field environment string
---@field command string|string[]
---@field trigger buildd.Trigger
---@field state? buildd.RunState
---@field created? number
---@field started? number
---@field ended? number
---@field exitStatus? integer
---@field userTime? number
---@field systemTime? number
---@field error? string
---@field outputBytes? integer
---@field only? string[][]
---@field remarks? string[]

---@class buildd.RunParams
---@field project string
---@field task string
---@field tests? string[][]
---@field output? boolean

---@class buildd.RunResult
---@field run buildd.Run
---@field diagnostics? buildd.WireDiagnostic[]
---@field tests? buildd.WireTest[]

---@class buildd.ImageParams
---@field project string
---@field image? string
---@field output? boolean

---@class buildd.ImageResult
---@field image? string
---@field tag? string
---@field failed? buildd.Run

---@class buildd.WatchParams
---@field project string
---@field tasks? string[]

---@class buildd.ExecParams
---@field project string
---@field command string[]
---@field directory string
---@field environment? string
---@field env? table<string, string>
---@field stdin? boolean
---@field terminal? string
---@field relayed? boolean
---@field umask? integer

---@class buildd.TerminalResult
---@field multiplexer string
---@field relayed? boolean
---@field history? string

---@class buildd.ResizeParams
---@field project string
---@field run string
---@field rows integer
---@field columns integer

---@class buildd.CancelParams
---@field project string
---@field task? string
---@field run? string
---@field kill? boolean

---@class buildd.CancelResult
---@field runs string[]
---@field environments? string[]

---@class buildd.LogsParams
---@field project string
---@field task? string
---@field run? string
---@field follow? boolean

---@class buildd.HistoryParams
---@field project string
---@field task? string
---@field limit? integer

---@class buildd.HistoryEntry
---@field run buildd.Run
---@field errors? integer
---@field warnings? integer

---@class buildd.HistoryResult
---@field runs buildd.HistoryEntry[]

---@class buildd.Output
---@field run string
---@field data string

---@class buildd.Ready
---@field run string
---@field stdin? string
---@field stdout? string
---@field stderr? string
