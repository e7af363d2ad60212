import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EscapeFilter } from "../src/output/escapeFilter.ts";

interface Case {
  name: string;
  output: string;
  shown: string;
}

const path = new URL("../../../tests/escape_sequences.json", import.meta.url);
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];

for (const { name, output, shown } of cases) {
  test(`hostile output, whole and in pieces: ${name}`, () => {
    assert.equal(new EscapeFilter().feed(output), shown);
    const filter = new EscapeFilter();
    // Code units, so that characters are cut too.
    assert.equal(
      output
        .split("")
        .map((unit) => filter.feed(unit))
        .join(""),
      shown,
    );
  });
}
