import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog, forTerminal, sizeText } from "../src/output/backlog.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("what was pushed is taken in its order, with a terminal's line ends", () => {
  const backlog = new Backlog();
  backlog.push(bytes("one\ntwo\r\n"));
  backlog.push(bytes("three"));
  assert.equal(backlog.take(), "one\r\ntwo\r\nthree");
  assert.ok(backlog.isEmpty);
  assert.equal(backlog.take(), "");
});

test("a piece may end inside a character", () => {
  const backlog = new Backlog();
  const [first, second] = [bytes("é").subarray(0, 1), bytes("é").subarray(1)];
  backlog.push(first);
  assert.equal(backlog.take(), "");
  backlog.push(second);
  assert.equal(backlog.take(), "é");
});

test("it is taken in pieces", () => {
  const backlog = new Backlog();
  backlog.push(bytes("abcdef"));
  assert.equal(backlog.take(4), "abcd");
  assert.equal(backlog.take(4), "ef");
});

test("of a flood the newest stays, from a whole line on, and the rest is counted", () => {
  const backlog = new Backlog();
  const lines = Array.from({ length: 1000 }, (_, number) => `line ${number}\n`).join("");
  for (let times = 0; times < 1000; times += 1) backlog.push(bytes(lines));
  backlog.push(bytes("the end\n"));
  const text = backlog.take();
  assert.ok(text.length < 3 << 20);
  assert.match(text, /MB not shown/);
  assert.match(text, /\r\nline \d+\r\n/);
  assert.ok(text.endsWith("the end\r\n"));
});

test("a line without an end is cut, too", () => {
  const backlog = new Backlog();
  for (let times = 0; times < 100; times += 1) backlog.push(new Uint8Array(1 << 20).fill(97));
  assert.ok(backlog.take().length < 3 << 20);
});

test("sizes and line ends are for people and terminals", () => {
  assert.equal(sizeText(12), "12 bytes");
  assert.equal(sizeText(1500), "1.5 kB");
  assert.equal(sizeText(25_000_000), "25 MB");
  assert.equal(forTerminal("a\nb\r\n"), "a\r\nb\r\n");
});
