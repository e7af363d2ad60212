/** An LSP client over one `buildd lsp` process; connection.ts starts a new one for each connection. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type StaticFeature,
} from "vscode-languageclient/node";
import { onMessage, onQuestion } from "./messages.ts";
import type { ProgressReports } from "./progress.ts";
import { setting } from "../settings.ts";

/** Milliseconds in which a process that ended has written why. */
const ERROR_TIMEOUT = 1000;

export interface ClientProcess {
  client: LanguageClient;
  /** The last line that the process wrote on standard error. */
  lastLine(): string;
}

/** Start the process and the client; rejects if one of them does not start. `closed` is called when
 * the process ends by itself. */
export async function startClient(
  command: string,
  directory: string | undefined,
  log: vscode.LogOutputChannel,
  progress: ProgressReports,
  closed: () => void,
): Promise<ClientProcess> {
  const child = await start(command, directory);
  let lastLine = "";
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lastLine = line;
      log.warn(line);
    });
  }
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }],
    outputChannel: log,
    diagnosticCollectionName: "buildd",
    // connection.ts shows why there is no daemon, once and with the remedy.
    initializationOptions: { diagnostics: "push", showsErrors: true },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    initializationFailedHandler: () => false,
    middleware: {
      handleWorkDoneProgress: (token, params) => progress.handle(String(token), params),
      provideCodeLenses: (document, token, next) =>
        setting("codeLens") ? next(document, token) : [],
    },
  };
  const client = new QuietClient("buildd", "buildd", () => Promise.resolve(child), options);
  client.registerFeature(withoutCommands);
  client.onNotification("window/showMessage", onMessage);
  client.onRequest("window/showMessageRequest", onQuestion);
  const ended = new Promise<never>((_, reject) =>
    child.once("close", (code) => {
      reject(new Error(`\`buildd lsp\` ended with status ${code}`));
    }),
  );
  ended.catch(() => undefined);
  try {
    await Promise.race([client.start(), ended]);
  } catch (error) {
    child.kill();
    // Its error message may arrive after we have noticed its end.
    const timeout = new Promise((resolve) => setTimeout(resolve, ERROR_TIMEOUT));
    await Promise.race([ended.catch(() => undefined), timeout]);
    throw lastLine ? new Error(lastLine.replace(/^buildd: /, "")) : error;
  }
  return { client, lastLine: () => lastLine };
}

/** A client that shows no error messages: connection.ts shows them, once and with the remedy. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Keeps the library from registering the daemon's commands with VS Code: they would be unknown
 * while there is no daemon. commands.ts registers them permanently. */
const withoutCommands: StaticFeature = {
  preInitialize: (capabilities) => {
    delete capabilities.executeCommandProvider;
  },
  fillClientCapabilities: () => undefined,
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

function start(command: string, directory: string | undefined): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ["lsp"], { cwd: directory, stdio: "pipe" });
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      child.on("error", () => undefined);
      resolve(child);
    });
  });
}
