/** The status bar item. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { type Projects, shortName } from "./projects.ts";
import type { ProjectStatus } from "./protocol.ts";
import { onSetting, setting } from "./settings.ts";
import { environmentInWords, summarize, taskInWords } from "./summary.ts";

export function showStatusBar(connection: Connection, projects: Projects): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("buildd", vscode.StatusBarAlignment.Left, 50);
  item.name = "buildd";
  item.command = "buildd.status";
  const show = (): void => {
    // Restricted Mode has a word of its own in the status bar.
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
  for (const one of project.environments ?? []) {
    text.appendMarkdown(one.state === "warm" ? "$(flame) " : "$(package) ");
    text.appendText(`environment ${one.name}: ${environmentInWords(one)}`).appendMarkdown("\n\n");
  }
  for (const task of project.tasks ?? []) {
    text.appendMarkdown("$(tools) ");
    // What is in the way of an environment stands there.
    const error = task.current ? undefined : task.last?.error;
    const isSaid = error && (project.environments ?? []).some((one) => one.detail === error);
    const how = isSaid ? task.last?.state : taskInWords(task);
    text.appendText(`task ${task.name}: ${how}`).appendMarkdown("\n\n");
  }
  return wrapping(text.appendMarkdown("Click for the menu"));
}

/** VS Code makes every blank of a text one at which no line may end. */
function wrapping(text: vscode.MarkdownString): vscode.MarkdownString {
  text.value = text.value.replaceAll("&nbsp;", " ");
  return text;
}
