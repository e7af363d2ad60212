/** Report test results to a test run of VS Code. */

import * as vscode from "vscode";
import { forTerminal } from "../output/backlog.ts";
import type { Test } from "../protocol.ts";

type Find = (path: string[]) => vscode.TestItem | undefined;

export class TestReport {
  readonly run: vscode.TestRun;
  readonly #find: Find;
  /** What was reported of each test, by its path. */
  readonly #reported = new Map<string, string>();

  constructor(run: vscode.TestRun, find: Find) {
    this.run = run;
    this.#find = find;
  }

  /** Report the tests whose results have changed. Unless `isLast`, messages may come later. */
  report(tests: Test[], isLast: boolean): void {
    for (const test of tests) {
      const item = this.#find(test.path);
      const key = test.path.join("\0");
      const result = JSON.stringify([test.state, test.duration, test.message, test.output]);
      const lacksMessage = !isLast && !test.message && !test.output;
      // A test without a message is reported again at the end.
      const reported = lacksMessage ? `${result} so far` : result;
      if (!item || this.#reported.get(key) === reported) continue;
      this.#reported.set(key, reported);
      this.#reportOne(item, test, lacksMessage ? [] : message(test));
    }
  }

  #reportOne(
    item: vscode.TestItem,
    { state, duration, output }: Test,
    message: vscode.TestMessage | [],
  ): void {
    const { run } = this;
    const took = duration === undefined ? undefined : duration * 1000;
    if (output) run.appendOutput(`${forTerminal(output)}\r\n`, undefined, item);
    if (state === "passed") run.passed(item, took);
    else if (state === "skipped") run.skipped(item);
    else if (state === "failed") run.failed(item, message, took);
    else run.errored(item, message, took);
  }
}

function message(test: Test): vscode.TestMessage {
  const made = new vscode.TestMessage(test.message ?? test.output ?? test.state);
  if (test.file && test.line) {
    const position = new vscode.Position(test.line - 1, Math.max(0, (test.column ?? 1) - 1));
    made.location = new vscode.Location(vscode.Uri.file(test.file), position);
  }
  return made;
}
