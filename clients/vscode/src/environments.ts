/** Making environments and images, with progress and a cancel button. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import type { Consent } from "./consent.ts";
import { BuildImage, type ProjectStatus, Progressed, Up } from "./protocol.ts";
import type { Stream } from "./stream.ts";

export class Environments {
  readonly #connection: Connection;
  readonly #consent: Consent;

  constructor(connection: Connection, consent: Consent) {
    this.#connection = connection;
    this.#consent = consent;
  }

  /** Have the environment of that name built anew, or the only one. */
  async rebuild(project: ProjectStatus, environment: string): Promise<void> {
    await this.#up(project, environment, true, `building ${environment || "the environment"} anew`);
  }

  /** Have the default environment warm; false if the user does not consent. */
  async warm(project: ProjectStatus): Promise<boolean> {
    const all = project.environments ?? [];
    if (project.trusted && all.length === 1 && all[0]?.state === "warm") return true;
    return (await this.#up(project, "", false, "making the environment ready")) !== undefined;
  }

  /** Build a run image, after the tasks that it needs. */
  async buildImage(project: ProjectStatus, image: string): Promise<void> {
    const params = { project: project.path, image, output: false };
    const made = await this.#withProgress(`building the image ${image}`, (stream, token) =>
      this.#consent.having(project.path, () => stream.request(BuildImage, params, token)),
    );
    if (made?.failed) {
      void vscode.window.showErrorMessage(
        `buildd: ${made.failed.task} did not succeed, so there is no image`,
      );
    } else if (made) {
      void vscode.window.showInformationMessage(`buildd: ${made.tag ?? image} is built`);
    }
  }

  #up(project: ProjectStatus, environment: string, rebuild: boolean, title: string) {
    const params = { project: project.path, environment, rebuild };
    return this.#withProgress(title, (stream, token) =>
      this.#consent.having(project.path, () => stream.request(Up, params, token)),
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
