/** The settings of this extension, with their types; package.json describes them. */

import * as vscode from "vscode";

export interface Settings {
  path: string;
  statusBar: boolean;
  progress: "never" | "whenLong" | "always";
  progressDelay: number;
  revealLog: "never" | "onFailure" | "always";
  testExplorer: boolean;
  codeLens: boolean;
  tasks: boolean;
}

export function setting<Name extends keyof Settings>(name: Name): Settings[Name] {
  const value = vscode.workspace.getConfiguration("buildd").get<Settings[Name]>(name);
  if (value === undefined) throw new Error(`package.json gives no default to buildd.${name}`);
  return value;
}

/** Call `then` whenever one of the settings changes. */
export function onSetting(names: (keyof Settings)[], then: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`buildd.${name}`))) then();
  });
}
