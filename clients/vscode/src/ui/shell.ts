/** A shell in the container, as a terminal and as a terminal profile. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import type { Environments } from "../projects/environments.ts";
import { type Projects, shortName } from "../projects/projects.ts";

export const SHELL_PROFILE = "buildd.shell";

export function provideShell(
  connection: Connection,
  projects: Projects,
  environments: Environments,
): vscode.Disposable {
  return vscode.window.registerTerminalProfileProvider(SHELL_PROFILE, {
    provideTerminalProfile: async () => {
      const project = await projects.choose();
      if (!project || !(await environments.ensureWarm(project))) return undefined;
      return new vscode.TerminalProfile(shellOptions(connection, projects, project.path));
    },
  });
}

/** The options of a terminal with a shell in a project's environment. `buildd shell` uses a terminal
 * of the container itself, with its size, job control and history. */
export function shellOptions(
  connection: Connection,
  projects: Projects,
  path: string,
): vscode.TerminalOptions {
  return {
    name: projects.all.length > 1 ? `container: ${shortName(path)}` : "container",
    shellPath: connection.command,
    shellArgs: ["shell"],
    cwd: path,
    iconPath: new vscode.ThemeIcon("package"),
    isTransient: true,
  };
}
