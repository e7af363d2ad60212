/** Show the results of `buildd doctor` as a list. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import { type Check, Doctor } from "../protocol.ts";

const ICONS: Record<string, string> = { ok: "$(pass)", warning: "$(warning)", error: "$(error)" };
const ORDER = ["error", "warning", "ok"];

export async function showDoctor(connection: Connection, path: string | undefined): Promise<void> {
  const work = connection.request(Doctor, path ? { project: path } : {});
  const checks = work.then((result) =>
    [...result.checks]
      .sort((first, second) => ORDER.indexOf(first.state) - ORDER.indexOf(second.state))
      .map(item),
  );
  const chosen = await vscode.window.showQuickPick(checks, {
    title: "buildd: check of machine and project",
    placeHolder: "Select a check to copy its text",
    matchOnDetail: true,
  });
  if (chosen) await vscode.env.clipboard.writeText(chosen.text);
}

function item(check: Check): vscode.QuickPickItem & { text: string } {
  return {
    label: `${ICONS[check.state] ?? "$(question)"} ${check.name}`,
    description: check.detail,
    ...(check.remedy ? { detail: check.remedy } : {}),
    text: [check.name, check.detail, check.remedy].filter(Boolean).join(": "),
  };
}
