/** The menu behind the status bar item: how things are, and what can be done about them. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { type Projects, shortName } from "./projects.ts";
import type { ProjectStatus } from "./protocol.ts";
import { commandOf, environmentInWords, taskInWords } from "./summary.ts";

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
    placeHolder: connection.state === "running" ? "What now?" : connection.detail,
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
      label: "$(error) The configuration cannot be used",
      detail: project.error,
      command: "buildd.openConfiguration",
      arguments: [path],
    });
  } else if (!project.trusted) {
    entries.push(entry("$(shield) Review and trust the configuration…", "buildd.trust", path));
  }
  if (tasks.some((task) => task.current)) {
    entries.push(entry("$(debug-stop) Cancel what runs", "buildd.cancel", path));
  }
  if (tasks.length) entries.push(separator("Tasks"));
  for (const task of tasks) {
    entries.push({
      label: `$(${task.current ? "loading~spin" : "play"}) ${task.name}`,
      description: taskInWords(task),
      detail: commandOf(task),
      command: "buildd.run",
      arguments: [task.name, path],
    });
  }
  entries.push(
    entry("$(output) Show the live log", "buildd.showLog", path),
    entry("$(go-to-file) Open the log of the newest run", "buildd.openLog", path),
  );
  for (const one of environments) {
    entries.push(
      separator(`Environment ${one.name}: ${environmentInWords(one)}`),
      entry("$(terminal) Open a shell in it", "buildd.openShell", path),
      entry("$(debug-restart) Restart it", "buildd.restartEnvironment", path, one.name),
    );
    if (one.engine !== "host") {
      entries.push(entry("$(package) Build it anew", "buildd.rebuildEnvironment", path, one.name));
    }
  }
  entries.push(
    separator("buildd"),
    entry("$(settings-gear) Open the configuration", "buildd.openConfiguration", path),
    entry("$(pulse) Check machine and project", "buildd.doctor", path),
    entry("$(refresh) Restart the client", "buildd.restart"),
  );
  return entries;
}

function withoutProject(connection: Connection): Entry[] {
  if (connection.state === "missing") {
    return [
      entry("$(question) How to install buildd", "buildd.openWalkthrough"),
      entry("$(settings-gear) Say where it is", "workbench.action.openSettings", "buildd.path"),
      entry("$(refresh) Look again", "buildd.restart"),
    ];
  }
  if (connection.state === "lost") {
    return [
      {
        label: "$(error) There is no daemon to talk to",
        detail: connection.detail,
        command: "buildd.showClientLog",
      },
      entry("$(refresh) Try again", "buildd.restart"),
      entry("$(settings-gear) Say where buildd is", "workbench.action.openSettings", "buildd.path"),
    ];
  }
  return [
    entry("$(new-file) Write a buildd.toml for this folder", "buildd.init"),
    entry("$(pulse) Check this machine", "buildd.doctor"),
    entry("$(question) How to begin", "buildd.openWalkthrough"),
    entry("$(refresh) Restart the client", "buildd.restart"),
    entry("$(output) Show the client's own log", "buildd.showClientLog"),
  ];
}

function entry(label: string, command: string, ...args: unknown[]): Entry {
  return { label, command, arguments: args };
}

function separator(label: string): Entry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
