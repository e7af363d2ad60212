/** One run of a task in the terminal in which VS Code shows its tasks. */

import * as vscode from "vscode";
import { ending, heading } from "./banner.ts";
import type { Connection } from "../daemon/connection.ts";
import type { Consent } from "../projects/consent.ts";
import { errorText } from "../daemon/errors.ts";
import { runTask } from "./runTask.ts";
import { TerminalWriter, style } from "./terminalWriter.ts";

/** The exit status of a command that Ctrl-C ended, as in a shell. */
const INTERRUPTED = 130;
/** The exit status if buildd itself failed, as of the `buildd` command. */
const FAILED = 125;
/** Milliseconds for which VS Code regards a terminal as being launched. */
const LAUNCH = 600;

export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #connection: Connection;
  readonly #consent: Consent;
  readonly #project: string;
  readonly #task: string;
  readonly #writer = new TerminalWriter();
  readonly #cancel = new vscode.CancellationTokenSource();
  readonly #closed = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#writer.onDidWrite;
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
      // VS Code takes a failure right after the start for a failure of the terminal itself.
      const wait = status === 0 ? 0 : Math.max(0, LAUNCH - (Date.now() - opened));
      setTimeout(() => this.#closed.fire(status), wait);
    });
  }

  handleInput(data: string): void {
    if (data === "\x03") this.#cancel.cancel();
  }

  close(): void {
    this.#cancel.cancel();
    this.#writer.dispose();
  }

  /** Run the task; resolves with the exit status. */
  async #run(): Promise<number> {
    try {
      const result = await this.#consent.withTrust(this.#project, () =>
        runTask(
          this.#connection,
          { project: this.#project, task: this.#task },
          {
            started: (run) => this.#writer.line(heading(run)),
            output: (data) => this.#writer.output(data),
            progress: (message) => this.#writer.line(style.dim(message)),
          },
          this.#cancel.token,
        ),
      );
      if (!result) {
        this.#writer.line(style.red("not trusted: nothing was run"));
        return FAILED;
      }
      const { run, diagnostics = [] } = result;
      const count = (severity: string): number =>
        diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
      this.#writer.line(ending(run, { errors: count("error"), warnings: count("warning") }));
      return run.state === "finished" ? (run.exitStatus ?? 0) : INTERRUPTED;
    } catch (error) {
      this.#writer.line(style.red(errorText(error)));
      return FAILED;
    }
  }
}
