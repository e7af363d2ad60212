import assert from "node:assert/strict";
import { test } from "node:test";
import type { Test } from "../src/protocol.ts";
import { grow, type Node, place, soundsLikeTests } from "../src/testTree.ts";

function result(...path: string[]): Test {
  return { path, state: "passed", source: "go" };
}

function shape({ children }: Node): unknown {
  return Object.fromEntries(
    [...children.values()].map((one) => [one.test ? `${one.name}!` : one.name, shape(one)]),
  );
}

test("tests become a tree, and one with sub-tests is both", () => {
  const tests = [result("p", "TestA"), result("p", "TestA", "sub"), result("q", "TestA")];
  assert.deepEqual(shape(grow(tests)), { p: { "TestA!": { "sub!": {} } }, q: { "TestA!": {} } });
});

test("a test without a path is left out", () => {
  assert.deepEqual(shape(grow([result()])), {});
});

test("a test is where it is written, and a group that is a file is that file", () => {
  const declared = { file: "/p/tests/a.py", line: 7 };
  const failed = { ...result("tests/a.py", "Group", "t"), file: "/p/help.py", line: 1, declared };
  const file = grow([failed]).children.get("tests/a.py");
  const group = file?.children.get("Group");
  const test = group?.children.get("t");
  assert.ok(file && group && test);
  assert.deepEqual(place(file), { file: "/p/tests/a.py" });
  assert.deepEqual(place(group), {});
  assert.deepEqual(place(test), declared);
  const unknown = { ...failed, declared: { file: "/p/tests/a.py" } };
  const at = place({ name: "t", test: unknown, children: new Map() });
  assert.deepEqual([at.file, at.line], ["/p/help.py", 1]);
});

test("many tests grow fast", () => {
  const tests = Array.from({ length: 100_000 }, (_, number) => result("f", `${number}`));
  assert.equal(grow(tests).children.get("f")?.children.size, 100_000);
});

test("names of tasks that are worth a place", () => {
  for (const name of ["test", "unit-tests", "check", "test:fast"]) assert.ok(soundsLikeTests(name));
  for (const name of ["build", "latest", "checkout"]) assert.ok(!soundsLikeTests(name));
});
