/** What the status bar says of a project, as data. */

import type { ConnectionState } from "./connection.ts";
import type { UnderWay } from "./progress.ts";
import type { EnvironmentStatus, ProjectStatus, Run, TaskStatus } from "./protocol.ts";

export interface Summary {
  text: string;
  /** What a screen reader says. */
  spoken: string;
  severity: "normal" | "warning" | "error";
}

/** How it is, in few words. `underWay` knows the progress of runs by their ids. */
export function summarize(
  connection: ConnectionState,
  project: ProjectStatus | undefined,
  underWay: (run: string) => UnderWay | undefined,
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
      `$(loading~spin) ${progressOf(first.current, underWay)}${also}${findings}`,
      "normal",
    );
  }
  const environments = project.environments ?? [];
  const preparing = environments.find((one) => one.state === "preparing");
  if (preparing)
    return say(`$(loading~spin) ${preparing.detail ?? preparing.name}${findings}`, "normal");
  if (environments.some((one) => one.state === "failed")) {
    return say(`$(error) buildd: environment${findings}`, "error");
  }
  return say(`${findings ? "$(package)" : icon(project)} buildd${findings}`, "normal");
}

/** `$(error) 3 $(warning) 1`, with a blank before it; empty if there is nothing. */
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

function progressOf(run: Run, underWay: (run: string) => UnderWay | undefined): string {
  const state = run.state ?? "queued";
  const report = underWay(run.id);
  if (state === "queued") return `${run.task}: waiting`;
  const percentage = report?.percentage === undefined ? "" : ` ${report.percentage} %`;
  if (state === "preparing") return `${run.task}: ${report?.message ?? "preparing"}${percentage}`;
  return `${run.task}${percentage}`;
}

/** A tick once something has succeeded, a cross if the last of some task failed. */
function icon(project: ProjectStatus): string {
  const last = (project.tasks ?? []).flatMap((task) => task.last ?? []);
  if (last.some(hasFailed)) return "$(error)";
  return last.some((run) => run.state === "finished") ? "$(pass)" : "$(package)";
}

export function hasFailed(run: Run): boolean {
  if (run.state === "failed" || run.state === "lost") return true;
  return run.state === "finished" && run.exitStatus !== 0;
}

/** `succeeded in 1.2 s`, `failed (2) in 0.3 s`, `cancelled`. */
export function outcome(run: Run): string {
  const took = run.ended && run.started ? ` in ${(run.ended - run.started).toFixed(1)} s` : "";
  if (run.state !== "finished") return run.error ? `${run.state}: ${run.error}` : `${run.state}`;
  return run.exitStatus === 0 ? `succeeded${took}` : `failed (${run.exitStatus})${took}`;
}

/** `warm`, `building the image 40 %`, what has changed, why it is slow, and what is odd about it. */
export function environmentInWords(one: EnvironmentStatus): string {
  const changed = one.changed?.length ? `, ${one.changed.join(", ")} changed since` : "";
  const state = `${one.state}${changed}${one.detail ? `: ${one.detail}` : ""}`;
  const speed = one.slow ? `${state} (slow: ${one.slow})` : state;
  return [speed, ...(one.remarks ?? [])].join("; ");
}

/** What a task runs, as one line. */
export function commandOf(task: Pick<TaskStatus, "command">): string {
  const line = typeof task.command === "string" ? task.command : task.command.join(" ");
  return line.trim().split("\n").join(" ⏎ ");
}

/** How a task stands, in few words. */
export function taskInWords(task: TaskStatus): string {
  if (task.current) return task.current.state ?? "queued";
  if (!task.last) return "not run yet";
  const found = [plural(task.errors ?? 0, "error"), plural(task.warnings ?? 0, "warning")];
  return [outcome(task.last), ...found.filter((one) => !one.startsWith("0 "))].join(", ");
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
