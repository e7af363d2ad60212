/** Show the daemon's messages and questions in VS Code. */

import * as vscode from "vscode";
import {
  type MessageActionItem,
  MessageType,
  type ShowMessageParams,
  type ShowMessageRequestParams,
} from "vscode-languageclient/node";
import { errorCode, errorText } from "./errors.ts";
import { CANCELLED } from "../protocol.ts";

/** The start of the title of the action that trusts a configuration; the grants follow it. */
const TRUST_ACTION = "Trust this configuration";

/** `window/showMessage`. */
export function onMessage({ type, message }: ShowMessageParams): void {
  if (type === MessageType.Error) void offerLog(vscode.window.showErrorMessage, message);
  else if (type === MessageType.Warning) void offerLog(vscode.window.showWarningMessage, message);
  else if (type === MessageType.Info) void vscode.window.showInformationMessage(message);
}

/** `window/showMessageRequest`. The question whether to trust a configuration is left to consent.ts:
 * it shows every line in a dialog, and does not ask again after each restart of the daemon. */
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
  const showLog = "Show Log";
  if ((await show(message, showLog)) === showLog) {
    await vscode.commands.executeCommand("buildd.showLog");
  }
}

/** Tell the user that what they asked for has failed, unless they cancelled it. */
export function showFailure(what: string, error: unknown): void {
  if (errorCode(error) === CANCELLED) return;
  void vscode.window.showErrorMessage(`buildd: ${what}: ${errorText(error)}`);
}
