/** The Test Explorer: a tree from what the daemon knows of tests, and runs of all or some of them. */

import * as vscode from "vscode";
import type { Connection } from "./connection.ts";
import type { Consent } from "./consent.ts";
import { inWords } from "./errors.ts";
import { type Projects, shortName } from "./projects.ts";
import { type ProjectStatus, type Run, type TaskStatus, type Test, Tests } from "./protocol.ts";
import { type Followed, Follower } from "./testFollower.ts";
import { runTests } from "./testRun.ts";
import { grow, type Node, place, soundsLikeTests } from "./testTree.ts";

/** What an item of the tree stands for. */
export interface Meaning {
  project: string;
  task: string;
  /** The parts of the test's or suite's path; empty for the whole task. */
  path: string[];
  isTest: boolean;
}

export class TestExplorer implements vscode.Disposable {
  readonly connection: Connection;
  readonly consent: Consent;
  readonly controller: vscode.TestController;
  readonly #projects: Projects;
  readonly log: vscode.LogOutputChannel;
  readonly #meanings = new WeakMap<vscode.TestItem, Meaning>();
  /** The newest runs of each task that the tree knows of. */
  readonly #seen = new Map<string, string>();
  /** Runs under way, by id. */
  readonly #followers = new Map<string, Follower>();
  /** Those among them, and ended ones, that were started here and are reported there. */
  readonly #ours = new Set<string>();
  readonly #listeners: vscode.Disposable[];

