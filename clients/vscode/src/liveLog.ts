/** The live log: a terminal that shows the output of every run of a project, colours and all. */

import * as vscode from "vscode";
import { ending, heading } from "./banner.ts";
import type { Connection } from "./connection.ts";
import { inWords } from "./errors.ts";
import { type Projects, shortName } from "./projects.ts";
import { Cancel, Logs, OutputCame, type ProjectStatus, type Run } from "./protocol.ts";
import { Screen, style } from "./screen.ts";
import type { Stream } from "./stream.ts";

export class LiveLogs implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #projects: Projects;
  readonly #open = new Map<string, vscode.Terminal>();

  constructor(connection: Connection, projects: Projects) {
    this.#connection = connection;
    this.#projects = projects;
  }

  /** Bring the project's log forward. */
  show(path: string, preserveFocus: boolean): void {
    let terminal = this.#open.get(path);
    if (!terminal || terminal.exitStatus) {
      const log = new LiveLog(this.#connection, this.#projects, path, () =>
        this.#open.delete(path),
      );
      terminal = vscode.window.createTerminal({
        name: this.#projects.all.length > 1 ? `buildd: ${shortName(path)}` : "buildd: log",
        pty: log,
        iconPath: new vscode.ThemeIcon("output"),
        isTransient: true,
      });
      this.#open.set(path, terminal);
    }
    terminal.show(preserveFocus);
  }

  dispose(): void {
    for (const terminal of this.#open.values()) terminal.dispose();
  }
}

class LiveLog implements vscode.Pseudoterminal {
  readonly #connection: Connection;
  readonly #projects: Projects;
  readonly #path: string;
  readonly #closed: () => void;
  readonly #screen = new Screen();
  readonly onDidWrite = this.#screen.onDidWrite;
  readonly #listeners: vscode.Disposable[] = [];
  #stream: Stream | undefined;
  #follows = false;
  /** The run whose output comes now, and how much of it has come. */
  #run = "";
  #received = 0;
  /** Runs whose end has been shown, or that had ended before. */
  readonly #ended = new Set<string>();
  /** Pieces are shown in their order, though a run's heading may have to be asked for. */
  #order: Promise<void> = Promise.resolve();

  constructor(connection: Connection, projects: Projects, path: string, closed: () => void) {
    this.#connection = connection;
    this.#projects = projects;
    this.#path = path;
    this.#closed = closed;
  }

  open(): void {
    const project = this.#projects.at(this.#path);
    for (const task of project?.tasks ?? []) if (task.last) this.#ended.add(task.last.id);
    const newest = newestOf(project);
    if (newest) this.#ended.delete(newest.id);
    else this.#screen.line(style.dim("Nothing has run yet. Save a file, or run `buildd: Build`."));
    this.#listeners.push(
      this.#connection.onDidChange((state) => {
        if (state === "running") void this.#follow();
      }),
      this.#projects.onDidChange((one) => {
        if (one?.path === this.#path) this.#order = this.#order.then(() => this.#showEnds());
      }),
    );
    void this.#follow();
  }

  handleInput(data: string): void {
    if (data === "\x03") void this.#connection.request(Cancel, { project: this.#path });
  }

  close(): void {
    this.#stream?.close();
    for (const one of this.#listeners) one.dispose();
    this.#screen.dispose();
    this.#closed();
  }

  /** Until the daemon or the terminal ends. */
  async #follow(): Promise<void> {
    if (this.#follows) return;
    this.#follows = true;
    try {
      this.#stream = await this.#connection.stream();
      this.#stream.on(OutputCame, ({ run, data }) => {
        // After a new start of the daemon what was shown already is sent again.
        if (this.#ended.has(run)) return;
        const piece = Buffer.from(data, "base64");
        this.#order = this.#order.then(() => this.#output(run, piece));
      });
      await this.#stream.request(Logs, { project: this.#path, follow: true });
    } catch (error) {
      if (this.#connection.state === "running") this.#screen.line(style.dim(inWords(error)));
    } finally {
      this.#stream?.close();
      this.#follows = false;
    }
  }

  async #output(run: string, piece: Uint8Array): Promise<void> {
    await this.#begin(run);
    this.#received += piece.length;
    this.#screen.output(piece);
    await this.#showEnds();
  }

  /** Show a run's heading, once. */
  async #begin(id: string): Promise<void> {
    if (this.#run === id) return;
    let run = find(this.#projects.at(this.#path), id);
    if (!run) {
      await this.#projects.refresh(this.#path);
      run = find(this.#projects.at(this.#path), id);
    }
    this.#run = id;
    this.#received = 0;
    this.#screen.line(run ? heading(run) : style.bold(`▶ ${id}`));
  }

  /** Show how runs ended, each once all its output has come. */
  async #showEnds(): Promise<void> {
    for (const task of this.#projects.at(this.#path)?.tasks ?? []) {
      const { last } = task;
      if (!last || this.#ended.has(last.id)) continue;
      const received = last.id === this.#run ? this.#received : 0;
      if (received < (last.outputBytes ?? 0)) continue;
      await this.#begin(last.id);
      this.#ended.add(last.id);
      this.#screen.line(ending(last, task));
    }
  }
}

function find(project: ProjectStatus | undefined, id: string): Run | undefined {
  return (project?.tasks ?? [])
    .flatMap(({ current, last }) => [current, last])
    .find((run) => run?.id === id);
}

function newestOf(project: ProjectStatus | undefined): Run | undefined {
  return (project?.tasks ?? [])
    .flatMap(({ last }) => last ?? [])
    .sort((one, other) => (other.created ?? 0) - (one.created ?? 0))[0];
}
