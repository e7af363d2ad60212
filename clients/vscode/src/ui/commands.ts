/** The commands of the palette, and those that the daemon's code actions and lenses use. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import type { Consent } from "../projects/consent.ts";
import { showDoctor } from "./doctor.ts";
import type { Environments } from "../projects/environments.ts";
import type { LiveLogs } from "../output/liveLog.ts";
import { showMenu } from "./menu.ts";
import { showFailure } from "../daemon/messages.ts";
import type { Projects } from "../projects/projects.ts";
import { Cancel, type ProjectStatus, Trust } from "../protocol.ts";
import { setting } from "../settings.ts";
import { shellOptions } from "./shell.ts";
import { commandOf, taskText } from "./summary.ts";

interface Ended {
  state: string;
  exitStatus: number | null;
}

export interface Parts {
  connection: Connection;
  projects: Projects;
  consent: Consent;
  environments: Environments;
  logs: LiveLogs;
  log: vscode.LogOutputChannel;
}

export function registerCommands({
  connection,
  projects,
  consent,
  environments,
  logs,
  log,
}: Parts): vscode.Disposable {
  /** The project of a path that a menu passed, else the current one. */
  const chosen = async (path: unknown): Promise<ProjectStatus | undefined> => {
    const given = typeof path === "string" ? projects.at(path) : undefined;
    if (given) return given;
    if (!vscode.workspace.isTrusted) {
      throw new Error("this window is in Restricted Mode. Trust the workspace first.");
    }
    if (connection.state === "off") {
      void offerInit();
      return undefined;
    }
    await connection.ready();
    if (projects.all.length === 0) await projects.rescan();
    if (projects.all.length === 0) void offerInit();
    return projects.choose();
  };

  const run = async (task: string, project: ProjectStatus): Promise<void> => {
    const { path } = project;
    const reveal = setting("revealLog");
    if (reveal === "always") logs.show(path, true);
    const result = (await consent.withTrust(path, () =>
      connection.execute("buildd.run", task, path),
    )) as Ended | undefined;
    if (reveal === "onFailure" && result?.state === "finished" && result.exitStatus !== 0) {
      logs.show(path, true);
    }
  };

  const runNamed = async (task: string): Promise<void> => {
    const project = await chosen(undefined);
    if (!project) return;
    // If there is no task of that name, let the user choose one.
    const known = project.tasks?.some(({ name }) => name === task) ?? false;
    if (known || project.error || !project.tasks?.length) await run(task, project);
    else await runAny(project);
  };

  const runAny = async (project: ProjectStatus): Promise<void> => {
    const items = (project.tasks ?? []).map((task) => ({
      label: task.name,
      description: taskText(task),
      detail: commandOf(task),
    }));
    const placeHolder = "Select a task";
    const task = await vscode.window.showQuickPick(items, { placeHolder });
    if (task) await run(task.label, project);
  };

  const environmentOf = async (
    project: ProjectStatus,
    name: unknown,
  ): Promise<string | undefined> => {
    if (typeof name === "string") return name;
    const names = (project.environments ?? []).map((environment) => environment.name);
    if (names.length < 2) return names[0] ?? "";
    return vscode.window.showQuickPick(names, { placeHolder: "Select an environment" });
  };

  const buildImage = async (project: ProjectStatus): Promise<void> => {
    const images = project.images ?? [];
    const image =
      images.length > 1
        ? await vscode.window.showQuickPick(images, { placeHolder: "Select an image" })
        : (images[0] ?? "");
    if (image !== undefined) await environments.buildImage(project, image);
  };

  const commands: Record<string, (...args: unknown[]) => unknown> = {
    build: () => runNamed("build"),
    test: () => runNamed("test"),
    run: async (task, path) => {
      const project = await chosen(path);
      if (project) await (typeof task === "string" ? run(task, project) : runAny(project));
    },
    cancel: async (path) => {
      const project = await chosen(path);
      if (!project) return;
      const { runs, environments } = await connection.request(Cancel, { project: project.path });
      if (runs.length === 0 && !environments?.length)
        void vscode.window.showInformationMessage("buildd: nothing is running");
    },
    buildImage: async (path) => {
      const project = await chosen(path);
      if (project) await buildImage(project);
    },
    rebuildEnvironment: async (path, name) => {
      const project = await chosen(path);
      const environment = project && (await environmentOf(project, name));
      if (project && environment !== undefined) {
        await environments.rebuild(project, environment);
      }
    },
    restartEnvironment: async (path, name) => {
      const project = await chosen(path);
      const environment = project && (await environmentOf(project, name));
      if (!project || environment === undefined) return;
      const options = {
        location: vscode.ProgressLocation.Window,
        title: "buildd: replacing the container",
      };
      await vscode.window.withProgress(options, () =>
        consent.withTrust(project.path, () =>
          connection.execute("buildd.restartEnvironment", environment, project.path),
        ),
      );
    },
    openShell: async (path) => {
      const project = await chosen(path);
      // Show an error here: a terminal that ends at once would not show why.
      if (!project || !(await environments.ensureWarm(project))) return;
      vscode.window.createTerminal(shellOptions(connection, projects, project.path)).show();
    },
    showLog: async (path) => {
      const project = await chosen(path);
      if (project) logs.show(project.path, false);
    },
    openLog: async (path) => {
      const project = await chosen(path);
      if (project) await connection.execute("buildd.showLog", project.path);
    },
    status: () => showMenu(connection, projects),
    trust: async (path) => {
      const project = await chosen(path);
      if (!project) return;
      const wasTrusted = project.trusted;
      if ((await consent.ask(project.path)) && wasTrusted) {
        void vscode.window.showInformationMessage("buildd: you already trust this configuration");
      }
    },
    revokeTrust: async (path) => {
      const project = await chosen(path);
      if (project) await consent.revoke(project.path);
    },
    doctor: async (path) => {
      // The checks must also work if nothing else works yet.
      connection.start();
      await connection.ready();
      const given = typeof path === "string" ? path : undefined;
      await showDoctor(connection, given ?? projects.current?.path);
    },
    init: () => init(connection),
    restart: () => connection.restart(),
    showClientLog: () => log.show(),
    openConfiguration: async (path) => {
      const project = await chosen(path);
      if (project) await openConfiguration(connection, project.path);
    },
    openWalkthrough: () =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        "buildd.buildd#start",
        false,
      ),
    explain: (...args) => connection.execute("buildd.explain", ...args.map(String)),
    openDocumentation: (href) => connection.execute("buildd.openDocumentation", String(href)),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, work]) =>
      vscode.commands.registerCommand(`buildd.${name}`, async (...args: unknown[]) => {
        try {
          await work(...args);
        } catch (error) {
          log.error(`buildd.${name}: ${String(error)}`);
          const words = name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
          showFailure(`${words} failed`, error);
        }
      }),
    ),
  );
}

