/** Tell the user how to install buildd if there is no `buildd` command. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";

export function offerInstallation(connection: Connection): vscode.Disposable {
  let shown = "";
  return connection.onDidChange((state) => {
    // Once for each list of places where it was not found.
    if (state !== "missing" || shown === connection.detail) return;
    shown = connection.detail;
    void offer(connection);
  });
}

async function offer(connection: Connection): Promise<void> {
  const howToInstall = "How to Install";
  const setPath = "Set Path…";
  const retry = "Retry";
  const chosen = await vscode.window.showErrorMessage(
    `buildd: ${connection.detail}. Install it (\`pipx install .\` in its source), or set \`buildd.path\`.`,
    howToInstall,
    setPath,
    retry,
  );
  if (chosen === howToInstall) await vscode.commands.executeCommand("buildd.openWalkthrough");
  if (chosen === setPath) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "buildd.path");
  }
  if (chosen === retry) await connection.restart();
}
