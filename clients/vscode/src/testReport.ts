/** Results of tests, as VS Code shows them. */

import * as vscode from "vscode";
import { forTerminal } from "./backlog.ts";
import type { Test } from "./protocol.ts";

type Find = (path: string[]) => vscode.TestItem | undefined;

export class TestReport {
  readonly run: vscode.TestRun;
  readonly #find: Find;
  /** What was told of each test, by its path. */
  readonly #told = new Map<string, string>();

  constructor(run: vscode.TestRun, find: Find) {
    this.run = run;
    this.#find = find;
  }

  /** Report what is new of these tests. Until it `isLast`, what went wrong may be told later. */
  tell(tests: Test[], isLast: boolean): void {
    for (const test of tests) {
      const item = this.#find(test.path);
      const key = test.path.join("\0");
      const says = JSON.stringify([test.state, test.duration, test.message, test.output]);
      const isVague = !isLast && !test.message && !test.output;
      // What was vague is told again in the end.
      const told = isVague ? `${says} so far` : says;
      if (!item || this.#told.get(key) === told) continue;
      this.#told.set(key, told);
      this.#tell(item, test, isVague ? [] : message(test));
    }
  }

  #tell(
    item: vscode.TestItem,
    { state, duration, output }: Test,
    said: vscode.TestMessage | [],
  ): void {
    const { run } = this;
    const took = duration === undefined ? undefined : duration * 1000;
    if (output) run.appendOutput(`${forTerminal(output)}\r\n`, undefined, item);
    if (state === "passed") run.passed(item, took);
    else if (state === "skipped") run.skipped(item);
    else if (state === "failed") run.failed(item, said, took);
    else run.errored(item, said, took);
  }
}

function message(test: Test): vscode.TestMessage {
  const said = new vscode.TestMessage(test.message ?? test.output ?? test.state);
  if (test.file && test.line) {
    const place = new vscode.Position(test.line - 1, Math.max(0, (test.column ?? 1) - 1));
    said.location = new vscode.Location(vscode.Uri.file(test.file), place);
  }
  return said;
}
