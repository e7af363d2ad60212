/** The way to the daemon: found, held, and made again when it breaks; it is never given up. */

import * as vscode from "vscode";
import type { GenericNotificationHandler } from "vscode-languageclient/node";
import { Backoff } from "./backoff.ts";
import { begin, type Life } from "./client.ts";
import { inWords } from "./errors.ts";
import { locate } from "./locate.ts";
import { ProgressReports } from "./progress.ts";
import { type Method, type Notification, Status } from "./protocol.ts";
import { onSetting, setting } from "./settings.ts";
import { Stream } from "./stream.ts";

/**
 * - `off`: nothing is wanted: no project here, or the workspace is not trusted.
 * - `missing`: there is no `buildd` command; `detail` says where it was looked for.
 * - `starting`: on the way.
 * - `running`
 * - `lost`: it broke; `detail` says why. The next try comes by itself.
 */
export type ConnectionState = "off" | "missing" | "starting" | "running" | "lost";

/** This many failures in a row are told of in a notification. */
const PATIENCE = 3;

export class Connection implements vscode.Disposable {
  state: ConnectionState = "off";
  detail = "";
  /** The command that is used; empty while there is none. */
  command = "";
  readonly progress: ProgressReports;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<ConnectionState>();
  readonly onDidChange = this.#changed.event;
  readonly #backoff = new Backoff();
  readonly #handlers = new Map<string, GenericNotificationHandler>();
  readonly #disposables: vscode.Disposable[];
  #life: Life | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Raised whenever what is under way is no longer wanted. */
  #generation = 0;
  #told = false;
  /** Files saved while nobody was there to be told. */
  readonly #saved = new Set<string>();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
    this.progress = new ProgressReports((token) => {
      void this.#life?.client.sendNotification("window/workDoneProgress/cancel", { token });
    });
    this.#disposables = [
      this.progress,
      this.#changed,
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        const isOnTheWay = this.state === "starting" || this.state === "lost";
        if (isOnTheWay && uri.scheme === "file") this.#saved.add(uri.toString());
      }),
      onSetting(["path"], () => {
        if (this.state !== "off") void this.restart();
      }),
    ];
  }

  /** Have it running, now and until `stop`. */
  start(): void {
    if (this.state === "off") void this.#begin();
  }

  async stop(): Promise<void> {
    this.#generation += 1;
    clearTimeout(this.#timer);
    const life = this.#life;
    this.#life = undefined;
    this.progress.clear();
    this.#become("off");
    await end(life);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#backoff.reset();
    this.#told = false;
    void this.#begin();
  }

  /** Resolves once it is running; rejects with what is in the way. */
  async ready(): Promise<void> {
    while (this.state !== "running") {
      if (this.state === "missing") throw new Error(this.detail);
      if (this.state === "off") throw new Error("there is no project here, or it is restricted");
      if (this.state === "lost" && this.#backoff.failures >= PATIENCE) throw new Error(this.detail);
      await new Promise<void>((resolve) => {
        const listener = this.onDidChange(() => {
          listener.dispose();
          resolve();
        });
      });
    }
  }

  /** Ask the daemon; waits for the connection. Rejects with the daemon's own error. */
  async request<Params, Result>(
    method: Method<Params, Result>,
    params: Params,
    token?: vscode.CancellationToken,
  ): Promise<Result> {
    await this.ready();
    const client = this.#client();
    // An undefined token would be sent as a second parameter.
    return token
      ? client.sendRequest<Result>(method.name, params, token)
      : client.sendRequest<Result>(method.name, params);
  }

  /** Have the daemon execute one of its commands. */
  async execute(command: string, ...args: string[]): Promise<unknown> {
    await this.ready();
    return this.#client().sendRequest("workspace/executeCommand", { command, arguments: args });
  }

  /** Send an LSP notification, if anybody is there. */
  notify(method: string, params: object): void {
    if (this.state === "running") void this.#client().sendNotification(method, params);
  }

  /** Be told of a notification, over all lives of the connection. */
  on<Params>({ name }: Notification<Params>, handler: (params: Params) => void): void {
    this.#handlers.set(name, handler);
    this.#life?.client.onNotification(name, handler);
  }

  /** The command, without which nothing can be done. */
  async locate(): Promise<string> {
    const located = await locate({ setting: setting("path"), folders: folders() });
    if ("command" in located) return located.command;
    throw new Error(missing(located.tried));
  }

  /** A connection of its own for a request that streams. */
  async stream(): Promise<Stream> {
    const { socket } = await this.request(Status, {});
    return Stream.open(socket);
  }

  dispose(): void {
    void this.stop();
    for (const one of this.#disposables) one.dispose();
  }

  async #begin(): Promise<void> {
    const generation = (this.#generation += 1);
    this.#become("starting");
    const located = await locate({ setting: setting("path"), folders: folders() });
    if (generation !== this.#generation) return;
    if ("tried" in located) {
      this.#become("missing", missing(located.tried));
      return;
    }
    this.command = located.command;
    const born = Date.now();
    const closed = (): void => {
      // What ends before it runs is told of below, with its last words.
      const isRunning = generation === this.#generation && this.state === "running";
      if (isRunning) this.#retry(born, "the daemon has gone");
    };
    try {
      const life = await begin(this.command, folders()[0], this.#log, this.progress, closed);
      if (generation !== this.#generation) {
        await end(life);
        return;
      }
      this.#life = life;
      for (const [name, handler] of this.#handlers) life.client.onNotification(name, handler);
      this.#told = false;
      this.#become("running");
      for (const uri of this.#saved) this.notify("textDocument/didSave", { textDocument: { uri } });
      this.#saved.clear();
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      if (generation === this.#generation) this.#retry(born, inWords(error));
    }
  }

  #retry(born: number, why: string): void {
    this.#generation += 1;
    const life = this.#life;
    this.#life = undefined;
    void end(life);
    this.progress.clear();
    const wait = this.#backoff.next(Date.now() - born);
    this.#become("lost", why);
    this.#timer = setTimeout(() => void this.#begin(), wait);
    if (this.#backoff.failures >= PATIENCE && !this.#told) {
      this.#told = true;
      void this.#tell(why);
    }
  }

  async #tell(why: string): Promise<void> {
    const again = "Try Again";
    const log = "Show Client Log";
    const chosen = await vscode.window.showErrorMessage(`buildd: ${why}`, again, log);
    if (chosen === again) await this.restart();
    if (chosen === log) this.#log.show();
  }

  #become(state: ConnectionState, detail = ""): void {
    this.state = state;
    this.detail = detail;
    this.#log.debug(`${state} ${detail}`);
    this.#changed.fire(state);
  }

  #client(): Life["client"] {
    if (!this.#life) throw new Error("there is no connection to the daemon");
    return this.#life.client;
  }
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
}

function missing(tried: string[]): string {
  return `the buildd command was not found (looked in ${tried.join(", ")})`;
}

async function end(life: Life | undefined): Promise<void> {
  try {
    await life?.client.dispose();
  } catch {
    // It was not running any more.
  }
}
