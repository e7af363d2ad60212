/** The projects of this window and their state, as the daemon reports it. */

import { dirname, sep } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import { errorCode, errorText } from "../daemon/errors.ts";
import { Events, HasChanged, NO_PROJECT, type ProjectStatus, Status } from "../protocol.ts";

/** A pattern of the files that configure a project. */
export const CONFIGURATION_FILES = "{buildd.toml,build.Dockerfile}";

export class Projects implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #log: vscode.LogOutputChannel;
  readonly #known = new Map<string, ProjectStatus>();
  /** The project of each directory that the daemon was asked about; undefined without a project. */
  readonly #byDirectory = new Map<string, string | undefined>();
  readonly #refreshing = new Map<string, Promise<void>>();
  readonly #refreshAgain = new Set<string>();
  readonly #changed = new vscode.EventEmitter<ProjectStatus | undefined>();
  /** Fires with the project that has changed; with undefined if projects were added or removed. */
  readonly onDidChange = this.#changed.event;
  readonly #disposables: vscode.Disposable[];
  #events: vscode.CancellationTokenSource | undefined;
  /** The path of the project that was used last. */
  #recent = "";

  constructor(connection: Connection, log: vscode.LogOutputChannel) {
    this.#connection = connection;
    this.#log = log;
    connection.on(HasChanged, ({ project }) => void this.#onChanged(project));
    this.#disposables = [
      this.#changed,
      connection.onDidChange((state) => {
        if (state === "running") void this.#onRunning();
      }),
      vscode.workspace.onDidOpenTextDocument((document) => void this.#look(document.uri, true)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.rescan()),
    ];
  }

  /** All projects, in the order of their paths. */
  get all(): ProjectStatus[] {
    return [...this.#known.values()].sort((first, second) => first.path.localeCompare(second.path));
  }

  at(path: string): ProjectStatus | undefined {
    return this.#known.get(path);
  }

  /** The project of a file or folder. */
  of(uri: vscode.Uri | undefined): ProjectStatus | undefined {
    if (uri?.scheme !== "file") return undefined;
    return this.all
      .filter(({ path }) => isIn(uri.fsPath, path))
      .sort((first, second) => second.path.length - first.path.length)[0];
  }

  /** The current project: that of the active editor, else the last one used, else the first. */
  get current(): ProjectStatus | undefined {
    const ofEditor = this.of(vscode.window.activeTextEditor?.document.uri);
    if (ofEditor) this.#recent = ofEditor.path;
    return ofEditor ?? this.#known.get(this.#recent) ?? this.all[0];
  }

  /** The project that a command is about; the user chooses if that is not clear. */
  async choose(): Promise<ProjectStatus | undefined> {
    const ofEditor = this.of(vscode.window.activeTextEditor?.document.uri);
    if (ofEditor ?? this.#known.size < 2) return ofEditor ?? this.all[0];
    const items = this.all.map((project) => ({ label: shortName(project.path), project }));
    const placeHolder = "Select a project";
    const chosen = (await vscode.window.showQuickPick(items, { placeHolder }))?.project;
    if (chosen) this.#recent = chosen.path;
    return chosen;
  }

  /** Update the state of a project. Calls during a request share the next request. */
  refresh(path: string): Promise<void> {
    const running = this.#refreshing.get(path);
    if (running) {
      this.#refreshAgain.add(path);
      return running;
    }
    const work = this.#refresh(path).finally(() => {
      this.#refreshing.delete(path);
    });
    this.#refreshing.set(path, work);
    return work;
  }

  /** Look up the project of every folder and open file again, as when a configuration was added or
   * removed. */
  async rescan(): Promise<void> {
    this.#byDirectory.clear();
    const before = new Set(this.#known.keys());
    const uris = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...vscode.workspace.textDocuments.map(({ uri }) => uri),
    ];
    for (const uri of uris)
      await this.#look(uri, vscode.workspace.getWorkspaceFolder(uri)?.uri.path !== uri.path);
    const now = new Set(this.#byDirectory.values());
    for (const path of before) if (!now.has(path)) this.#known.delete(path);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#events?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #onRunning(): Promise<void> {
    this.#events?.dispose();
    const events = (this.#events = new vscode.CancellationTokenSource());
    this.#connection.request(Events, {}, events.token).catch((error: unknown) => {
      if (!events.token.isCancellationRequested)
        this.#log.warn(`events have ended: ${errorText(error)}`);
    });
    await this.rescan();
  }

  /** Look up the project of a folder or a file. */
  async #look(uri: vscode.Uri, isFile: boolean): Promise<void> {
    if (uri.scheme !== "file" || this.#connection.state !== "running") return;
    const directory = isFile ? dirname(uri.fsPath) : uri.fsPath;
    if (this.#byDirectory.has(directory)) return;
    this.#byDirectory.set(directory, undefined);
    try {
      const { projects } = await this.#connection.request(Status, { project: directory });
      for (const project of projects) {
        this.#byDirectory.set(directory, project.path);
        this.#put(project);
      }
    } catch (error) {
      this.#byDirectory.delete(directory);
      if (errorCode(error) === NO_PROJECT) this.#byDirectory.set(directory, undefined);
      else this.#log.warn(`${directory}: ${errorText(error)}`);
    }
  }

  async #onChanged(path: string): Promise<void> {
    if (this.#known.has(path)) await this.refresh(path);
  }

  async #refresh(path: string): Promise<void> {
    do {
      this.#refreshAgain.delete(path);
      try {
        const { projects } = await this.#connection.request(Status, { project: path });
        for (const project of projects) if (project.path === path) this.#put(project);
      } catch (error) {
        if (errorCode(error) === NO_PROJECT) await this.rescan();
        else this.#log.warn(`${path}: ${errorText(error)}`);
        return;
      }
    } while (this.#refreshAgain.has(path));
  }

  #put(project: ProjectStatus): void {
    const isNew = !this.#known.has(project.path);
    this.#known.set(project.path, project);
    if (isNew) this.#changed.fire(undefined);
    this.#changed.fire(project);
  }
}

export function isIn(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}

/** The name of a project in lists: its folder's name. */
export function shortName(path: string): string {
  return path.slice(path.lastIndexOf(sep) + 1) || path;
}
