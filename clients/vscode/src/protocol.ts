/**
 * The daemon's custom methods, each declared once. Their types are in `protocol/`, by subject, with
 * the daemon's names and optional fields. `protocol.md` describes them; a test holds all three equal.
 */

import type {
  BelongingsParams,
  BelongingsResult,
  CleanParams,
  CleanResult,
} from "./protocol/resources.ts";
import type {
  DiagnosticsParams,
  DiagnosticsResult,
  TestsParams,
  TestsResult,
} from "./protocol/diagnostics.ts";
import type {
  DownResult,
  EnvironmentParams,
  Progress,
  ProjectParams,
  UpParams,
} from "./protocol/environments.ts";
import type {
  CancelParams,
  CancelResult,
  ExecParams,
  HistoryParams,
  HistoryResult,
  ImageParams,
  ImageResult,
  LogsParams,
  Output,
  Ready,
  ResizeParams,
  Run,
  RunParams,
  RunResult,
  TerminalResult,
  WatchParams,
} from "./protocol/runs.ts";
import type {
  Changed,
  DebugResult,
  DoctorResult,
  EnvironmentStatus,
  EventsParams,
  HelloParams,
  HelloResult,
  Nothing,
  StatusParams,
  StatusResult,
  StopParams,
} from "./protocol/status.ts";
import type { GrantParams, RevokeResult, TrustSummary } from "./protocol/trust.ts";

export type * from "./protocol/resources.ts";
export type * from "./protocol/diagnostics.ts";
export type * from "./protocol/environments.ts";
export type * from "./protocol/runs.ts";
export type * from "./protocol/status.ts";
export type * from "./protocol/trust.ts";

/** A request: its name, and for the compiler the types of its parameters and result. */
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

/** The data of the daemon's errors, besides code and message. */
export interface Failure {
  remedy?: string;
  file?: string;
  line?: number;
  output?: string;
}

/** The error codes that this client distinguishes. */
export const NOT_TRUSTED = -32003;
export const NO_PROJECT = -32009;
export const CANCELLED = -32800;
