import assert from "node:assert/strict";
import { test } from "node:test";
import type { Test } from "../src/protocol.ts";
import { buildTree, type Node, locationOf, looksLikeTests } from "../src/testing/testTree.ts";

function result(...path: string[]): Test {
  return { path, state: "passed", source: "go" };
}

function shape({ children }: Node): unknown {
  return Object.fromEntries(
    [...children.values()].map((node) => [node.test ? `${node.name}!` : node.name, shape(node)]),
  );
}

test("tests become a tree, and one with sub-tests is both", () => {
  const tests = [result("p", "TestA"), result("p", "TestA", "sub"), result("q", "TestA")];
  assert.deepEqual(shape(buildTree(tests)), {
    p: { "TestA!": { "sub!": {} } },
    q: { "TestA!": {} },
  });
});

test("a test without a path is left out", () => {
  assert.deepEqual(shape(buildTree([result()])), {});
});

test("a test is where it is written, and a group that is a file is that file", () => {
  const declared = { file: "/p/tests/a.py", line: 7 };
  const failed = { ...result("tests/a.py", "Group", "t"), file: "/p/help.py", line: 1, declared };
  const file = buildTree([failed]).children.get("tests/a.py");
  const group = file?.children.get("Group");
  const test = group?.children.get("t");
  assert.ok(file && group && test);
  assert.deepEqual(locationOf(file), { file: "/p/tests/a.py" });
  assert.deepEqual(locationOf(group), {});
  assert.deepEqual(locationOf(test), declared);
  const unknown = { ...failed, declared: { file: "/p/tests/a.py" } };
  const at = locationOf({ name: "t", test: unknown, children: new Map() });
  assert.deepEqual([at.file, at.line], ["/p/help.py", 1]);
});

test("many tests grow fast", () => {
  const tests = Array.from({ length: 100_000 }, (_, number) => result("f", `${number}`));
  assert.equal(buildTree(tests).children.get("f")?.children.size, 100_000);
});

test("names of tasks that are worth a place", () => {
  for (const name of ["test", "unit-tests", "check", "test:fast"]) assert.ok(looksLikeTests(name));
  for (const name of ["build", "latest", "checkout"]) assert.ok(!looksLikeTests(name));
});
