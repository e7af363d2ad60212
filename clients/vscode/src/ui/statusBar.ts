/** The status bar item. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import { type Projects, shortName } from "../projects/projects.ts";
import type { ProjectStatus } from "../protocol.ts";
import { onSetting, setting } from "../settings.ts";
import { environmentText, summarize, taskText } from "./summary.ts";

export function showStatusBar(connection: Connection, projects: Projects): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("buildd", vscode.StatusBarAlignment.Left, 50);
  item.name = "buildd";
  item.command = "buildd.status";
  const show = (): void => {
    // In Restricted Mode, VS Code shows that itself in the status bar.
    if (connection.state === "off" || !setting("statusBar")) {
      item.hide();
      return;
    }
    const project = projects.current;
    const summary = summarize(connection.state, project, (run) => connection.progress.of(run));
    if (item.text !== summary.text) item.text = summary.text;
    item.accessibilityInformation = { label: summary.spoken };
    item.backgroundColor =
      summary.severity === "normal"
        ? undefined
        : new vscode.ThemeColor(`statusBarItem.${summary.severity}Background`);
    item.tooltip = tooltip(connection, project);
    item.show();
  };
  show();
  return vscode.Disposable.from(
    item,
    connection.onDidChange(show),
    connection.progress.onDidChange(show),
    projects.onDidChange(show),
    vscode.window.onDidChangeActiveTextEditor(show),
    onSetting(["statusBar"], show),
  );
}

function tooltip(
  connection: Connection,
  project: ProjectStatus | undefined,
): vscode.MarkdownString {
  const text = new vscode.MarkdownString("", true);
  if (connection.state !== "running") {
    return wrapping(text.appendText(`buildd: ${connection.detail || connection.state}`));
  }
  if (!project) return text.appendText("buildd: this folder has no buildd.toml");
  text.appendMarkdown("**").appendText(shortName(project.path)).appendMarkdown("**\n\n");
  if (project.error) return wrapping(text.appendText(project.error));
  const environments = project.environments ?? [];
  for (const environment of environments) {
    text.appendMarkdown(environment.state === "warm" ? "$(flame) " : "$(package) ");
    text.appendText(`environment ${environment.name}: ${environmentText(environment)}`);
    text.appendMarkdown("\n\n");
  }
  for (const task of project.tasks ?? []) {
    text.appendMarkdown("$(tools) ");
    // An error of the environment is shown there, and not again here.
    const error = task.current ? undefined : task.last?.error;
    const isShown = error && environments.some(({ detail }) => detail === error);
    const state = isShown ? task.last?.state : taskText(task);
    text.appendText(`task ${task.name}: ${state}`).appendMarkdown("\n\n");
  }
  return wrapping(text.appendMarkdown("Click for the menu"));
}

/** Allow line breaks at spaces; VS Code makes all of them non-breaking. */
function wrapping(text: vscode.MarkdownString): vscode.MarkdownString {
  text.value = text.value.replaceAll("&nbsp;", " ");
  return text;
}
