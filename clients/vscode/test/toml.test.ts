import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { describe, propose, type Schema } from "../src/configuration/toml.ts";

const path = new URL("../../../daemon/buildd/buildd.schema.json", import.meta.url);
const schema = JSON.parse(readFileSync(path, "utf8")) as Schema;

/** The labels that are proposed at `|`. */
function labels(text: string): string[] {
  const [before = "", after] = text.split("|");
  return propose(schema, before, after).map(({ label }) => label);
}

test("tables are proposed in a header", () => {
  assert.deepEqual(labels("[|"), ["environments.…", "tasks.…", "images.…"]);
});

test("the keys of the table are proposed, but for those that are there", () => {
  const found = labels('[tasks.build]\nrun = "make"\non|\n[tasks.test]\nparsers = []\n');
  assert.ok(found.includes("on-save") && found.includes("parsers"));
  assert.ok(!found.includes("run") && !found.includes("image"));
  assert.ok(labels("[environments.build]\n|").includes("dockerfile"));
  assert.deepEqual(labels("|"), ["environments", "tasks", "default-environment", "images"]);
});

test("values are proposed where there are but few", () => {
  assert.deepEqual(labels("[environments.a]\nengine = |"), ["docker", "host", "podman"]);
  assert.deepEqual(labels('[environments.a]\nuser = "|"'), ["host", "image", "root"]);
  assert.deepEqual(labels("[environments.a]\nnetwork = |"), ["true", "false"]);
  assert.deepEqual(labels('[environments.a]\nimage = "|"'), []);
  assert.deepEqual(labels('[environments.a]\nuser = | "root"'), []);
});

test("nothing is proposed in comments, nor in tables that are unknown", () => {
  assert.deepEqual(labels("# [|"), []);
  assert.deepEqual(labels("[nonsense.x]\n|"), []);
});

test("what is inserted is a value of the kind that is wanted", () => {
  const insert = (key: string): string =>
    propose(schema, "[tasks.x]\n").find(({ label }) => label === key)?.insert ?? "";
  assert.equal(insert("run"), 'run = "$0"');
  assert.equal(insert("parsers"), 'parsers = ["$0"]');
  assert.equal(insert("env"), "env = { $0 }");
});

test("keys and tables are described", () => {
  const text = '[tasks.build]\nrun = "make"\n';
  assert.match(describe(schema, text, 1, 1), /\w/);
  assert.equal(describe(schema, text, 1, 9), "");
  assert.match(describe(schema, text, 0, 3), /\w/);
  assert.equal(describe(schema, text, 2, 0), "");
});
