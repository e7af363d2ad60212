---@meta
--- Every type of the plugin. What crosses the wire is as the daemon's `protocol/` has it, which a
--- test holds; fields with a question mark are left out where they have their default value. Lines
--- and columns of the wire are 1-based, columns count characters, times are seconds.

--- What `setup` and `vim.g.buildd` take; `:help buildd-options` says what each does.
---@class buildd.Options
---@field enabled? boolean|fun(root: string): boolean
---@field command? string|string[]
---@field root_markers? string[]
---@field trust? boolean
---@field reconnect? boolean
---@field messages? boolean
---@field lsp? vim.lsp.ClientConfig
---@field diagnostics? vim.diagnostic.Opts
---@field codelens? boolean
---@field signs? boolean|table<buildd.TestState, string>
---@field quickfix? { open?: boolean, related?: boolean }
---@field log? { open?: string, scrollback?: integer }
---@field shell? { open?: string }
---@field tests? { open?: string }
---@field status? { open?: string }

--- A project in a few words: what `require("buildd").summary()` gives.
---@class buildd.Summary
---@field project string its directory
---@field connection buildd.Connection
---@field trusted boolean
---@field error string of its configuration, or empty
---@field environment ""|"absent"|"stopped"|"warm"|"failed"|"preparing" the state that matters most
---@field task? string that runs
---@field percentage? integer how far it is
---@field errors integer
---@field warnings integer
---@field passed integer tests
---@field failed integer tests

---@alias buildd.Connection "new"|"starting"|"connected"|"lost"|"stopped"

--- What of a project is another now: `data.what` of the event `User BuilddChanged`.
---@alias buildd.Change "connected"|"status"|"tests"|"progress"

--- What is known of a project here.
---@class buildd.Project
---@field root string its directory, canonical
---@field name string of the directory
---@field state buildd.Connection
---@field client_id? integer
---@field rpc? vim.lsp.rpc.PublicClient once it is initialised
---@field known? true its command has answered before
---@field version? string of the daemon
---@field restarting? boolean
---@field asked? boolean the user wants the question of trust
---@field failures integer connections lost, one after the other
---@field buffers table<integer, true> its open files
---@field pending table<integer, fun(error: buildd.Failure)> requests under way
---@field waiting { done: fun(), failed: fun(error: buildd.Failure) }[] for the connection
---@field asking table<string, "once"|"again"> questions that its changes cause
---@field status? buildd.ProjectStatus
---@field tests buildd.TaskTests[]
---@field percentages table<string, integer> by run
---@field summary? buildd.Summary
---@field text? string the statusline's

--- An error as the daemon answers it.
---@class buildd.Failure
---@field code integer
---@field message string
---@field data? { remedy?: string, file?: string, line?: integer, output?: string }