  constructor(
    connection: Connection,
    projects: Projects,
    consent: Consent,
    log: vscode.LogOutputChannel,
  ) {
    this.connection = connection;
    this.consent = consent;
    this.#projects = projects;
    this.log = log;
    this.controller = vscode.tests.createTestController("buildd", "buildd");
    this.controller.refreshHandler = () => this.#rebuild();
    this.controller.createRunProfile(
      "Run",
      vscode.TestRunProfileKind.Run,
      (request, token) => runTests(this, request, token),
      true,
    );
    this.#listeners = [
      projects.onDidChange((project) => {
        if (project) void this.#look(project);
        else this.#prune();
      }),
      connection.onDidChange((state) => {
        if (state !== "running") this.#leave(() => true);
      }),
    ];
    void this.#rebuild();
  }

  meaning(item: vscode.TestItem): Meaning | undefined {
    return this.#meanings.get(item);
  }

  /** Run one test: a code lens'. */
  async runOne(task: string, file: string, path: string[]): Promise<void> {
    const project = this.#projects.of(vscode.Uri.file(file));
    const item = project && this.item(project.path, task, path);
    if (!item) throw new Error(`no test ${path.join(" / ")} is known here`);
    const source = new vscode.CancellationTokenSource();
    await runTests(this, new vscode.TestRunRequest([item]), source.token);
  }

  /** The item of a test or suite, if it is in the tree. */
  item(project: string, task: string, path: string[]): vscode.TestItem | undefined {
    let item = this.#root(project)?.get(task);
    for (const name of path) item = item?.children.get(name);
    return item;
  }

  /** Report what this run tells, which was started here, in that one of VS Code's. */
  follow(followed: Followed, run: vscode.TestRun): Follower {
    const follower = new Follower(this, followed, () => run);
    this.#ours.add(followed.id);
    this.#followers.get(followed.id)?.end();
    this.#followers.set(followed.id, follower);
    void follower.look();
    return follower;
  }

  /** What was to be told of a run that `follow` was given has been. */
  unfollow({ followed: { id } }: Follower): void {
    this.#followers.delete(id);
  }

  /** Have the tree show these tests of a task. Those that are no more go, unless only `some` ran. */
  update(project: string, task: string, tests: Test[], some = false): void {
    const top = this.#taskItem(project, task);
    this.#fill(top, { project, task, path: [], isTest: false }, grow(tests), some);
  }

  dispose(): void {
    for (const one of this.#listeners) one.dispose();
    this.#leave(() => true);
    this.controller.dispose();
  }

  async #rebuild(): Promise<void> {
    this.#seen.clear();
    for (const project of this.#projects.all) await this.#look(project);
  }

  /** Take in what is new of a project's tests. */
  async #look(project: ProjectStatus): Promise<void> {
    for (const task of project.tasks ?? []) {
      if (soundsLikeTests(task.name)) this.#taskItem(project.path, task.name);
      const key = `${project.path}\0${task.name}`;
      const last = task.last?.id ?? "";
      const tested = task.tested ?? "";
      const newest = `${last} ${tested}`;
      if (this.#seen.get(key) !== newest) {
        const first = !this.#seen.has(key);
        this.#seen.set(key, newest);
        const isOurs = this.#ours.delete(last) || this.#ours.delete(tested);
        if (!isOurs) await this.#take(project, task, first);
      }
      if (task.current?.state === "running") this.#notice(project.path, task, task.current);
    }
    for (const follower of this.#followers.values())
      if (follower.followed.project === project.path) void follower.look();
    this.#prune();
  }

  /** A task runs; if nobody here has started it, it is followed all the same. */
  #notice(project: string, task: TaskStatus, { id, trigger }: Run): void {
    if (this.#followers.has(id) || this.#ours.has(id)) return;
    this.#leave(({ followed }) => followed.project === project && followed.task === task.name);
    const begin = (): vscode.TestRun => this.#begin(`${task.name} (${trigger})`);
    const follower = new Follower(this, { project, task: task.name, id }, begin);
    this.#followers.set(id, follower);
  }

  /** Nothing more is to be heard of these runs that others had started. */
  #leave(which: (follower: Follower) => boolean): void {
    for (const [id, follower] of this.#followers) {
      if (this.#ours.has(id) || !which(follower)) continue;
      follower.end();
      this.#followers.delete(id);
    }
  }

  #begin(name: string): vscode.TestRun {
    return this.controller.createTestRun(new vscode.TestRunRequest(), name, false);
  }

  /** Take in what is known of a task's tests, its last run having ended. */
  async #take(project: ProjectStatus, task: TaskStatus, first: boolean): Promise<void> {
    let tests: Test[];
    try {
      const params = { project: project.path, task: task.name };
      const known = await this.connection.request(Tests, params);
      tests = known.tasks.flatMap((one) => one.tests);
    } catch (error) {
      this.log.debug(`tests of ${task.name}: ${inWords(error)}`);
      return;
    }
    if (tests.length) this.update(project.path, task.name, tests);
    const id = task.last?.id ?? "";
    const how = task.tested === id ? ` (${task.last?.trigger ?? ""})` : "";
    const name = first ? "as last known" : `${task.name}${how}`;
    const followed = { project: project.path, task: task.name, id };
    const follower =
      this.#followers.get(id) ?? new Follower(this, followed, () => this.#begin(name));
    follower.conclude(tests);
    follower.end();
    this.#followers.delete(id);
  }

  /** Where a project's tasks are: at the top, or below the project where there are several. */
  #root(project: string): vscode.TestItemCollection | undefined {
    if (this.#projects.all.length < 2) return this.controller.items;
    return this.controller.items.get(project)?.children;
  }

  #taskItem(project: string, task: string): vscode.TestItem {
    const { controller } = this;
    let items = controller.items;
    if (this.#projects.all.length > 1) {
      let parent = items.get(project);
      if (!parent) {
        parent = controller.createTestItem(project, shortName(project), vscode.Uri.file(project));
        items.add(parent);
      }
      items = parent.children;
    }
    let item = items.get(task);
    if (!item) {
      item = controller.createTestItem(task, task);
      items.add(item);
      this.#meanings.set(item, { project, task, path: [], isTest: false });
    }
    return item;
  }

  #fill(item: vscode.TestItem, meaning: Meaning, node: Node, some: boolean): void {
    const kept: vscode.TestItem[] = [];
    if (some) item.children.forEach((child) => kept.push(child));
    for (const child of node.children.values()) {
      const { file, line } = place(child);
      const uri = file ? vscode.Uri.file(file) : undefined;
      let made = item.children.get(child.name);
      // The place of an item is given once and for all.
      if (made && uri && made.uri?.fsPath !== uri.fsPath) made = undefined;
      if (!made || !kept.includes(made)) {
        made ??= this.controller.createTestItem(child.name, child.name, uri);
        kept.push(made);
      }
      made.range = line ? new vscode.Range(line - 1, 0, line - 1, 0) : undefined;
      const inner = {
        ...meaning,
        path: [...meaning.path, child.name],
        isTest: Boolean(child.test),
      };
      this.#meanings.set(made, inner);
      this.#fill(made, inner, child, some);
    }
    item.children.replace(kept);
  }

  /** Projects and tasks that are no more leave the tree. */
  #prune(): void {
    const { items } = this.controller;
    const several = this.#projects.all.length > 1;
    const known = new Set(
      this.#projects.all.flatMap((one) =>
        several ? one.path : (one.tasks ?? []).map(({ name }) => name),
      ),
    );
    const gone: string[] = [];
    items.forEach((item) => {
      if (!known.has(item.id)) gone.push(item.id);
    });
    for (const id of gone) items.delete(id);
    if (gone.length) this.#seen.clear();
  }
}
