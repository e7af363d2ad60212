import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProjectStatus, Run, TaskStatus } from "../src/protocol.ts";
import { commandOf, outcome, summarize, taskText } from "../src/ui/summary.ts";

const none = (): undefined => undefined;

function run(more: Partial<Run> = {}): Run {
  return {
    id: "1",
    project: "/p",
    task: "build",
    environment: "build",
    command: "make",
    trigger: "save",
    ...more,
  };
}

function task(more: Partial<TaskStatus> = {}): TaskStatus {
  return { name: "build", command: "make", environment: "build", onSave: true, ...more };
}

function project(more: Partial<ProjectStatus> = {}): ProjectStatus {
  return { path: "/p", trusted: true, tasks: [task()], ...more };
}

const succeeded = run({ state: "finished", exitStatus: 0, started: 1, ended: 2.25 });
const failed = run({ state: "finished", exitStatus: 2, started: 1, ended: 2 });

test("what is in the way is said first", () => {
  assert.equal(summarize("missing", undefined, none).severity, "warning");
  assert.match(summarize("lost", project(), none).text, /reconnecting/);
  assert.match(summarize("running", project({ error: "line 1" }), none).text, /configuration/);
  assert.match(summarize("running", project({ trusted: false }), none).text, /not trusted/);
});

test("what runs shows with its progress", () => {
  const running = project({ tasks: [task({ current: run({ state: "running" }), errors: 2 })] });
  const { text } = summarize("running", running, () => ({ title: "", percentage: 40 }));
  assert.equal(text, "$(loading~spin) build 40 %  $(error) 2");
  const preparing = project({ tasks: [task({ current: run({ state: "preparing" }) })] });
  const said = summarize("running", preparing, () => ({ title: "", message: "step 3 of 7" }));
  assert.equal(said.text, "$(loading~spin) build: step 3 of 7");
  const queued = project({ tasks: [task({ current: run() }), task({ current: run() })] });
  assert.equal(summarize("running", queued, none).text, "$(loading~spin) build: waiting +1");
});

test("then how the last runs ended", () => {
  const textOf = (status: TaskStatus): string =>
    summarize("running", project({ tasks: [status] }), none).text;
  assert.equal(textOf(task()), "$(package) buildd");
  assert.equal(textOf(task({ last: succeeded })), "$(pass) buildd");
  assert.equal(textOf(task({ last: failed })), "$(error) buildd");
  assert.equal(
    textOf(task({ last: failed, errors: 1, warnings: 2 })),
    "$(package) buildd  $(error) 1  $(warning) 2",
  );
});

test("a screen reader is given words", () => {
  const found = project({ tasks: [task({ last: failed, errors: 1, warnings: 2 })] });
  assert.equal(summarize("running", found, none).spoken, "buildd, 1 error, 2 warnings");
});

test("runs and tasks in words", () => {
  assert.equal(outcome(succeeded), "succeeded in 1.3 s");
  assert.equal(outcome(failed), "failed (2) in 1.0 s");
  assert.equal(outcome(run({ state: "cancelled" })), "cancelled");
  assert.equal(outcome(run({ state: "lost", error: "it went" })), "lost: it went");
  assert.equal(taskText(task()), "not run yet");
  assert.equal(taskText(task({ last: failed, errors: 1 })), "failed (2) in 1.0 s, 1 error");
  assert.equal(commandOf({ command: ["a", "b"] }), "a b");
  assert.equal(commandOf({ command: "a\nb\n" }), "a ⏎ b");
});
