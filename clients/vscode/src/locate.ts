/** Where the `buildd` command is. */

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

/** The command, or where it was looked for in vain. */
export type Located = { command: string } | { tried: string[] };

export interface Where {
  /** `buildd.path`; empty if it is not set. */
  setting: string;
  /** Folders of the workspace, whose `.venv` may hold it. */
  folders: string[];
  path?: string;
  home?: string;
}

/** The first that is there and may be executed. A setting is taken at its word: if nothing is
 * there, nothing else is tried. */
export async function locate(where: Where): Promise<Located> {
  const home = where.home ?? homedir();
  const candidates = where.setting
    ? [expand(where.setting, home, where.folders)]
    : [
        ...(where.path ?? process.env.PATH ?? "")
          .split(delimiter)
          .filter((directory) => isAbsolute(directory))
          .map((directory) => join(directory, "buildd")),
        join(home, ".local", "bin", "buildd"),
        ...where.folders.map((folder) => join(folder, ".venv", "bin", "buildd")),
      ];
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return { command: candidate };
  }
  if (where.setting) return { tried: candidates };
  return { tried: ["the PATH", ...candidates.slice(-1 - where.folders.length)] };
}

function expand(setting: string, home: string, folders: string[]): string {
  if (setting.startsWith("~/")) return join(home, setting.slice(2));
  const path = setting.replace("${workspaceFolder}", folders[0] ?? "");
  return isAbsolute(path) || folders[0] === undefined ? path : join(folders[0], path);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
