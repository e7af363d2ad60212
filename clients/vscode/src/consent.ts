/** The question of trust: may exactly this configuration be built and run? */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import { codeOf } from "./errors.ts";
import { showFailure } from "./messages.ts";
import { type Projects, shortName } from "./projects.ts";
import { Grant, NOT_TRUSTED, type ProjectStatus, Revoke, Trust } from "./protocol.ts";

export class Consent implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #projects: Projects;
  /** Configurations, by digest, that the user was asked about and did not trust. */
  readonly #declined = new Set<string>();
  readonly #asking = new Map<string, Promise<boolean>>();
  readonly #listener: vscode.Disposable;

  constructor(connection: Connection, projects: Projects) {
    this.#connection = connection;
    this.#projects = projects;
    this.#listener = projects.onDidChange((project) => {
      if (project && !project.trusted && !project.error) void this.#askOnce(project);
    });
  }

  /** Ask, unless it is trusted already; whether it is now. */
  ask(path: string): Promise<boolean> {
    return this.#ask(path, true);
  }

  /** Do something that needs trust; ask for it if it is missing, and do it then. */
  async having<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== NOT_TRUSTED) throw error;
      return (await this.ask(path)) ? work() : undefined;
    }
  }

  async revoke(path: string): Promise<void> {
    const { digest } = await this.#connection.request(Trust, { project: path });
    // Who has just taken it back is not to be asked at once.
    this.#declined.add(digest);
    const { revoked } = await this.#connection.request(Revoke, { project: path });
    await this.#projects.refresh(path);
    void vscode.window.showInformationMessage(
      revoked ? "buildd: trust is taken back" : "buildd: there was no trust to take back",
    );
  }

  dispose(): void {
    this.#listener.dispose();
  }

  async #askOnce(project: ProjectStatus): Promise<void> {
    try {
      await this.#ask(project.path, false);
    } catch (error) {
      showFailure("the configuration cannot be shown", error);
    }
  }

  #ask(path: string, again: boolean): Promise<boolean> {
    const asking = this.#asking.get(path);
    if (asking) return asking;
    const question = this.#question(path, again).finally(() => this.#asking.delete(path));
    this.#asking.set(path, question);
    return question;
  }

  async #question(path: string, again: boolean): Promise<boolean> {
    const summary = await this.#connection.request(Trust, { project: path });
    if (summary.trusted) return true;
    if (this.#declined.has(summary.digest) && !again) return false;
    const grants = summary.grants ?? [];
    const names = grants.map((grant) => grant.name);
    const trust = names.length ? `Trust, with ${names.join(" and ")}` : "Trust";
    const look = "Open the Configuration";
    const chosen = await vscode.window.showWarningMessage(
      `May buildd do this on your machine for ${shortName(path)}?`,
      {
        modal: true,
        detail: [
          ...summary.lines,
          ...grants.map((grant) => `It asks for ${grant.name}: ${grant.detail}`),
          ...changed(summary.changes ?? []),
          "",
          "This holds for exactly this. A change asks again.",
        ].join("\n"),
      },
      trust,
      look,
    );
    this.#declined.add(summary.digest);
    const [file] = summary.files;
    if (chosen === look && file) await vscode.window.showTextDocument(vscode.Uri.file(file));
    if (chosen !== trust) return false;
    // Refused if what was shown is not what is there now.
    await this.#connection.request(Grant, {
      project: path,
      digest: summary.digest,
      grants: names,
    });
    await this.#projects.refresh(path);
    return true;
  }
}

function changed(changes: string[]): string[] {
  return changes.length ? ["", "Another than when you consented:", ...changes] : [];
}
