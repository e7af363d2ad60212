/** The menu of the status bar item: the project's state, and what you can do. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import { type Projects, shortName } from "../projects/projects.ts";
import type { ProjectStatus } from "../protocol.ts";
import { commandOf, environmentText, taskText } from "./summary.ts";

interface Entry extends vscode.QuickPickItem {
  command?: string;
  arguments?: unknown[];
}

export async function showMenu(connection: Connection, projects: Projects): Promise<void> {
  const project = projects.current;
  const entries =
    connection.state === "running" && project ? menuOf(project) : withoutProject(connection);
  const chosen = await vscode.window.showQuickPick(entries, {
    title: project ? `buildd: ${shortName(project.path)}` : "buildd",
    placeHolder: connection.state === "running" ? "Select an action" : connection.detail,
    matchOnDescription: true,
  });
  if (chosen?.command) {
    await vscode.commands.executeCommand(chosen.command, ...(chosen.arguments ?? []));
  }
}

function menuOf(project: ProjectStatus): Entry[] {
  const { path, tasks = [], environments = [] } = project;
  const entries: Entry[] = [];
  if (project.error) {
    entries.push({
      label: "$(error) The configuration has an error",
      detail: project.error,
      command: "buildd.openConfiguration",
      arguments: [path],
    });
  } else if (!project.trusted) {
    entries.push(entry("$(shield) Review and trust the configuration…", "buildd.trust", path));
  }
  if (tasks.some((task) => task.current)) {
    entries.push(entry("$(debug-stop) Cancel all runs", "buildd.cancel", path));
  }
  if (tasks.length) entries.push(separator("Tasks"));
  for (const task of tasks) {
    entries.push({
      label: `$(${task.current ? "loading~spin" : "play"}) ${task.name}`,
      description: taskText(task),
      detail: commandOf(task),
      command: "buildd.run",
      arguments: [task.name, path],
    });
  }
  entries.push(
    entry("$(output) Show the live log", "buildd.showLog", path),
    entry("$(go-to-file) Open the log of the last run", "buildd.openLog", path),
  );
  for (const environment of environments) {
    const { name, engine } = environment;
    entries.push(
      separator(`Environment ${name}: ${environmentText(environment)}`),
      entry("$(terminal) Open a shell", "buildd.openShell", path),
      entry("$(debug-restart) Restart", "buildd.restartEnvironment", path, name),
    );
    if (engine !== "host") {
      entries.push(entry("$(package) Rebuild", "buildd.rebuildEnvironment", path, name));
    }
  }
  entries.push(
    separator("buildd"),
    entry("$(settings-gear) Open the configuration", "buildd.openConfiguration", path),
    entry("$(pulse) Check this machine and the project", "buildd.doctor", path),
    entry("$(refresh) Reconnect to the daemon", "buildd.restart"),
  );
  return entries;
}

function withoutProject(connection: Connection): Entry[] {
  if (connection.state === "missing") {
    return [
      entry("$(question) How to install buildd", "buildd.openWalkthrough"),
      entry("$(settings-gear) Set path…", "workbench.action.openSettings", "buildd.path"),
      entry("$(refresh) Retry", "buildd.restart"),
    ];
  }
  if (connection.state === "lost") {
    return [
      {
        label: "$(error) There is no connection to the daemon",
        detail: connection.detail,
        command: "buildd.showClientLog",
      },
      entry("$(refresh) Retry", "buildd.restart"),
      entry("$(settings-gear) Set path…", "workbench.action.openSettings", "buildd.path"),
    ];
  }
  return [
    entry("$(new-file) Create a buildd.toml for this folder", "buildd.init"),
    entry("$(pulse) Check this machine", "buildd.doctor"),
    entry("$(question) Get started", "buildd.openWalkthrough"),
    entry("$(refresh) Reconnect to the daemon", "buildd.restart"),
    entry("$(output) Show the extension's log", "buildd.showClientLog"),
  ];
}

function entry(label: string, command: string, ...args: unknown[]): Entry {
  return { label, command, arguments: args };
}

function separator(label: string): Entry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
