/** A run from the Test Explorer: which tasks and tests are meant, and what they give. */

import * as vscode from "vscode";
import { Backlog } from "./backlog.ts";
import { inWords } from "./errors.ts";
import type { RunResult } from "./protocol.ts";
import { runTask } from "./runTask.ts";
import type { TestExplorer } from "./testExplorer.ts";
import type { Follower } from "./testFollower.ts";

/** What is to run of one task: all, or the tests of these items. */
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
  // The run has a cancel button of its own once the request has been taken.
  const cancel = new vscode.CancellationTokenSource();
  const listeners = [token, run.token].map((one) =>
    one.onCancellationRequested(() => cancel.cancel()),
  );
  try {
    for (const selection of select(explorer, request)) {
      if (!cancel.token.isCancellationRequested) {
        await runSelection(explorer, run, selection, cancel.token);
      }
    }
  } finally {
    for (const one of listeners) one.dispose();
    run.end();
  }
}

async function runSelection(
  explorer: TestExplorer,
  run: vscode.TestRun,
  { project, task, isWhole, items }: Selection,
  token: vscode.CancellationToken,
): Promise<void> {
  // What was started and is not told of in the end counts as skipped; a task is more than a test.
  for (const item of items) if (explorer.meaning(item)?.isTest) run.started(item);
  const output = new Output(run);
  let follower: Follower | undefined;
  const tests = isWhole ? {} : { tests: items.map((item) => explorer.meaning(item)?.path ?? []) };
  try {
    const result = await explorer.consent.having(project, () =>
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
    const said = new vscode.TestMessage(inWords(error));
    for (const item of items) run.errored(item, said);
    run.appendOutput(`${inWords(error)}\r\n`);
  } finally {
    if (follower) explorer.unfollow(follower);
  }
}

function conclude(
  explorer: TestExplorer,
  run: vscode.TestRun,
  { project, task, isWhole, items }: Selection,
  { run: record, tests = [] }: RunResult,
  follower: Follower | undefined,
): void {
  const isComplete = isWhole && record.state === "finished" && tests.length > 0;
  if (tests.length) explorer.update(project, task, tests, !isComplete);
  follower?.conclude(tests);
  if (tests.length > 0 || record.state === "cancelled") return;
  const how = record.error ?? `exit status ${record.exitStatus ?? "unknown"}`;
  const said = new vscode.TestMessage(`${task} told of no test (${how}); see the output.`);
  for (const item of items) {
    if (record.exitStatus === 0 && !explorer.meaning(item)?.isTest) run.passed(item);
    else run.errored(item, said);
  }
}

/** The request by tasks. Whole tasks are run as they are, the rest test by test. */
function select(explorer: TestExplorer, request: vscode.TestRunRequest): Selection[] {
  const excluded = new Set(request.exclude);
  const selections = new Map<string, Selection>();
  const add = (item: vscode.TestItem): void => {
    if (excluded.has(item)) return;
    const meaning = explorer.meaning(item);
    if (!meaning) {
      item.children.forEach(add);
      return;
    }
    const { project, task, path } = meaning;
    const key = `${project}\0${task}`;
    const known = selections.get(key) ?? { project, task, isWhole: false, items: [] };
    selections.set(key, known);
    if (path.length === 0) {
      known.items = testsBelow(explorer, item, excluded);
      known.isWhole = !hasExcluded(item, excluded);
      // A task without known tests stands for itself.
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
  const found = explorer.meaning(item)?.isTest ? [item] : [];
  item.children.forEach((child) => found.push(...testsBelow(explorer, child, excluded)));
  return found;
}

function hasExcluded(item: vscode.TestItem, excluded: Set<vscode.TestItem>): boolean {
  let found = excluded.has(item);
  item.children.forEach((child) => (found ||= hasExcluded(child, excluded)));
  return found;
}

/** Output on its way to the run, in pieces. */
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
