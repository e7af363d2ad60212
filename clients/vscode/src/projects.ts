/** The projects of this window: which there are, and how each is, always as the daemon says. */

import { dirname, sep } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { codeOf, inWords } from "./errors.ts";
import { Events, HasChanged, NO_PROJECT, type ProjectStatus, Status } from "./protocol.ts";

/** What stands for a configuration. */
export const CONFIGURATION_FILES = "{buildd.toml,build.Dockerfile}";

export class Projects implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #log: vscode.LogOutputChannel;
  readonly #known = new Map<string, ProjectStatus>();
  /** Directories that were asked for, with their projects; none for those without. */
  readonly #asked = new Map<string, string | undefined>();
  readonly #refreshing = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #changed = new vscode.EventEmitter<ProjectStatus | undefined>();
  /** The project that is another now; undefined when there are others than before. */
  readonly onDidChange = this.#changed.event;
  readonly #disposables: vscode.Disposable[];
  #events: vscode.CancellationTokenSource | undefined;
  /** The project worked on last. */
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
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.lookAgain()),
    ];
  }

  /** All of them, by path. */
  get all(): ProjectStatus[] {
    return [...this.#known.values()].sort((one, other) => one.path.localeCompare(other.path));
  }

  at(path: string): ProjectStatus | undefined {
    return this.#known.get(path);
  }

  /** The project of a file or folder. */
  of(uri: vscode.Uri | undefined): ProjectStatus | undefined {
    if (uri?.scheme !== "file") return undefined;
    return this.all
      .filter((one) => isIn(uri.fsPath, one.path))
      .sort((one, other) => other.path.length - one.path.length)[0];
  }

  /** The project worked on: that of the editor, else the last one, else the first. */
  get current(): ProjectStatus | undefined {
    const here = this.of(vscode.window.activeTextEditor?.document.uri);
    if (here) this.#recent = here.path;
    return here ?? this.#known.get(this.#recent) ?? this.all[0];
  }

  /** The project that a command means; the user is asked where that is not plain. */
  async choose(): Promise<ProjectStatus | undefined> {
    const here = this.of(vscode.window.activeTextEditor?.document.uri);
    if (here ?? this.#known.size < 2) return here ?? this.all[0];
    const items = this.all.map((project) => ({ label: shortName(project.path), project }));
    const placeHolder = "Which project?";
    const chosen = (await vscode.window.showQuickPick(items, { placeHolder }))?.project;
    if (chosen) this.#recent = chosen.path;
    return chosen;
  }

  /** Ask how a project is. Questions that come while one is under way share the next. */
  refresh(path: string): Promise<void> {
    const running = this.#refreshing.get(path);
    if (running) {
      this.#again.add(path);
      return running;
    }
    const work = this.#refresh(path).finally(() => {
      this.#refreshing.delete(path);
    });
    this.#refreshing.set(path, work);
    return work;
  }

  /** Look at every folder and open file anew: a configuration has come or gone. */
  async lookAgain(): Promise<void> {
    this.#asked.clear();
    const before = new Set(this.#known.keys());
    const uris = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...vscode.workspace.textDocuments.map(({ uri }) => uri),
    ];
    for (const uri of uris)
      await this.#look(uri, vscode.workspace.getWorkspaceFolder(uri)?.uri.path !== uri.path);
    const now = new Set(this.#asked.values());
    for (const path of before) if (!now.has(path)) this.#known.delete(path);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#events?.dispose();
    for (const one of this.#disposables) one.dispose();
  }

  async #onRunning(): Promise<void> {
    this.#events?.dispose();
    const events = (this.#events = new vscode.CancellationTokenSource());
    this.#connection.request(Events, {}, events.token).catch((error: unknown) => {
      if (!events.token.isCancellationRequested)
        this.#log.warn(`no events any more: ${inWords(error)}`);
    });
    await this.lookAgain();
  }

  /** Find the project of a folder, or of a file. */
  async #look(uri: vscode.Uri, isFile: boolean): Promise<void> {
    if (uri.scheme !== "file" || this.#connection.state !== "running") return;
    const directory = isFile ? dirname(uri.fsPath) : uri.fsPath;
    if (this.#asked.has(directory)) return;
    this.#asked.set(directory, undefined);
    try {
      const { projects } = await this.#connection.request(Status, { project: directory });
      for (const project of projects) {
        this.#asked.set(directory, project.path);
        this.#put(project);
      }
    } catch (error) {
      this.#asked.delete(directory);
      if (codeOf(error) === NO_PROJECT) this.#asked.set(directory, undefined);
      else this.#log.warn(`${directory}: ${inWords(error)}`);
    }
  }

  async #onChanged(path: string): Promise<void> {
    if (this.#known.has(path)) await this.refresh(path);
  }

  async #refresh(path: string): Promise<void> {
    do {
      this.#again.delete(path);
      try {
        const { projects } = await this.#connection.request(Status, { project: path });
        for (const project of projects) if (project.path === path) this.#put(project);
      } catch (error) {
        if (codeOf(error) === NO_PROJECT) await this.lookAgain();
        else this.#log.warn(`${path}: ${inWords(error)}`);
        return;
      }
    } while (this.#again.has(path));
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

/** How a project is called in lists: its folder's name. */
export function shortName(path: string): string {
  return path.slice(path.lastIndexOf(sep) + 1) || path;
}
