import assert from "node:assert/strict";
import { test } from "node:test";
import { tokens } from "../src/configuration/tomlTokens.ts";

test("the text is coloured", () => {
  const text = '# why\n[tasks.build]\nrun = "a # b" # c\non-save = true\nn = 3\n';
  assert.deepEqual(
    tokens(text).map(({ line, start, length, kind }) => {
      const word = text.split("\n")[line]?.slice(start, start + length);
      return `${kind} ${word}`;
    }),
    [
      "comment # why",
      "namespace tasks.build",
      "property run",
      'string "a # b"',
      "comment # c",
      "property on-save",
      "keyword true",
      "property n",
      "number 3",
    ],
  );
});

test("a string over several lines is one", () => {
  const text = "run = '''\n[not a table]\n''' # end\nkey = 1\n";
  const kinds = tokens(text).map(({ line, kind }) => `${line} ${kind}`);
  assert.deepEqual(kinds, [
    "0 property",
    "0 string",
    "1 string",
    "2 string",
    "2 comment",
    "3 property",
    "3 number",
  ]);
});
