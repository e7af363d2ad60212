/** The state of the daemon and of its projects. */

import type { Run } from "./runs.ts";

export interface HelloParams {
  version: string;
  build: number;
  client?: string;
  variables?: Record<string, string>;
}

export interface HelloResult {
  version: string;
  build: number;
  protocol: number;
  pid: number;
  busy: number;
  remarks?: string[];
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
  settings?: SettingStatus[];
  remarks?: string[];
}

export interface SettingStatus {
  key: string;
  value: string;
  source: string;
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
