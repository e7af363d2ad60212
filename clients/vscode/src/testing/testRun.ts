/** Runs that are started from the Test Explorer: select the tasks and tests, run and report them. */

import * as vscode from "vscode";
import { Backlog } from "../output/backlog.ts";
import { errorText } from "../daemon/errors.ts";
import type { RunResult } from "../protocol.ts";
import { runTask } from "../output/runTask.ts";
import type { TestExplorer } from "./testExplorer.ts";
import type { RunFollower } from "./testFollower.ts";

/** What to run of one task: the whole task, or the tests of these items. */
interface Selection {
  project: string;
  task: string;
  isWhole: boolean;
  items: vscode.TestItem[];
}

/** Milliseconds between two pieces of output, and bytes in each. */
const PAUSE = 100;
const PIECE = 1 << 17;

export async function runTests(
  explorer: TestExplorer,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
): Promise<void> {
  const run = explorer.controller.createTestRun(request);
  // Besides the request, the run has its own cancel button.
  const cancel = new vscode.CancellationTokenSource();
  const listeners = [token, run.token].map((source) =>
    source.onCancellationRequested(() => cancel.cancel()),
  );
  try {
    for (const selection of select(explorer, request)) {
      if (!cancel.token.isCancellationRequested) {
        await runSelection(explorer, run, selection, cancel.token);
      }
    }
  } finally {
    for (const listener of listeners) listener.dispose();
    run.end();
  }
}

async function runSelection(
  explorer: TestExplorer,
  run: vscode.TestRun,
  { project, task, isWhole, items }: Selection,
  token: vscode.CancellationToken,
): Promise<void> {
  // VS Code shows a test that was started and never reported as skipped. So start only tests, not
  // the task's own item.
  for (const item of items) if (explorer.dataOf(item)?.isTest) run.started(item);
  const output = new Output(run);
  let follower: RunFollower | undefined;
  const tests = isWhole ? {} : { tests: items.map((item) => explorer.dataOf(item)?.path ?? []) };
  try {
    const result = await explorer.consent.withTrust(project, () =>
      runTask(
        explorer.connection,
        { project, task, ...tests },
        {
          started: ({ id }) => {
            follower = explorer.follow({ project, task, id }, run);
          },
          output: (data) => output.push(data),
          progress: (message) => run.appendOutput(`${message}\r\n`),
        },
        token,
      ),
    );
    output.end();
    if (result) conclude(explorer, run, { project, task, isWhole, items }, result, follower);
  } catch (error) {
    output.end();
    const message = new vscode.TestMessage(errorText(error));
    for (const item of items) run.errored(item, message);
    run.appendOutput(`${errorText(error)}\r\n`);
  } finally {
    if (follower) explorer.unfollow(follower);
  }
}

function conclude(
  explorer: TestExplorer,
  run: vscode.TestRun,
  { project, task, isWhole, items }: Selection,
  { run: record, tests = [] }: RunResult,
  follower: RunFollower | undefined,
): void {
  const isComplete = isWhole && record.state === "finished" && tests.length > 0;
  if (tests.length) explorer.update(project, task, tests, !isComplete);
  follower?.finish(tests);
  if (tests.length > 0 || record.state === "cancelled") return;
  const how = record.error ?? `exit status ${record.exitStatus ?? "unknown"}`;
  const message = new vscode.TestMessage(`${task} reported no tests (${how}). See its output.`);
  for (const item of items) {
    if (record.exitStatus === 0 && !explorer.dataOf(item)?.isTest) run.passed(item);
    else run.errored(item, message);
  }
}

/** Group the request by tasks. A task that is requested as a whole runs unchanged; otherwise its
 * tests are named. */
function select(explorer: TestExplorer, request: vscode.TestRunRequest): Selection[] {
  const excluded = new Set(request.exclude);
  const selections = new Map<string, Selection>();
  const add = (item: vscode.TestItem): void => {
    if (excluded.has(item)) return;
    const data = explorer.dataOf(item);
    if (!data) {
      item.children.forEach(add);
      return;
    }
    const { project, task, path } = data;
    const key = `${project}\0${task}`;
    const known = selections.get(key) ?? { project, task, isWhole: false, items: [] };
    selections.set(key, known);
    if (path.length === 0) {
      known.items = testsBelow(explorer, item, excluded);
      known.isWhole = !hasExcluded(item, excluded);
      // If no tests are known, report on the task's own item.
      if (known.items.length === 0) known.items = [item];
    } else if (!known.isWhole) {
      known.items = [...new Set([...known.items, ...testsBelow(explorer, item, excluded)])];
    }
  };
  if (request.include) request.include.forEach(add);
  else explorer.controller.items.forEach(add);
  return [...selections.values()];
}

function testsBelow(
  explorer: TestExplorer,
  item: vscode.TestItem,
  excluded: Set<vscode.TestItem>,
): vscode.TestItem[] {
  if (excluded.has(item)) return [];
  const found = explorer.dataOf(item)?.isTest ? [item] : [];
  item.children.forEach((child) => found.push(...testsBelow(explorer, child, excluded)));
  return found;
}

function hasExcluded(item: vscode.TestItem, excluded: Set<vscode.TestItem>): boolean {
  let found = excluded.has(item);
  item.children.forEach((child) => (found ||= hasExcluded(child, excluded)));
  return found;
}

/** Passes output to a test run in pieces. */
class Output {
  readonly #run: vscode.TestRun;
  readonly #backlog = new Backlog();
  #timer: NodeJS.Timeout | undefined;

  constructor(run: vscode.TestRun) {
    this.#run = run;
  }

  push(data: Uint8Array): void {
    this.#backlog.push(data);
    this.#timer ??= setTimeout(() => this.#next(), PAUSE);
  }

  end(): void {
    clearTimeout(this.#timer);
    if (!this.#backlog.isEmpty) this.#run.appendOutput(this.#backlog.take());
  }

  #next(): void {
    this.#run.appendOutput(this.#backlog.take(PIECE));
    this.#timer = this.#backlog.isEmpty ? undefined : setTimeout(() => this.#next(), PAUSE);
  }
}
