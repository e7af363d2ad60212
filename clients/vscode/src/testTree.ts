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

/** Where a test is written, else where it failed; a group that is a file is at that. */
export function place(node: Node): Pick<Test, "file" | "line"> {
  const { declared, ...test } = node.test ?? {};
  if (node.test) return declared?.line ? declared : test;
  const file = firstFile(node);
  return file?.endsWith(`/${node.name.replace(/^\.\//, "")}`) ? { file } : {};
}

function firstFile(node: Node): string | undefined {
  const [child] = node.children.values();
  return child && (child.test?.declared?.file ?? firstFile(child));
}

const TESTS = /(^|[-_:. ])(tests?|check)($|[-_:. ])/;

/** Whether a task is worth a place in the Test Explorer before anything is known of its tests. */
export function soundsLikeTests(task: string): boolean {
  return TESTS.test(task);
}
