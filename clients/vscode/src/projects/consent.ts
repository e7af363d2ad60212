/** Ask the user whether to trust a configuration, and revoke that trust. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import { errorCode } from "../daemon/errors.ts";
import { showFailure } from "../daemon/messages.ts";
import { type Projects, shortName } from "./projects.ts";
import { Grant, NOT_TRUSTED, type ProjectStatus, Revoke, Trust } from "../protocol.ts";

export class Consent implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #projects: Projects;
  /** Digests of the configurations that the user was asked about and did not trust. */
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

  /** Ask unless the project is already trusted; resolves with whether it is trusted now. */
  ask(path: string): Promise<boolean> {
    return this.#ask(path, true);
  }

  /** Do work that needs trust. If trust is missing, ask for it and do the work then; resolves with
   * undefined if the user does not agree. */
  async withTrust<Result>(path: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (errorCode(error) !== NOT_TRUSTED) throw error;
      return (await this.ask(path)) ? work() : undefined;
    }
  }

  async revoke(path: string): Promise<void> {
    const { digest } = await this.#connection.request(Trust, { project: path });
    // A user who has just revoked trust must not be asked again at once.
    this.#declined.add(digest);
    const { revoked } = await this.#connection.request(Revoke, { project: path });
    await this.#projects.refresh(path);
    void vscode.window.showInformationMessage(
      revoked
        ? "buildd: trust revoked. Nothing of this project runs until you trust it again."
        : "buildd: this configuration was not trusted.",
    );
  }

  dispose(): void {
    this.#listener.dispose();
  }

  async #askOnce(project: ProjectStatus): Promise<void> {
    try {
      await this.#ask(project.path, false);
    } catch (error) {
      showFailure("cannot show the configuration", error);
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
    const open = "Open Configuration";
    const chosen = await vscode.window.showWarningMessage(
      `Do you trust the build configuration of ${shortName(path)}?`,
      {
        modal: true,
        detail: [
          "buildd will do this on your machine:",
          "",
          ...summary.lines,
          ...grants.map((grant) => `It asks for ${grant.name}: ${grant.detail}`),
          ...changed(summary.changes ?? []),
          "",
          "You agree to exactly this. If it changes, you are asked again.",
        ].join("\n"),
      },
      trust,
      open,
    );
    this.#declined.add(summary.digest);
    const [file] = summary.files;
    if (chosen === open && file) await vscode.window.showTextDocument(vscode.Uri.file(file));
    if (chosen !== trust) return false;
    // The daemon refuses if the files have changed since they were shown.
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
  return changes.length ? ["", "Changed since you agreed:", ...changes] : [];
}
