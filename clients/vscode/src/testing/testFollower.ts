/** Follow a run of the daemon: its tests appear and change state while it is running. */

import { setTimeout as pause } from "node:timers/promises";
import type * as vscode from "vscode";
import { errorText } from "../daemon/errors.ts";
import { type Test, Tests } from "../protocol.ts";
import type { TestExplorer } from "./testExplorer.ts";
import { TestReport } from "./testReport.ts";

/** The pause between two requests is this many times what the last one took: ten thousand tests are
 * several megabytes. */
const PAUSE_FACTOR = 5;
const LONGEST_PAUSE = 5000;

/** The run to follow. */
export interface FollowedRun {
  project: string;
  task: string;
  id: string;
}

export class RunFollower {
  readonly followed: FollowedRun;
  readonly #explorer: TestExplorer;
  readonly #begin: () => vscode.TestRun;
  #report: TestReport | undefined;
  #isRequesting = false;
  #isWanted = false;
  #hasEnded = false;

  /** `begin` creates the test run of VS Code that gets the results; it is called with the first
   * result. */
  constructor(explorer: TestExplorer, followed: FollowedRun, begin: () => vscode.TestRun) {
    this.#explorer = explorer;
    this.followed = followed;
    this.#begin = begin;
  }

  /** Request the tests again, because there may be new results. */
  async update(): Promise<void> {
    this.#isWanted = true;
    if (this.#isRequesting) return;
    this.#isRequesting = true;
    while (this.#isWanted && !this.#hasEnded) {
      this.#isWanted = false;
      const began = performance.now();
      this.#show(await this.#request());
      await pause(Math.min(PAUSE_FACTOR * (performance.now() - began), LONGEST_PAUSE));
    }
    this.#isRequesting = false;
  }

  /** Report the final results; the tests must be in the tree. */
  finish(tests: Test[]): void {
    this.#hasEnded = true;
    if (tests.length) this.#reportTests(tests, true);
  }

  /** End the test run of VS Code if it was created. */
  end(): void {
    this.#hasEnded = true;
    this.#report?.run.end();
  }

  #show(tests: Test[]): void {
    // The run may have ended during the request.
    if (this.#hasEnded || tests.length === 0) return;
    const { project, task } = this.followed;
    this.#explorer.update(project, task, tests, true);
    this.#reportTests(tests, false);
  }

  #reportTests(tests: Test[], isLast: boolean): void {
    const { project, task } = this.followed;
    this.#report ??= new TestReport(this.#begin(), (path) =>
      this.#explorer.item(project, task, path),
    );
    this.#report.report(tests, isLast);
  }

  async #request(): Promise<Test[]> {
    const { project, task, id } = this.followed;
    try {
      const { tasks } = await this.#explorer.connection.request(Tests, { project, task, run: id });
      return tasks.flatMap((known) => known.tests);
    } catch (error) {
      this.#explorer.log.debug(`tests of ${task}: ${errorText(error)}`);
      return [];
    }
  }
}
