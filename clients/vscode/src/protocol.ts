/**
 * Every custom method of the daemon, declared once beside its types. `protocol.md` describes them;
 * a test holds the three equal. Names and optional fields are the daemon's.
 */

/** A request: its name, and for the compiler what goes and what comes. */
export interface Method<Params, Result> {
  readonly name: string;
  readonly types?: [Params, Result];
}

/** A notification from the daemon. */
export interface Notification<Params> {
  readonly name: string;
  readonly types?: Params;
}

function method<Params, Result>(name: string): Method<Params, Result> {
  return { name };
}

function notification<Params>(name: string): Notification<Params> {
  return { name };
}

export const Hello = method<HelloParams, HelloResult>("buildd/hello");
export const Status = method<StatusParams, StatusResult>("buildd/status");
export const Up = method<UpParams, EnvironmentStatus>("buildd/up");
export const Down = method<EnvironmentParams, DownResult>("buildd/down");
export const Belongings = method<BelongingsParams, BelongingsResult>("buildd/belongings");
export const Clean = method<CleanParams, CleanResult>("buildd/clean");
export const RunTask = method<RunParams, RunResult>("buildd/run");
export const BuildImage = method<ImageParams, ImageResult>("buildd/image");
export const Watch = method<WatchParams, Nothing>("buildd/watch");
export const Events = method<EventsParams, Nothing>("buildd/events");
export const Exec = method<ExecParams, RunResult>("buildd/exec");
export const Terminal = method<EnvironmentParams, TerminalResult>("buildd/terminal");
export const Resize = method<ResizeParams, Nothing>("buildd/resize");
export const Cancel = method<CancelParams, CancelResult>("buildd/cancel");
export const Diagnostics = method<DiagnosticsParams, DiagnosticsResult>("buildd/diagnostics");
export const Tests = method<TestsParams, TestsResult>("buildd/tests");
export const Logs = method<LogsParams, Nothing>("buildd/logs");
export const History = method<HistoryParams, HistoryResult>("buildd/history");
export const Trust = method<ProjectParams, TrustSummary>("buildd/trust");
export const Grant = method<GrantParams, TrustSummary>("buildd/grant");
export const Revoke = method<ProjectParams, RevokeResult>("buildd/revoke");
export const Doctor = method<StatusParams, DoctorResult>("buildd/doctor");
export const Debug = method<Nothing, DebugResult>("buildd/debug");
export const Stop = method<StopParams, Nothing>("buildd/stop");

export const OutputCame = notification<Output>("buildd/output");
export const Progressed = notification<Progress>("buildd/progress");
export const IsReady = notification<Ready>("buildd/ready");
export const HasChanged = notification<Changed>("buildd/changed");
export const RunStarted = notification<Run>("buildd/runStarted");
export const RunEnded = notification<RunResult>("buildd/runEnded");

/** What the daemon's errors carry beside code and message. */
export interface Failure {
  remedy?: string;
  file?: string;
  line?: number;
  output?: string;
}

/** The codes that this client tells apart. */
export const NOT_TRUSTED = -32003;
export const NO_PROJECT = -32009;
export const CANCELLED = -32800;

// --- the daemon

export interface HelloParams {
  version: string;
  build: number;
  client?: string;
}

export interface HelloResult {
  version: string;
  build: number;
  protocol: number;
  pid: number;
  busy: number;
}

export interface StatusParams {
  project?: string;
}

export interface StatusResult {
  version: string;
  build: number;
  pid: number;
  uptime: number;
  socket: string;
  log: string;
  sessions: number;
  runs: number;
  memory: number;
  projects: ProjectStatus[];
  counts?: Record<string, number>;
}

export interface DebugResult {
  report: string;
}

export interface ProjectStatus {
  path: string;
  trusted: boolean;
  error?: string;
  environments?: EnvironmentStatus[];
  tasks?: TaskStatus[];
  images?: string[];
  sessions?: number;
}

export interface EnvironmentStatus {
  name: string;
  engine: string;
  state: string;
  detail?: string;
  image?: string;
  container?: string;
  slow?: string;
  remarks?: string[];
  changed?: string[];
}

export interface TaskStatus {
  name: string;
  command: string | string[];
  environment: string;
  onSave: boolean;
  current?: Run;
  last?: Run;
  errors?: number;
  warnings?: number;
  tested?: string;
}

export interface DoctorResult {
  checks: Check[];
}

export interface Check {
  name: string;
  state: string;
  detail: string;
  remedy?: string;
}

export interface StopParams {
  force?: boolean;
}

export type Nothing = Record<string, never>;

export interface EventsParams {
  project?: string;
}

export interface Changed {
  project: string;
}

// --- what is left

export interface BelongingsParams {
  project?: string;
  scope?: "project" | "orphans" | "all";
}

