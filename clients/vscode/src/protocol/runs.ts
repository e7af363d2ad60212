/** Runs of tasks and commands. */

import type { Diagnostic, Test } from "./diagnostics.ts";

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
