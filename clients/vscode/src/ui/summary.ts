/** The text of the status bar, and states of runs, tasks and environments as text. Pure. */

import type { ConnectionState } from "../daemon/connection.ts";
import type { RunProgress } from "../daemon/progress.ts";
import type { EnvironmentStatus, ProjectStatus, Run, TaskStatus } from "../protocol.ts";

export interface Summary {
  text: string;
  /** The text for a screen reader. */
  spoken: string;
  severity: "normal" | "warning" | "error";
}

/** The state of a project in a few words. `progressOfRun` returns the progress of a run by its id. */
export function summarize(
  connection: ConnectionState,
  project: ProjectStatus | undefined,
  progressOfRun: (run: string) => RunProgress | undefined,
): Summary {
  if (connection === "missing") return say("$(warning) buildd: not installed", "warning");
  if (connection === "starting") return say("$(loading~spin) buildd", "normal");
  if (connection === "lost") return say("$(debug-disconnect) buildd: reconnecting", "warning");
  if (!project) return say("$(package) buildd", "normal");
  if (project.error) return say("$(error) buildd: configuration", "error");
  if (!project.trusted) return say("$(shield) buildd: not trusted", "warning");
  const findings = counts(project);
  const busy = (project.tasks ?? []).filter((task) => task.current);
  const first = busy.find((task) => task.current?.state === "running") ?? busy[0];
  if (first?.current) {
    const also = busy.length > 1 ? ` +${busy.length - 1}` : "";
    return say(
      `$(loading~spin) ${progressOf(first.current, progressOfRun)}${also}${findings}`,
      "normal",
    );
  }
  const environments = project.environments ?? [];
  const preparing = environments.find(({ state }) => state === "preparing");
  if (preparing)
    return say(`$(loading~spin) ${preparing.detail ?? preparing.name}${findings}`, "normal");
  if (environments.some(({ state }) => state === "failed")) {
    return say(`$(error) buildd: environment${findings}`, "error");
  }
  return say(`${findings ? "$(package)" : icon(project)} buildd${findings}`, "normal");
}

/** The numbers of errors and warnings, as `  $(error) 3  $(warning) 1`; empty if there are none. */
function counts(project: ProjectStatus): string {
  const [errors, warnings] = totals(project);
  return (errors ? `  $(error) ${errors}` : "") + (warnings ? `  $(warning) ${warnings}` : "");
}

export function totals(project: ProjectStatus): [errors: number, warnings: number] {
  const tasks = project.tasks ?? [];
  return [
    tasks.reduce((sum, task) => sum + (task.errors ?? 0), 0),
    tasks.reduce((sum, task) => sum + (task.warnings ?? 0), 0),
  ];
}

function progressOf(run: Run, progressOfRun: (run: string) => RunProgress | undefined): string {
  const state = run.state ?? "queued";
  const report = progressOfRun(run.id);
  if (state === "queued") return `${run.task}: waiting`;
  const percentage = report?.percentage === undefined ? "" : ` ${report.percentage} %`;
  if (state === "preparing") return `${run.task}: ${report?.message ?? "preparing"}${percentage}`;
  return `${run.task}${percentage}`;
}

/** A cross if the last run of a task failed, a tick if one has succeeded, else neither. */
function icon(project: ProjectStatus): string {
  const last = (project.tasks ?? []).flatMap((task) => task.last ?? []);
  if (last.some(hasFailed)) return "$(error)";
  return last.some((run) => run.state === "finished") ? "$(pass)" : "$(package)";
}

export function hasFailed(run: Run): boolean {
  if (run.state === "failed" || run.state === "lost") return true;
  return run.state === "finished" && run.exitStatus !== 0;
}

/** How a run ended: `succeeded in 1.2 s`, `failed (2) in 0.3 s`, `cancelled`. */
export function outcome(run: Run): string {
  const took = run.ended && run.started ? ` in ${(run.ended - run.started).toFixed(1)} s` : "";
  if (run.state !== "finished") return run.error ? `${run.state}: ${run.error}` : `${run.state}`;
  return run.exitStatus === 0 ? `succeeded${took}` : `failed (${run.exitStatus})${took}`;
}

/** The state of an environment: `warm`, `preparing: building the image`, what has changed since, why
 * it is slow, and remarks. */
export function environmentText(environment: EnvironmentStatus): string {
  const { state, changed = [], detail, slow, remarks = [] } = environment;
  const changes = changed.length ? `, ${changed.join(", ")} changed since` : "";
  const text = `${state}${changes}${detail ? `: ${detail}` : ""}`;
  return [slow ? `${text} (slow: ${slow})` : text, ...remarks].join("; ");
}

/** The command of a task, as one line. */
export function commandOf(task: Pick<TaskStatus, "command">): string {
  const line = typeof task.command === "string" ? task.command : task.command.join(" ");
  return line.trim().split("\n").join(" ⏎ ");
}

/** The state of a task in a few words. */
export function taskText(task: TaskStatus): string {
  if (task.current) return task.current.state ?? "queued";
  if (!task.last) return "not run yet";
  const found = [plural(task.errors ?? 0, "error"), plural(task.warnings ?? 0, "warning")];
  return [outcome(task.last), ...found.filter((text) => !text.startsWith("0 "))].join(", ");
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function say(text: string, severity: Summary["severity"]): Summary {
  const spoken = text
    .replace(
      /\$\((error|warning)\) (\d+)/g,
      (_, word: string, count: string) => `, ${plural(Number(count), word)}`,
    )
    .replace(/\$\([^)]*\)/g, "")
    .replace(/\s+(?=,)|^\s+/g, "")
    .trim();
  return { text, spoken: spoken.startsWith("buildd") ? spoken : `buildd: ${spoken}`, severity };
}
