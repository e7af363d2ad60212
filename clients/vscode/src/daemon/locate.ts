/** Find the `buildd` command. */

import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

/** The path of the command, or the places where it was not found. */
export type Located = { command: string } | { tried: string[] };

export interface SearchOptions {
  /** `buildd.path`; empty if it is not set. */
  setting: string;
  /** Folders of the workspace; their `.venv` may hold the command. */
  folders: string[];
  path?: string;
  home?: string;
}

/** The first executable file among the setting, or else the `PATH`, `~/.local/bin` and the folders'
 * virtual environments. If a setting is given, nothing else is tried. */
export async function locate(options: SearchOptions): Promise<Located> {
  const home = options.home ?? homedir();
  const candidates = options.setting
    ? [expand(options.setting, home, options.folders)]
    : [
        ...(options.path ?? process.env.PATH ?? "")
          .split(delimiter)
          .filter((directory) => isAbsolute(directory))
          .map((directory) => join(directory, "buildd")),
        join(home, ".local", "bin", "buildd"),
        ...options.folders.map((folder) => join(folder, ".venv", "bin", "buildd")),
      ];
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return { command: candidate };
  }
  if (options.setting) return { tried: candidates };
  return { tried: ["the PATH", ...candidates.slice(-1 - options.folders.length)] };
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
