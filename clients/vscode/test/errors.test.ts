import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, inWords } from "../src/errors.ts";

test("the daemon's errors say what to do", () => {
  const error = { code: -32004, message: "no engine answers", data: { remedy: "Start Docker." } };
  assert.equal(inWords(error), "no engine answers. Start Docker.");
  assert.equal(codeOf(error), -32004);
});

test("any other error has words, too", () => {
  assert.equal(inWords(new Error("gone")), "gone");
  assert.equal(inWords("gone"), "gone");
  assert.equal(inWords(undefined), "undefined");
  assert.equal(codeOf(new Error("gone")), undefined);
  assert.equal(inWords({ message: "gone", data: null }), "gone");
});