async function offerInit(): Promise<void> {
  const create = "Create buildd.toml";
  const message = "buildd: there is no buildd.toml in this folder or above it";
  if ((await vscode.window.showInformationMessage(message, create)) === create) {
    await vscode.commands.executeCommand("buildd.init");
  }
}

/** Have `buildd init` write a configuration, and open it. */
async function init(connection: Connection): Promise<void> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(
    ({ uri }) => uri.scheme === "file",
  );
  const folder = folders.length > 1 ? await vscode.window.showWorkspaceFolderPick() : folders[0];
  if (!folder) return;
  const command = await connection.locate();
  const { execFile } = await import("node:child_process");
  await new Promise<void>((resolve, reject) => {
    execFile(command, ["init"], { cwd: folder.uri.fsPath }, (error, _, stderr) => {
      if (error) reject(new Error(stderr.trim().replace(/^buildd: /, "") || error.message));
      else resolve();
    });
  });
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, "buildd.toml"));
}

async function openConfiguration(connection: Connection, path: string): Promise<void> {
  const file = vscode.Uri.joinPath(vscode.Uri.file(path), "buildd.toml");
  try {
    await vscode.window.showTextDocument(file);
  } catch {
    // Another file configures the project.
    const { files } = await connection.request(Trust, { project: path });
    if (files[0]) await vscode.window.showTextDocument(vscode.Uri.file(files[0]));
  }
}
