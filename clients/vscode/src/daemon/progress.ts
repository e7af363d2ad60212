/** The progress of runs that the daemon reports: for the status bar, and as notifications. */

import * as vscode from "vscode";
import type {
  WorkDoneProgressBegin,
  WorkDoneProgressEnd,
  WorkDoneProgressReport,
} from "vscode-languageclient/node";
import { setting } from "../settings.ts";

type Report = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

/** A progress token is this prefix and the id of its run. */
const PREFIX = "buildd-";

export interface RunProgress {
  title: string;
  message?: string;
  percentage?: number;
}

export class ProgressReports implements vscode.Disposable {
  readonly #reports = new Map<string, ShownRun>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #cancel: (token: string) => void;

  /** `cancel` asks the daemon to cancel the run of a progress token. */
  constructor(cancel: (token: string) => void) {
    this.#cancel = cancel;
  }

  handle(token: string, report: Report): void {
    if (report.kind === "begin") {
      this.#end(token);
      const { title, message, percentage } = report;
      this.#reports.set(token, new ShownRun(title, () => this.#cancel(token)));
      this.#reports.get(token)?.report(message, percentage);
    } else if (report.kind === "report") {
      this.#reports.get(token)?.report(report.message, report.percentage);
    } else {
      this.#end(token);
    }
    this.#changed.fire();
  }

  /** The progress of a run; undefined if it is not in progress. */
  of(run: string): RunProgress | undefined {
    return this.#reports.get(PREFIX + run)?.state;
  }

  /** End all reports, because the daemon has ended. */
  clear(): void {
    for (const token of [...this.#reports.keys()]) this.#end(token);
    this.#changed.fire();
  }

  dispose(): void {
    this.clear();
    this.#changed.dispose();
  }

  #end(token: string): void {
    this.#reports.get(token)?.end();
    this.#reports.delete(token);
  }
}

/** One run in progress, and its notification once there is one. */
class ShownRun {
  state: RunProgress;
  readonly #cancel: () => void;
  #timer: NodeJS.Timeout | undefined;
  #progress: vscode.Progress<{ message: string; increment: number }> | undefined;
  #finish: () => void = () => undefined;
  #shownPercentage = 0;

  constructor(title: string, cancel: () => void) {
    this.state = { title };
    this.#cancel = cancel;
    const when = setting("progress");
    if (when === "never") return;
    const delay = when === "always" ? 0 : setting("progressDelay") * 1000;
    this.#timer = setTimeout(() => this.#show(), delay);
  }

  report(message: string | undefined, percentage: number | undefined): void {
    const { title } = this.state;
    this.state = {
      title,
      ...(message ? { message } : {}),
      ...(percentage === undefined ? {} : { percentage }),
    };
    this.#update();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#finish();
  }

  #show(): void {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: this.state.title,
      cancellable: true,
    };
    void vscode.window.withProgress(options, (progress, token) => {
      token.onCancellationRequested(this.#cancel);
      this.#progress = progress;
      this.#update();
      return new Promise<void>((resolve) => (this.#finish = resolve));
    });
  }

  #update(): void {
    const { message = "", percentage } = this.state;
    const increment =
      percentage === undefined ? 0 : Math.max(0, percentage - this.#shownPercentage);
    const text = percentage === undefined ? message : `${message} ${percentage} %`;
    this.#progress?.report({ message: text, increment });
    if (this.#progress) this.#shownPercentage += increment;
  }
}
