import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Visible } from "../src/visible.ts";

interface Case {
  name: string;
  output: string;
  shown: string;
}

const path = new URL("../../../tests/visible.json", import.meta.url);
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];

for (const { name, output, shown } of cases) {
  test(`of hostile output, whole and in pieces: ${name}`, () => {
    assert.equal(new Visible().feed(output), shown);
    const visible = new Visible();
    // Code units, so that characters are cut, too.
    assert.equal(
      output
        .split("")
        .map((one) => visible.feed(one))
        .join(""),
      shown,
    );
  });
}
