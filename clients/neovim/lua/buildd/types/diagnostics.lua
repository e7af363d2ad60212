---@meta
--- Types of the protocol: the results of runs.

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
