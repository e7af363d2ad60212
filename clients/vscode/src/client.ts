/** One LSP client over one `buildd lsp` process; connection.ts has a new one made for each life. */

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
import { setting } from "./settings.ts";

/** Milliseconds within which a process that ends has said why. */
const LAST_WORDS = 1000;

export interface Life {
  client: LanguageClient;
  /** The last that the process said on standard error. */
  lastWords(): string;
}

/** Start the process and the client; rejects if either does not come up. `closed` is called once
 * it has ended by itself. */
export async function begin(
  command: string,
  directory: string | undefined,
  log: vscode.LogOutputChannel,
  progress: ProgressReports,
  closed: () => void,
): Promise<Life> {
  const child = await start(command, directory);
  let words = "";
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      words = line;
      log.warn(line);
    });
  }
  const options: LanguageClientOptions = {
    documentSelector: [{ scheme: "file" }],
    outputChannel: log,
    diagnosticCollectionName: "buildd",
    // connection.ts shows why there is no daemon: once, and with what to do.
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
    // Its last words may come after its end is noticed.
    const patience = new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
    await Promise.race([ended.catch(() => undefined), patience]);
    throw words ? new Error(words.replace(/^buildd: /, "")) : error;
  }
  return { client, lastWords: () => words };
}

/** Failures are shown by connection.ts, once and with what to do. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** The library would register the daemon's commands with VS Code, which would make them unknown
 * while there is no daemon; commands.ts registers them for good. */
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
