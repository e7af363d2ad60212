/** The entry points that VS Code calls. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { registerCommands } from "./ui/commands.ts";
import { completeConfiguration } from "./configuration/completion.ts";
import { Connection } from "./daemon/connection.ts";
import { Consent } from "./projects/consent.ts";
import { Environments } from "./projects/environments.ts";
import { LiveLogs } from "./output/liveLog.ts";
import { offerInstallation } from "./ui/installation.ts";
import { CONFIGURATION_FILES, Projects } from "./projects/projects.ts";
import { onSetting, setting } from "./settings.ts";
import { provideShell } from "./ui/shell.ts";
import { showStatusBar } from "./ui/statusBar.ts";
import { provideTasks } from "./output/taskProvider.ts";
import { TestExplorer } from "./testing/testExplorer.ts";

let connection: Connection | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("buildd", { log: true });
  const made = (connection = new Connection(log));
  const projects = new Projects(made, log);
  const consent = new Consent(made, projects);
  const environments = new Environments(made, consent);
  const logs = new LiveLogs(made, projects);
  context.subscriptions.push(
    log,
    made,
    projects,
    consent,
    logs,
    registerCommands({ connection: made, projects, consent, environments, logs, log }),
    showStatusBar(made, projects),
    provideTasks(made, projects, consent),
    provideShell(made, projects, environments),
    completeConfiguration(context.extensionPath),
    offerInstallation(made),
    ...showTests(made, projects, consent, log),
    ...setContexts(made, projects),
    ...startWhenWanted(made, projects),
  );
}

export async function deactivate(): Promise<void> {
  await connection?.stop();
}

/** Connect when there is a project, and the workspace is trusted. */
function startWhenWanted(made: Connection, projects: Projects): vscode.Disposable[] {
  const look = (): void => {
    if (!vscode.workspace.isTrusted || made.state !== "off") return;
    const places = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...vscode.workspace.textDocuments.map(({ uri }) => uri),
    ];
    if (places.some((uri) => uri.scheme === "file" && hasProject(uri.fsPath))) made.start();
  };
  const watcher = vscode.workspace.createFileSystemWatcher(
    `**/${CONFIGURATION_FILES}`,
    false,
    true,
    false,
  );
  const onConfiguration = (uri: vscode.Uri): void => {
    if (made.state === "running") {
      // The daemon attaches a client to the projects of the workspace folders that it sends.
      const folder = vscode.workspace.getWorkspaceFolder(uri);
      if (folder) {
        const added = [{ uri: folder.uri.toString(), name: folder.name }];
        made.notify("workspace/didChangeWorkspaceFolders", { event: { added, removed: [] } });
      }
      void projects.rescan();
    }
    look();
  };
  look();
  return [
    watcher,
    watcher.onDidCreate(onConfiguration),
    watcher.onDidDelete(onConfiguration),
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
    vscode.workspace.onDidOpenTextDocument(look),
  ];
}

/** Whether there is a configuration in a directory or above it. */
function hasProject(path: string): boolean {
  for (let directory = path; ; directory = dirname(directory)) {
    if (["buildd.toml", "build.Dockerfile"].some((name) => existsSync(join(directory, name)))) {
      return true;
    }
    if (dirname(directory) === directory) return false;
  }
}

function showTests(
  made: Connection,
  projects: Projects,
  consent: Consent,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  let explorer: TestExplorer | undefined;
  const show = (): void => {
    if (setting("testExplorer")) explorer ??= new TestExplorer(made, projects, consent, log);
    else {
      explorer?.dispose();
      explorer = undefined;
    }
  };
  show();
  return [
    onSetting(["testExplorer"], show),
    { dispose: () => explorer?.dispose() },
    vscode.commands.registerCommand(
      "buildd.runTest",
      async (task: string, file: string, ...path: string[]) => {
        if (explorer) await explorer.runOne(task, file, path);
        else await made.execute("buildd.runTest", task, file, ...path);
      },
    ),
  ];
}

/** Set the contexts that complete the steps of the walkthrough. */
function setContexts(made: Connection, projects: Projects): vscode.Disposable[] {
  const set = (name: string, value: boolean): void => {
    void vscode.commands.executeCommand("setContext", `buildd.${name}`, value);
  };
  const all = (): void => {
    set("connected", made.state === "running");
    set("hasProject", projects.all.length > 0);
    set(
      "isTrusted",
      projects.all.some((project) => project.trusted),
    );
  };
  return [made.onDidChange(all), projects.onDidChange(all)];
}
