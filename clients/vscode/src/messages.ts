/** What the daemon shows and asks, as VS Code shows and asks it. */

import * as vscode from "vscode";
import {
  type MessageActionItem,
  MessageType,
  type ShowMessageParams,
  type ShowMessageRequestParams,
} from "vscode-languageclient/node";
import { codeOf, inWords } from "./errors.ts";
import { CANCELLED } from "./protocol.ts";

/** How the title of the action begins; what it grants follows. */
const TRUST_ACTION = "Trust this configuration";

/** `window/showMessage`. */
export function onMessage({ type, message }: ShowMessageParams): void {
  if (type === MessageType.Error) void offerLog(vscode.window.showErrorMessage, message);
  else if (type === MessageType.Warning) void offerLog(vscode.window.showWarningMessage, message);
  else if (type === MessageType.Info) void vscode.window.showInformationMessage(message);
}

/** `window/showMessageRequest`. The question of trust is left to consent.ts, which asks it in a
 * dialog with all its lines, and not again after each restart of the daemon. */
export async function onQuestion({
  message,
  actions,
}: ShowMessageRequestParams): Promise<MessageActionItem | null> {
  if (!actions || actions.some(({ title }) => title.startsWith(TRUST_ACTION))) return null;
  const [title, ...rest] = message.split("\n");
  const options = { modal: true, detail: rest.join("\n") };
  return (await vscode.window.showWarningMessage(title ?? "", options, ...actions)) ?? null;
}

type Show = (message: string, ...items: string[]) => Thenable<string | undefined>;

async function offerLog(show: Show, message: string): Promise<void> {
  const look = "Show Log";
  if ((await show(message, look)) === look) {
    await vscode.commands.executeCommand("buildd.showLog");
  }
}

/** Says that something that was asked for has failed, unless the user has cancelled it. */
export function showFailure(what: string, error: unknown): void {
  if (codeOf(error) === CANCELLED) return;
  void vscode.window.showErrorMessage(`buildd: ${what}: ${inWords(error)}`);
}
