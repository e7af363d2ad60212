/** One run of a task, as the terminal in which VS Code shows its tasks. */

import * as vscode from "vscode";
import { ending, heading } from "./banner.ts";
import type { Connection } from "./connection.ts";
import type { Consent } from "./consent.ts";
import { inWords } from "./errors.ts";
import { runTask } from "./runTask.ts";
import { Screen, style } from "./screen.ts";

/** What a shell says of a command that Ctrl-C ended. */
const INTERRUPTED = 130;
/** That buildd itself failed, as the terminal command says it. */
const FAILED = 125;
/** Milliseconds for which a terminal is being launched, as VS Code counts. */
const LAUNCH = 600;

export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #connection: Connection;
  readonly #consent: Consent;
  readonly #project: string;
  readonly #task: string;
  readonly #screen = new Screen();
  readonly #cancel = new vscode.CancellationTokenSource();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#screen.onDidWrite;
  readonly onDidClose = this.#closed.event;

  constructor(connection: Connection, consent: Consent, project: string, task: string) {
    this.#connection = connection;
    this.#consent = consent;
    this.#project = project;
    this.#task = task;
  }

  open(): void {
    const opened = Date.now();
    void this.#run().then((status) => {
      // VS Code takes a failure right after the start for one of the terminal's own.
      const wait = status === 0 ? 0 : Math.max(0, LAUNCH - (Date.now() - opened));
      setTimeout(() => this.#closed.fire(status), wait);
    });
  }

  handleInput(data: string): void {
    if (data === "\x03") this.#cancel.cancel();
  }

  close(): void {
    this.#cancel.cancel();
    this.#screen.dispose();
  }

  /** Run it; the exit status. */
  async #run(): Promise<number> {
    try {
      const result = await this.#consent.having(this.#project, () =>
        runTask(
          this.#connection,
          { project: this.#project, task: this.#task },
          {
            started: (run) => this.#screen.line(heading(run)),
            output: (data) => this.#screen.output(data),
            progress: (message) => this.#screen.line(style.dim(message)),
          },
          this.#cancel.token,
        ),
      );
      if (!result) {
        this.#screen.line(style.red("not trusted: nothing was run"));
        return FAILED;
      }
      const { run, diagnostics = [] } = result;
      const count = (severity: string): number =>
        diagnostics.filter((one) => one.severity === severity).length;
      this.#screen.line(ending(run, { errors: count("error"), warnings: count("warning") }));
      return run.state === "finished" ? (run.exitStatus ?? 0) : INTERRUPTED;
    } catch (error) {
      this.#screen.line(style.red(inWords(error)));
      return FAILED;
    }
  }
}
