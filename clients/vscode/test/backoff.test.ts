import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, STEADY } from "../src/daemon/backoff.ts";

test("waits grow up to a limit, and tries never stop", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 20 }, () => backoff.next(0));
  assert.deepEqual(waits.slice(0, 3), [100, 300, 900]);
  assert.equal(Math.max(...waits), 10_000);
  assert.equal(backoff.failures, 20);
});

test("after a steady connection the waits start again", () => {
  const backoff = new Backoff();
  backoff.next(0);
  backoff.next(0);
  assert.equal(backoff.next(STEADY), 100);
});