export interface BelongingsResult {
  belongings?: Belonging[];
  problems?: string[];
}

export interface Belonging {
  kind: "container" | "image" | "cache" | "state" | "consent";
  id: string;
  name: string;
  project: string;
  environment?: string;
  engine?: string;
  size?: number;
}

export interface CleanParams {
  belongings: string[];
}

export interface CleanResult {
  removed?: string[];
  problems?: string[];
}

// --- environments

export interface ProjectParams {
  project: string;
}

export interface EnvironmentParams {
  project: string;
  environment?: string;
}

export interface UpParams {
  project: string;
  environment?: string;
  rebuild?: boolean;
}

export interface DownResult {
  stopped: string[];
}

export interface Progress {
  message: string;
  percentage?: number;
  run?: string;
}

// --- runs

export interface RunParams {
  project: string;
  task: string;
  tests?: string[][];
  output?: boolean;
}

export interface ImageParams {
  project: string;
  image?: string;
  output?: boolean;
}

export interface ImageResult {
  image?: string;
  tag?: string;
  failed?: Run;
}

export interface WatchParams {
  project: string;
  tasks?: string[];
}

export interface Run {
  id: string;
  project: string;
  task: string;
  environment: string;
  command: string | string[];
  trigger: "save" | "watch" | "request";
  state?: RunState;
  created?: number;
  started?: number;
  ended?: number;
  exitStatus?: number;
  userTime?: number;
  systemTime?: number;
  error?: string;
  outputBytes?: number;
  remarks?: string[];
  only?: string[][];
}

/** Absent on the wire: `queued`. */
export type RunState =
  | "queued"
  | "preparing"
  | "running"
  | "finished"
  | "cancelled"
  | "lost"
  | "failed";

export interface RunResult {
  run: Run;
  diagnostics?: Diagnostic[];
  tests?: Test[];
}

export interface CancelParams {
  project: string;
  task?: string;
  run?: string;
  kill?: boolean;
}

export interface CancelResult {
  runs: string[];
  environments?: string[];
}

export interface LogsParams {
  project: string;
  task?: string;
  run?: string;
  follow?: boolean;
}

/** `data` is base64. */
export interface Output {
  run: string;
  data: string;
}

export interface HistoryParams {
  project: string;
  task?: string;
  limit?: number;
}

export interface HistoryEntry {
  run: Run;
  errors?: number;
  warnings?: number;
}

export interface HistoryResult {
  runs: HistoryEntry[];
}

export interface ExecParams {
  project: string;
  command: string[];
  directory: string;
  environment?: string;
  env?: Record<string, string>;
  stdin?: boolean;
  terminal?: string;
  relayed?: boolean;
  umask?: number;
}

export interface Ready {
  run: string;
  stdin?: string;
  stdout?: string;
  stderr?: string;
}

export interface TerminalResult {
  multiplexer: string;
  relayed?: boolean;
  history?: string;
}

export interface ResizeParams {
  project: string;
  run: string;
  rows: number;
  columns: number;
}

// --- findings

export interface DiagnosticsParams {
  project: string;
  task?: string;
}

export interface DiagnosticsResult {
  diagnostics: Diagnostic[];
}

/** A place: lines and columns are 1-based, columns count code points, ends are exclusive. */
export interface Place {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export interface Diagnostic extends Place {
  severity: "error" | "warning" | "information" | "hint";
  code: string;
  message: string;
  source: string;
  href: string;
  tags: ("unnecessary" | "deprecated")[];
  related: Related[];
  fixes: Fix[];
  rendered: string;
}

export interface Related extends Place {
  message: string;
}

export interface Edit extends Place {
  text: string;
}

export interface Fix {
  title: string;
  edits: Edit[];
  preferred?: boolean;
}

export interface TestsParams {
  project: string;
  task?: string;
  run?: string;
}

export interface TestsResult {
  tasks: TaskTests[];
}

export interface TaskTests {
  task: string;
  tests: Test[];
}

export interface Test {
  path: string[];
  state: "passed" | "failed" | "errored" | "skipped";
  source: string;
  duration?: number;
  message?: string;
  output?: string;
  file?: string;
  line?: number;
  column?: number;
  declared?: Declaration;
}

/** Where a test is written; without a line, only the file is known. */
export interface Declaration {
  file: string;
  line?: number;
}

// --- trust

export interface TrustSummary {
  project: string;
  digest: string;
  trusted: boolean;
  lines: string[];
  files: string[];
  grants?: GrantAsked[];
  changes?: string[];
}

export interface GrantAsked {
  name: string;
  detail: string;
}

export interface GrantParams {
  project: string;
  digest: string;
  grants?: string[];
  once?: boolean;
}

export interface RevokeResult {
  revoked: boolean;
}
