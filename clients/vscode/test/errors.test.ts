import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode, errorText } from "../src/daemon/errors.ts";

test("the daemon's errors say what to do", () => {
  const error = { code: -32004, message: "no engine answers", data: { remedy: "Start Docker." } };
  assert.equal(errorText(error), "no engine answers. Start Docker.");
  assert.equal(errorCode(error), -32004);
});

test("any other error has words, too", () => {
  assert.equal(errorText(new Error("gone")), "gone");
  assert.equal(errorText("gone"), "gone");
  assert.equal(errorText(undefined), "undefined");
  assert.equal(errorCode(new Error("gone")), undefined);
  assert.equal(errorText({ message: "gone", data: null }), "gone");
});
