import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, LONG_LIFE } from "../src/backoff.ts";

test("waits grow to a bound, and it is never given up", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 20 }, () => backoff.next(0));
  assert.deepEqual(waits.slice(0, 3), [100, 300, 900]);
  assert.equal(Math.max(...waits), 10_000);
  assert.equal(backoff.failures, 20);
});

test("after a long life the next failure is a first one", () => {
  const backoff = new Backoff();
  backoff.next(0);
  backoff.next(0);
  assert.equal(backoff.next(LONG_LIFE), 100);
});
