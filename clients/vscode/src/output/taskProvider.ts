/** Offer the project's tasks in "Run Task". buildd parses their output: no problem matchers needed. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import type { Consent } from "../projects/consent.ts";
import { isIn, type Projects, shortName } from "../projects/projects.ts";
import type { ProjectStatus } from "../protocol.ts";
import { setting } from "../settings.ts";
import { commandOf } from "../ui/summary.ts";
import { TaskTerminal } from "./taskTerminal.ts";

interface Definition extends vscode.TaskDefinition {
  task: string;
  project?: string;
}

export function provideTasks(
  connection: Connection,
  projects: Projects,
  consent: Consent,
): vscode.Disposable {
  const make = (definition: Definition, project: ProjectStatus): vscode.Task => {
    const folder = (vscode.workspace.workspaceFolders ?? []).find(
      ({ uri }) => isIn(project.path, uri.fsPath) || isIn(uri.fsPath, project.path),
    );
    const known = project.tasks?.find(({ name }) => name === definition.task);
    const task = new vscode.Task(
      definition,
      folder ?? vscode.TaskScope.Workspace,
      projects.all.length > 1 ? `${definition.task} (${shortName(project.path)})` : definition.task,
      "buildd",
      new vscode.CustomExecution(() =>
        Promise.resolve(new TaskTerminal(connection, consent, project.path, definition.task)),
      ),
      [],
    );
    if (known) task.detail = commandOf(known);
    if (definition.task === "build") task.group = vscode.TaskGroup.Build;
    if (definition.task === "test") task.group = vscode.TaskGroup.Test;
    task.presentationOptions = { clear: true, showReuseMessage: false };
    return task;
  };
  return vscode.tasks.registerTaskProvider("buildd", {
    provideTasks: () =>
      setting("tasks")
        ? projects.all.flatMap((project) =>
            (project.tasks ?? []).map(({ name }) => {
              const several = projects.all.length > 1;
              const more = several ? { project: project.path } : {};
              return make({ type: "buildd", task: name, ...more }, project);
            }),
          )
        : [],
    resolveTask: (task) => {
      const definition = task.definition as Definition;
      const folder = typeof task.scope === "object" ? task.scope.uri : undefined;
      const path = definition.project;
      const project = path
        ? projects.of(
            folder && !path.startsWith("/")
              ? vscode.Uri.joinPath(folder, path)
              : vscode.Uri.file(path),
          )
        : (projects.of(folder) ?? projects.current);
      return project && make(definition, project);
    },
  });
}
