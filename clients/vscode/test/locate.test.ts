import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { locate } from "../src/daemon/locate.ts";

let root = "";

before(async () => {
  root = await mkdtemp(join(tmpdir(), "locate-"));
});
after(() => rm(root, { recursive: true }));

async function executable(...parts: string[]): Promise<string> {
  const path = join(root, ...parts);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\n");
  await chmod(path, 0o755);
  return path;
}

test("the PATH goes first, then the home, then the folders' virtual environments", async () => {
  const where = {
    setting: "",
    folders: [join(root, "project")],
    path: `relative:${join(root, "bin")}`,
    home: join(root, "home"),
  };
  const nowhere = await locate(where);
  assert.ok("tried" in nowhere);
  assert.deepEqual(nowhere.tried, [
    "the PATH",
    join(root, "home", ".local", "bin", "buildd"),
    join(root, "project", ".venv", "bin", "buildd"),
  ]);
  const inFolder = await executable("project", ".venv", "bin", "buildd");
  assert.deepEqual(await locate(where), { command: inFolder });
  const inHome = await executable("home", ".local", "bin", "buildd");
  assert.deepEqual(await locate(where), { command: inHome });
  const onPath = await executable("bin", "buildd");
  assert.deepEqual(await locate(where), { command: onPath });
});

test("a setting is taken at its word", async () => {
  const folders = [join(root, "project")];
  const path = join(root, "bin");
  assert.deepEqual(await locate({ setting: "/nowhere/buildd", folders, path }), {
    tried: ["/nowhere/buildd"],
  });
  const tool = await executable("project", "tools", "buildd");
  for (const setting of [tool, "tools/buildd", "${workspaceFolder}/tools/buildd"]) {
    assert.deepEqual(await locate({ setting, folders, path }), { command: tool });
  }
  assert.deepEqual(await locate({ setting: "~/tools/buildd", folders, home: folders[0] ?? "" }), {
    command: tool,
  });
});

test("what cannot be executed is none", async () => {
  const path = join(root, "data");
  await mkdir(path);
  await writeFile(join(path, "buildd"), "");
  assert.ok("tried" in (await locate({ setting: "", folders: [], path, home: "/nowhere" })));
});
