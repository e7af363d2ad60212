/** Every command of the palette, and those that the daemon's actions and lenses name. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import type { Consent } from "./consent.ts";
import { examine } from "./doctor.ts";
import type { Environments } from "./environments.ts";
import type { LiveLogs } from "./liveLog.ts";
import { showMenu } from "./menu.ts";
import { showFailure } from "./messages.ts";
import type { Projects } from "./projects.ts";
import { Cancel, type ProjectStatus, Trust } from "./protocol.ts";
import { setting } from "./settings.ts";
import { shellOptions } from "./shell.ts";
import { commandOf, taskInWords } from "./summary.ts";

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
  /** The project of a path that a menu gave, else the one meant. */
  const chosen = async (path: unknown): Promise<ProjectStatus | undefined> => {
    const given = typeof path === "string" ? projects.at(path) : undefined;
    if (given) return given;
    if (!vscode.workspace.isTrusted) {
      throw new Error("this window is in Restricted Mode: trust the workspace first");
    }
    if (connection.state === "off") {
      void offerInit();
      return undefined;
    }
    await connection.ready();
    if (projects.all.length === 0) await projects.lookAgain();
    if (projects.all.length === 0) void offerInit();
    return projects.choose();
  };

  const run = async (task: string, project: ProjectStatus): Promise<void> => {
    const { path } = project;
    const reveal = setting("revealLog");
    if (reveal === "always") logs.show(path, true);
    const result = (await consent.having(path, () =>
      connection.execute("buildd.run", task, path),
    )) as Ended | undefined;
    if (reveal === "onFailure" && result?.state === "finished" && result.exitStatus !== 0) {
      logs.show(path, true);
    }
  };

  const runNamed = async (task: string): Promise<void> => {
    const project = await chosen(undefined);
    if (!project) return;
    // Without a task of that name the daemon would only say so.
    const known = project.tasks?.some(({ name }) => name === task) ?? false;
    if (known || project.error || !project.tasks?.length) await run(task, project);
    else await runAny(project);
  };

  const runAny = async (project: ProjectStatus): Promise<void> => {
    const items = (project.tasks ?? []).map((task) => ({
      label: task.name,
      description: taskInWords(task),
      detail: commandOf(task),
    }));
    const placeHolder = "Which task?";
    const task = await vscode.window.showQuickPick(items, { placeHolder });
    if (task) await run(task.label, project);
  };

  const environmentOf = async (
    project: ProjectStatus,
    name: unknown,
  ): Promise<string | undefined> => {
    if (typeof name === "string") return name;
    const names = (project.environments ?? []).map((one) => one.name);
    if (names.length < 2) return names[0] ?? "";
    return vscode.window.showQuickPick(names, { placeHolder: "Which environment?" });
  };

  const buildImage = async (project: ProjectStatus): Promise<void> => {
    const images = project.images ?? [];
    const image =
      images.length > 1
        ? await vscode.window.showQuickPick(images, { placeHolder: "Which image?" })
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
        void vscode.window.showInformationMessage("buildd: nothing runs");
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
        title: "buildd: a new container",
      };
      await vscode.window.withProgress(options, () =>
        consent.having(project.path, () =>
          connection.execute("buildd.restartEnvironment", environment, project.path),
        ),
      );
    },
    openShell: async (path) => {
      const project = await chosen(path);
      // What is in the way is said here: a terminal that ends at once only says that it did.
      if (!project || !(await environments.warm(project))) return;
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
      const already = project.trusted;
      if ((await consent.ask(project.path)) && already) {
        void vscode.window.showInformationMessage("buildd: this configuration is trusted");
      }
    },
    revokeTrust: async (path) => {
      const project = await chosen(path);
      if (project) await consent.revoke(project.path);
    },
    doctor: async (path) => {
      // It tells what is amiss where nothing else works yet.
      connection.start();
      await connection.ready();
      const given = typeof path === "string" ? path : undefined;
      await examine(connection, given ?? projects.current?.path);
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
          showFailure(`${name.replace(/[A-Z]/g, (one) => ` ${one.toLowerCase()}`)} failed`, error);
        }
      }),
    ),
  );
}

async function offerInit(): Promise<void> {
  const write = "Write buildd.toml";
  const message = "buildd: there is no buildd.toml here or above";
  if ((await vscode.window.showInformationMessage(message, write)) === write) {
    await vscode.commands.executeCommand("buildd.init");
  }
}

/** Write a proposal and open it. */
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
    // What stands in for it.
    const { files } = await connection.request(Trust, { project: path });
    if (files[0]) await vscode.window.showTextDocument(vscode.Uri.file(files[0]));
  }
}
