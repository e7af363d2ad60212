/** The live log: a terminal that shows the output of all runs of a project, with their colours. */

import * as vscode from "vscode";
import { ending, heading } from "./banner.ts";
import type { Connection } from "../daemon/connection.ts";
import { errorText } from "../daemon/errors.ts";
import { type Projects, shortName } from "../projects/projects.ts";
import { Cancel, Logs, OutputCame, type ProjectStatus, type Run } from "../protocol.ts";
import { TerminalWriter, style } from "./terminalWriter.ts";
import type { Stream } from "../daemon/stream.ts";

export class LiveLogs implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #projects: Projects;
  readonly #open = new Map<string, vscode.Terminal>();

  constructor(connection: Connection, projects: Projects) {
    this.#connection = connection;
    this.#projects = projects;
  }

  /** Open the project's log, or bring it to the front. */
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
  readonly #writer = new TerminalWriter();
  readonly onDidWrite = this.#writer.onDidWrite;
  readonly #listeners: vscode.Disposable[] = [];
  #stream: Stream | undefined;
  #isFollowing = false;
  /** The run whose output is shown now, and the number of its bytes so far. */
  #run = "";
  #received = 0;
  /** Runs whose end has been shown, or that ended before the log was opened. */
  readonly #ended = new Set<string>();
  /** Keeps pieces in order, although a run's heading may need a request first. */
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
    else {
      this.#writer.line(style.dim("No task has run yet. Save a file, or use “buildd: Build”."));
    }
    this.#listeners.push(
      this.#connection.onDidChange((state) => {
        if (state === "running") void this.#follow();
      }),
      this.#projects.onDidChange((changed) => {
        if (changed?.path === this.#path) this.#order = this.#order.then(() => this.#showEnds());
      }),
    );
    void this.#follow();
  }

  handleInput(data: string): void {
    if (data === "\x03") void this.#connection.request(Cancel, { project: this.#path });
  }

  close(): void {
    this.#stream?.close();
    for (const listener of this.#listeners) listener.dispose();
    this.#writer.dispose();
    this.#closed();
  }

  /** Show output until the daemon or the terminal ends. */
  async #follow(): Promise<void> {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    try {
      this.#stream = await this.#connection.stream();
      this.#stream.on(OutputCame, ({ run, data }) => {
        // After a restart of the daemon, output that was already shown is sent again.
        if (this.#ended.has(run)) return;
        const piece = Buffer.from(data, "base64");
        this.#order = this.#order.then(() => this.#output(run, piece));
      });
      await this.#stream.request(Logs, { project: this.#path, follow: true });
    } catch (error) {
      if (this.#connection.state === "running") this.#writer.line(style.dim(errorText(error)));
    } finally {
      this.#stream?.close();
      this.#isFollowing = false;
    }
  }

  async #output(run: string, piece: Uint8Array): Promise<void> {
    await this.#begin(run);
    this.#received += piece.length;
    this.#writer.output(piece);
    await this.#showEnds();
  }

  /** Show a run's heading, unless it is already shown. */
  async #begin(id: string): Promise<void> {
    if (this.#run === id) return;
    let run = find(this.#projects.at(this.#path), id);
    if (!run) {
      await this.#projects.refresh(this.#path);
      run = find(this.#projects.at(this.#path), id);
    }
    this.#run = id;
    this.#received = 0;
    this.#writer.line(run ? heading(run) : style.bold(`▶ ${id}`));
  }

  /** Show how runs ended, each when all its output has arrived. */
  async #showEnds(): Promise<void> {
    for (const task of this.#projects.at(this.#path)?.tasks ?? []) {
      const { last } = task;
      if (!last || this.#ended.has(last.id)) continue;
      const received = last.id === this.#run ? this.#received : 0;
      if (received < (last.outputBytes ?? 0)) continue;
      await this.#begin(last.id);
      this.#ended.add(last.id);
      this.#writer.line(ending(last, task));
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
    .sort((first, second) => (second.created ?? 0) - (first.created ?? 0))[0];
}
