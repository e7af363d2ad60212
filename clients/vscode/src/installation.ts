/** What the user is told where there is no `buildd` command. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";

export function offerInstallation(connection: Connection): vscode.Disposable {
  let told = "";
  return connection.onDidChange((state) => {
    // Once for each place where it is not.
    if (state !== "missing" || told === connection.detail) return;
    told = connection.detail;
    void offer(connection);
  });
}

async function offer(connection: Connection): Promise<void> {
  const how = "How to Install";
  const where = "Say Where It Is";
  const again = "Look Again";
  const chosen = await vscode.window.showErrorMessage(
    `buildd: ${connection.detail}. Install it (\`pip install .\` in its source), or set \`buildd.path\`.`,
    how,
    where,
    again,
  );
  if (chosen === how) await vscode.commands.executeCommand("buildd.openWalkthrough");
  if (chosen === where) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "buildd.path");
  }
  if (chosen === again) await connection.restart();
}
