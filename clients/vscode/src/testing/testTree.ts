/** Build a tree of suites and tests from the paths of test results. */

import type { Test } from "../protocol.ts";

/** A suite, a test, or both: a test may have subtests. */
export interface Node {
  name: string;
  test?: Test;
  children: Map<string, Node>;
}

export function buildTree(tests: Test[]): Node {
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

/** Where a test is declared, else where it failed; for a group that is a file, that file. */
export function locationOf(node: Node): Pick<Test, "file" | "line"> {
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

/** Whether to show a task in the Test Explorer before any of its tests are known. */
export function looksLikeTests(task: string): boolean {
  return TESTS.test(task);
}
