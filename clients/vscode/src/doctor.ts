/** What `buildd doctor` finds, as a list. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { type Check, Doctor } from "./protocol.ts";

const ICONS: Record<string, string> = { ok: "$(pass)", warning: "$(warning)", error: "$(error)" };
const ORDER = ["error", "warning", "ok"];

export async function examine(connection: Connection, path: string | undefined): Promise<void> {
  const work = connection.request(Doctor, path ? { project: path } : {});
  const checks = work.then((result) =>
    [...result.checks]
      .sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))
      .map(item),
  );
  const chosen = await vscode.window.showQuickPick(checks, {
    title: "buildd: machine and project",
    placeHolder: "Choose one to copy what it says",
    matchOnDetail: true,
  });
  if (chosen) await vscode.env.clipboard.writeText(chosen.said);
}

function item(check: Check): vscode.QuickPickItem & { said: string } {
  return {
    label: `${ICONS[check.state] ?? "$(question)"} ${check.name}`,
    description: check.detail,
    ...(check.remedy ? { detail: check.remedy } : {}),
    said: [check.name, check.detail, check.remedy].filter(Boolean).join(": "),
  };
}