--- Sends one of the custom methods; what it returns cancels the request.
---@class buildd.Request
---@overload fun(project: buildd.Project, method: "buildd/hello", params: buildd.Hello, done: fun(result: buildd.HelloResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/status", params: buildd.StatusParams, done: fun(result: buildd.StatusResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/up", params: buildd.UpParams, done: fun(result: buildd.EnvironmentStatus), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/down", params: buildd.EnvironmentParams, done: fun(result: buildd.DownResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/belongings", params: buildd.BelongingsParams, done: fun(result: buildd.BelongingsResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/clean", params: buildd.CleanParams, done: fun(result: buildd.CleanResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/run", params: buildd.RunParams, done: fun(result: buildd.RunResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/image", params: buildd.ImageParams, done: fun(result: buildd.ImageResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/watch", params: buildd.WatchParams, done: fun(result: buildd.Nothing), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/events", params: buildd.EventsParams, done: fun(result: buildd.Nothing), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/exec", params: buildd.ExecParams, done: fun(result: buildd.RunResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/terminal", params: buildd.EnvironmentParams, done: fun(result: buildd.TerminalResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/resize", params: buildd.ResizeParams, done: fun(result: buildd.Nothing), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/cancel", params: buildd.CancelParams, done: fun(result: buildd.CancelResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/diagnostics", params: buildd.DiagnosticsParams, done: fun(result: buildd.DiagnosticsResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/tests", params: buildd.TestsParams, done: fun(result: buildd.TestsResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/logs", params: buildd.LogsParams, done: fun(result: buildd.Nothing), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/history", params: buildd.HistoryParams, done: fun(result: buildd.HistoryResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/trust", params: buildd.ProjectParams, done: fun(result: buildd.TrustSummary), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/grant", params: buildd.GrantParams, done: fun(result: buildd.TrustSummary), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/revoke", params: buildd.ProjectParams, done: fun(result: buildd.RevokeResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/doctor", params: buildd.StatusParams, done: fun(result: buildd.DoctorResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/debug", params: buildd.Nothing, done: fun(result: buildd.DebugResult), failed?: fun(error: buildd.Failure)): fun()
---@overload fun(project: buildd.Project, method: "buildd/stop", params: buildd.StopParams, done: fun(result: buildd.Nothing), failed?: fun(error: buildd.Failure)): fun()

--- What the daemon sends by itself while a request is under way.
---@class buildd.Notifications
---@field ["buildd/changed"] fun(error: nil, params: buildd.Changed, context: { client_id: integer })
---@field ["buildd/output"] fun(error: nil, params: buildd.Output, context: { client_id: integer })
---@field ["buildd/progress"] fun(error: nil, params: buildd.Progress, context: { client_id: integer })
---@field ["buildd/ready"] fun(error: nil, params: buildd.Ready, context: { client_id: integer })
---@field ["buildd/runStarted"] fun(error: nil, params: buildd.Run, context: { client_id: integer })
---@field ["buildd/runEnded"] fun(error: nil, params: buildd.RunResult, context: { client_id: integer })

---@class buildd.Hello
---@field version string
---@field build integer
---@field client? string

---@class buildd.HelloResult
---@field version string
---@field build integer
---@field protocol integer
---@field pid integer
---@field busy integer

---@class buildd.StatusParams
---@field project? string

---@class buildd.EnvironmentStatus
---@field name string
---@field engine string
---@field state string
---@field detail? string
---@field image? string
---@field container? string
---@field slow? string
---@field remarks? string[]
---@field changed? string[]

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

---@class buildd.TaskStatus
---@field name string
---@field command string|string[]
---@field environment string
---@field onSave boolean
---@field current? buildd.Run
---@field last? buildd.Run
---@field errors? integer
---@field warnings? integer
---@field tested? string

---@class buildd.ProjectStatus
---@field path string
---@field trusted boolean
---@field error? string
---@field environments? buildd.EnvironmentStatus[]
---@field tasks? buildd.TaskStatus[]
---@field images? string[]
---@field sessions? integer

---@class buildd.StatusResult
---@field version string
---@field build integer
---@field pid integer
---@field uptime number
---@field socket string
---@field log string
---@field sessions integer
---@field runs integer
---@field memory integer
---@field projects buildd.ProjectStatus[]
---@field counts? table<string, integer>

---@class buildd.DebugResult
---@field report string

---@class buildd.UpParams
---@field project string
---@field environment? string
---@field rebuild? boolean

---@class buildd.EnvironmentParams
---@field project string
---@field environment? string

---@class buildd.DownResult
---@field stopped string[]

---@alias buildd.Scope "project"|"orphans"|"all"

---@class buildd.BelongingsParams
---@field project? string
---@field scope? buildd.Scope

---@alias buildd.BelongingKind "container"|"image"|"cache"|"state"|"consent"

---@class buildd.Belonging
---@field kind buildd.BelongingKind
---@field id string
---@field name string
---@field project string
---@field environment? string
---@field engine? string
---@field size? integer

---@class buildd.BelongingsResult
---@field belongings? buildd.Belonging[]
---@field problems? string[]

---@class buildd.CleanParams
---@field belongings string[]

---@class buildd.CleanResult
---@field removed? string[]
---@field problems? string[]

---@class buildd.RunParams
---@field project string
---@field task string
---@field tests? string[][]
---@field output? boolean

---@alias buildd.Severity "error"|"warning"|"information"|"hint"

---@alias buildd.Tag "unnecessary"|"deprecated"

---@class buildd.WireRelated
---@field file string
---@field line integer
---@field column integer
---@field endLine integer
---@field endColumn integer
---@field message string

---@class buildd.WireEdit
---@field file string
---@field line integer
---@field column integer
---@field endLine integer
---@field endColumn integer
---@field text string

---@class buildd.WireFix
---@field title string
---@field edits buildd.WireEdit[]
---@field preferred? boolean

---@class buildd.WireDiagnostic
---@field file string
---@field line integer
---@field column integer
---@field endLine integer
---@field endColumn integer
---@field severity buildd.Severity
---@field code string
---@field message string
---@field source string
---@field href string
---@field tags buildd.Tag[]
---@field related buildd.WireRelated[]
---@field fixes buildd.WireFix[]
---@field rendered string

---@alias buildd.TestState "passed"|"failed"|"errored"|"skipped"

---@class buildd.WireDeclaration
---@field file string
---@field line? integer

---@class buildd.WireTest
---@field path string[]
---@field state buildd.TestState
---@field source string
---@field duration? number
---@field message? string
---@field output? string
---@field file? string
---@field line? integer
---@field column? integer
---@field declared? buildd.WireDeclaration

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

---@class buildd.Nothing

---@class buildd.EventsParams
---@field project? string

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

---@class buildd.DiagnosticsParams
---@field project string
---@field task? string

---@class buildd.DiagnosticsResult
---@field diagnostics buildd.WireDiagnostic[]

---@class buildd.TestsParams
---@field project string
---@field task? string
---@field run? string

---@class buildd.TaskTests
---@field task string
---@field tests buildd.WireTest[]

---@class buildd.TestsResult
---@field tasks buildd.TaskTests[]

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

---@class buildd.ProjectParams
---@field project string

---@class buildd.TrustSummary
---@field project string
---@field digest string
---@field trusted boolean
---@field lines string[]
---@field files string[]
---@field grants? buildd.Grant[]
---@field changes? string[]

---@class buildd.Grant
---@field name string
---@field detail string

---@class buildd.GrantParams
---@field project string
---@field digest string
---@field grants? string[]
---@field once? boolean

---@class buildd.RevokeResult
---@field revoked boolean

---@class buildd.Check
---@field name string
---@field state string
---@field detail string
---@field remedy? string

---@class buildd.DoctorResult
---@field checks buildd.Check[]

---@class buildd.StopParams
---@field force? boolean

---@class buildd.Changed
---@field project string

---@class buildd.Output
---@field run string
---@field data string

---@class buildd.Progress
---@field message string
---@field percentage? integer
---@field run? string

---@class buildd.Ready
---@field run string
---@field stdin? string
---@field stdout? string
---@field stderr? string
