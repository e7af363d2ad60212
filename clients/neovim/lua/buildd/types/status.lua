---@meta
--- The wire's types of the daemon, its projects and environments, what they leave, and consent.

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

---@alias buildd.ResourceKind "container"|"image"|"cache"|"state"|"consent"

---@class buildd.Resource
---@field kind buildd.ResourceKind
---@field id string
---@field name string
---@field project string
---@field environment? string
---@field engine? string
---@field size? integer

---@class buildd.BelongingsResult
---@field belongings? buildd.Resource[]
---@field problems? string[]

---@class buildd.CleanParams
---@field belongings string[]

---@class buildd.CleanResult
---@field removed? string[]
---@field problems? string[]

---@class buildd.Nothing

---@class buildd.EventsParams
---@field project? string

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

---@class buildd.Progress
---@field message string
---@field percentage? integer
---@field run? string
