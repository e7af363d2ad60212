/** The lines before and after a run's output. */

import type { Run, TaskStatus } from "../protocol.ts";
import { plain, style } from "./terminalWriter.ts";
import { commandOf, hasFailed, outcome, plural } from "../ui/summary.ts";

const TRIGGERS = { save: "a file was saved", watch: "a file changed", request: "" };

/** The line before a run's output: `▶ build  make -j4  (a file was saved)`. */
export function heading(run: Run): string {
  const why = TRIGGERS[run.trigger];
  const tests = run.only?.length ? ` (${plural(run.only.length, "test")})` : "";
  const command = style.dim(plain(commandOf(run)));
  return `${style.bold(`▶ ${plain(run.task)}${tests}`)}  ${command}${why && style.dim(`  (${why})`)}`;
}

/** The line after a run's output: `✔ build succeeded in 1.2 s, 1 warning`. */
export function ending(run: Run, task?: Pick<TaskStatus, "errors" | "warnings">): string {
  const found = [
    task?.errors && plural(task.errors, "error"),
    task?.warnings && plural(task.warnings, "warning"),
  ].filter(Boolean);
  const text = [`${run.task} ${outcome(run)}`, ...found].join(", ");
  if (hasFailed(run)) return style.red(`✘ ${plain(text)}`);
  return run.state === "finished"
    ? style.green(`✔ ${plain(text)}`)
    : style.dim(`■ ${plain(text)}`);
}
