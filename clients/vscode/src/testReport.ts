/** Results of tests, as VS Code shows them. */

import * as vscode from "vscode";
import { forTerminal } from "./backlog.ts";
import type { Test } from "./protocol.ts";

type Find = (path: string[]) => vscode.TestItem | undefined;

export function report(run: vscode.TestRun, tests: Test[], find: Find): void {
  for (const test of tests) {
    const item = find(test.path);
    if (!item) continue;
    const duration = test.duration === undefined ? undefined : test.duration * 1000;
    if (test.output) run.appendOutput(`${forTerminal(test.output)}\r\n`, undefined, item);
    if (test.state === "passed") run.passed(item, duration);
    else if (test.state === "skipped") run.skipped(item);
    else if (test.state === "failed") run.failed(item, message(test), duration);
    else run.errored(item, message(test), duration);
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
