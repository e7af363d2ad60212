/** A run of the daemon that tells of tests: they appear and change state while it is under way. */

import { setTimeout as pause } from "node:timers/promises";
import type * as vscode from "vscode";
import { inWords } from "./errors.ts";
import { type Test, Tests } from "./protocol.ts";
import type { TestExplorer } from "./testExplorer.ts";
import { TestReport } from "./testReport.ts";

/** Tests are asked for again after a pause of so many times what the asking took: ten thousand of
 * them are some megabytes. */
const PAUSE_FACTOR = 5;
const LONGEST_PAUSE = 5000;

/** A run of a task, by its id. */
export interface Followed {
  project: string;
  task: string;
  id: string;
}

export class Follower {
  readonly followed: Followed;
  readonly #explorer: TestExplorer;
  readonly #begin: () => vscode.TestRun;
  #report: TestReport | undefined;
  #isAsking = false;
  #isWanted = false;
  #hasEnded = false;

  /** What the run tells goes to the one of VS Code's that `begin` gives, which is called once there
   * is something to tell. */
  constructor(explorer: TestExplorer, followed: Followed, begin: () => vscode.TestRun) {
    this.#explorer = explorer;
    this.followed = followed;
    this.#begin = begin;
  }

  /** There may be more to tell. */
  async look(): Promise<void> {
    this.#isWanted = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isWanted && !this.#hasEnded) {
      this.#isWanted = false;
      const began = performance.now();
      this.#show(await this.#ask());
      await pause(Math.min(PAUSE_FACTOR * (performance.now() - began), LONGEST_PAUSE));
    }
    this.#isAsking = false;
  }

  /** The run has ended, and these are its tests, which are in the tree. */
  conclude(tests: Test[]): void {
    this.#hasEnded = true;
    if (tests.length) this.#tell(tests, true);
  }

  /** End the run of VS Code's, where one was begun. */
  end(): void {
    this.#hasEnded = true;
    this.#report?.run.end();
  }

  #show(tests: Test[]): void {
    // It may have ended while these were on their way.
    if (this.#hasEnded || tests.length === 0) return;
    const { project, task } = this.followed;
    this.#explorer.update(project, task, tests, true);
    this.#tell(tests, false);
  }

  #tell(tests: Test[], isLast: boolean): void {
    const { project, task } = this.followed;
    this.#report ??= new TestReport(this.#begin(), (path) =>
      this.#explorer.item(project, task, path),
    );
    this.#report.tell(tests, isLast);
  }

  async #ask(): Promise<Test[]> {
    const { project, task, id } = this.followed;
    try {
      const { tasks } = await this.#explorer.connection.request(Tests, { project, task, run: id });
      return tasks.flatMap((one) => one.tests);
    } catch (error) {
      this.#explorer.log.debug(`tests of ${task}: ${inWords(error)}`);
      return [];
    }
  }
}
