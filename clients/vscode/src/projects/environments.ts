/** Start environments and build images, with progress and a cancel button. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import type { Consent } from "./consent.ts";
import { BuildImage, type ProjectStatus, Progressed, Up } from "../protocol.ts";
import type { Stream } from "../daemon/stream.ts";

export class Environments {
  readonly #connection: Connection;
  readonly #consent: Consent;

  constructor(connection: Connection, consent: Consent) {
    this.#connection = connection;
    this.#consent = consent;
  }

  /** Rebuild the environment of that name; with an empty name, the default one. */
  async rebuild(project: ProjectStatus, environment: string): Promise<void> {
    await this.#up(project, environment, true, `rebuilding ${environment || "the environment"}`);
  }

  /** Start the default environment; resolves with false if the user does not agree. */
  async ensureWarm(project: ProjectStatus): Promise<boolean> {
    const all = project.environments ?? [];
    if (project.trusted && all.length === 1 && all[0]?.state === "warm") return true;
    return (await this.#up(project, "", false, "starting the environment")) !== undefined;
  }

  /** Build a run image, after the tasks that it needs. */
  async buildImage(project: ProjectStatus, image: string): Promise<void> {
    const params = { project: project.path, image, output: false };
    const made = await this.#withProgress(`building the image ${image}`, (stream, token) =>
      this.#consent.withTrust(project.path, () => stream.request(BuildImage, params, token)),
    );
    if (made?.failed) {
      void vscode.window.showErrorMessage(
        `buildd: the image was not built, because the task ${made.failed.task} failed.`,
      );
    } else if (made) {
      void vscode.window.showInformationMessage(`buildd: built the image ${made.tag ?? image}`);
    }
  }

  #up(project: ProjectStatus, environment: string, rebuild: boolean, title: string) {
    const params = { project: project.path, environment, rebuild };
    return this.#withProgress(title, (stream, token) =>
      this.#consent.withTrust(project.path, () => stream.request(Up, params, token)),
    );
  }

  async #withProgress<Result>(
    title: string,
    work: (stream: Stream, token: vscode.CancellationToken) => Promise<Result>,
  ): Promise<Result> {
    const stream = await this.#connection.stream();
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `buildd: ${title}`,
      cancellable: true,
    };
    try {
      return await vscode.window.withProgress(options, (progress, token) => {
        stream.on(Progressed, ({ message, percentage }) => {
          progress.report({
            message: percentage === undefined ? message : `${message} ${percentage} %`,
          });
        });
        return work(stream, token);
      });
    } finally {
      stream.close();
    }
  }
}
