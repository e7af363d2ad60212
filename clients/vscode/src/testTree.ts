/** Test results as a tree: suites and tests by the parts of their paths. */

import type { Test } from "./protocol.ts";

/** A suite, a test, or both: a test may have sub-tests. */
export interface Node {
  name: string;
  test?: Test;
  children: Map<string, Node>;
}

export function grow(tests: Test[]): Node {
  const root: Node = { name: "", children: new Map() };
  for (const test of tests) {
    let node = root;
    for (const name of test.path) {
      let child = node.children.get(name);
      if (!child) {
        child = { name, children: new Map() };
        node.children.set(name, child);
      }
      node = child;
    }
    if (node !== root) node.test = test;
  }
  return root;
}

const TESTS = /(^|[-_:. ])(tests?|check)($|[-_:. ])/;

/** Whether a task is worth a place in the Test Explorer before anything is known of its tests. */
export function soundsLikeTests(task: string): boolean {
  return TESTS.test(task);
}
