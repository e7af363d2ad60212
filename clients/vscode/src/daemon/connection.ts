/** The connection to the daemon: find the command, connect, and reconnect whenever it is lost. */

import * as vscode from "vscode";
import type { GenericNotificationHandler } from "vscode-languageclient/node";
import { Backoff } from "./backoff.ts";
import { startClient, type ClientProcess } from "./languageClient.ts";
import { errorText } from "./errors.ts";
import { locate } from "./locate.ts";
import { ProgressReports } from "./progress.ts";
import { type Method, type Notification, Status } from "../protocol.ts";
import { onSetting, setting } from "../settings.ts";
import { Stream } from "./stream.ts";

/**
 * - `off`: not needed: there is no project here, or the workspace is not trusted.
 * - `missing`: there is no `buildd` command; `detail` says where we looked for it.
 * - `starting`: being made.
 * - `running`: connected.
 * - `lost`: it was lost or could not be made; `detail` says why. We try again after a while.
 */
export type ConnectionState = "off" | "missing" | "starting" | "running" | "lost";

/** After this many failures in a row a notification is shown. */
const REPORTED_FAILURES = 3;

export class Connection implements vscode.Disposable {
  state: ConnectionState = "off";
  detail = "";
  /** The path of the command in use; empty while there is none. */
  command = "";
  readonly progress: ProgressReports;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = new vscode.EventEmitter<ConnectionState>();
  readonly onDidChange = this.#changed.event;
  readonly #backoff = new Backoff();
  readonly #handlers = new Map<string, GenericNotificationHandler>();
  readonly #disposables: vscode.Disposable[];
  #process: ClientProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Increased whenever an attempt to connect is no longer wanted. */
  #generation = 0;
  #wasReported = false;
  /** Files that were saved while there was no connection. */
  readonly #saved = new Set<string>();

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
    this.progress = new ProgressReports((token) => {
      void this.#process?.client.sendNotification("window/workDoneProgress/cancel", { token });
    });
    this.#disposables = [
      this.progress,
      this.#changed,
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        const isConnecting = this.state === "starting" || this.state === "lost";
        if (isConnecting && uri.scheme === "file") this.#saved.add(uri.toString());
      }),
      onSetting(["path"], () => {
        if (this.state !== "off") void this.restart();
      }),
    ];
  }

  /** Connect, and stay connected until `stop`. */
  start(): void {
    if (this.state === "off") void this.#startClient();
  }

  async stop(): Promise<void> {
    this.#generation += 1;
    clearTimeout(this.#timer);
    const running = this.#process;
    this.#process = undefined;
    this.progress.clear();
    this.#setState("off");
    await end(running);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#backoff.reset();
    this.#wasReported = false;
    void this.#startClient();
  }

  /** Resolves once connected; rejects with the reason if there is no connection. */
  async ready(): Promise<void> {
    while (this.state !== "running") {
      if (this.state === "missing") throw new Error(this.detail);
      if (this.state === "off") {
        throw new Error("there is no project here, or the window is in Restricted Mode");
      }
      if (this.state === "lost" && this.#backoff.failures >= REPORTED_FAILURES) {
        throw new Error(this.detail);
      }
      await new Promise<void>((resolve) => {
        const listener = this.onDidChange(() => {
          listener.dispose();
          resolve();
        });
      });
    }
  }

  /** Send a request, once connected. Rejects with the daemon's own error. */
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

  /** Have the daemon execute one of its LSP commands. */
  async execute(command: string, ...args: string[]): Promise<unknown> {
    await this.ready();
    return this.#client().sendRequest("workspace/executeCommand", { command, arguments: args });
  }

  /** Send an LSP notification if there is a connection. */
  notify(method: string, params: object): void {
    if (this.state === "running") void this.#client().sendNotification(method, params);
  }

  /** Set the handler of a notification; it stays across reconnections. */
  on<Params>({ name }: Notification<Params>, handler: (params: Params) => void): void {
    this.#handlers.set(name, handler);
    this.#process?.client.onNotification(name, handler);
  }

  /** The path of the `buildd` command; rejects if there is none. */
  async locate(): Promise<string> {
    const located = await locate({ setting: setting("path"), folders: folders() });
    if ("command" in located) return located.command;
    throw new Error(notFound(located.tried));
  }

  /** Open a separate connection for a request that sends notifications. */
  async stream(): Promise<Stream> {
    const { socket } = await this.request(Status, {});
    return Stream.open(socket);
  }

  dispose(): void {
    void this.stop();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async #startClient(): Promise<void> {
    const generation = (this.#generation += 1);
    this.#setState("starting");
    const located = await locate({ setting: setting("path"), folders: folders() });
    if (generation !== this.#generation) return;
    if ("tried" in located) {
      this.#setState("missing", notFound(located.tried));
      return;
    }
    this.command = located.command;
    const startedAt = Date.now();
    const closed = (): void => {
      // A process that ends before it is connected is reported below, with its error message.
      const isRunning = generation === this.#generation && this.state === "running";
      if (isRunning) this.#retry(startedAt, "the connection to the daemon was lost");
    };
    try {
      const running = await startClient(
        this.command,
        folders()[0],
        this.#log,
        this.progress,
        closed,
      );
      if (generation !== this.#generation) {
        await end(running);
        return;
      }
      this.#process = running;
      for (const [name, handler] of this.#handlers) running.client.onNotification(name, handler);
      this.#wasReported = false;
      this.#setState("running");
      for (const uri of this.#saved) this.notify("textDocument/didSave", { textDocument: { uri } });
      this.#saved.clear();
    } catch (error) {
      this.#log.error(error instanceof Error ? error : String(error));
      if (generation === this.#generation) this.#retry(startedAt, errorText(error));
    }
  }

  #retry(startedAt: number, why: string): void {
    this.#generation += 1;
    const running = this.#process;
    this.#process = undefined;
    void end(running);
    this.progress.clear();
    const wait = this.#backoff.next(Date.now() - startedAt);
    this.#setState("lost", why);
    this.#timer = setTimeout(() => void this.#startClient(), wait);
    if (this.#backoff.failures >= REPORTED_FAILURES && !this.#wasReported) {
      this.#wasReported = true;
      void this.#reportFailure(why);
    }
  }

  async #reportFailure(why: string): Promise<void> {
    const retry = "Retry";
    const showLog = "Show Extension Log";
    const chosen = await vscode.window.showErrorMessage(`buildd: ${why}`, retry, showLog);
    if (chosen === retry) await this.restart();
    if (chosen === showLog) this.#log.show();
  }

  #setState(state: ConnectionState, detail = ""): void {
    this.state = state;
    this.detail = detail;
    this.#log.debug(`${state} ${detail}`);
    this.#changed.fire(state);
  }

  #client(): ClientProcess["client"] {
    if (!this.#process) throw new Error("there is no connection to the daemon");
    return this.#process.client;
  }
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }) => uri.fsPath);
}

function notFound(tried: string[]): string {
  return `the buildd command was not found (looked in ${tried.join(", ")})`;
}

async function end(running: ClientProcess | undefined): Promise<void> {
  try {
    await running?.client.dispose();
  } catch {
    // It was no longer running.
  }
}
