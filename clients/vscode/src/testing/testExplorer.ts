/** The Test Explorer: a tree of the tests that the daemon knows, and runs of all or some of them. */

import * as vscode from "vscode";
import type { Connection } from "../daemon/connection.ts";
import type { Consent } from "../projects/consent.ts";
import { errorText } from "../daemon/errors.ts";
import { type Projects, shortName } from "../projects/projects.ts";
import { type ProjectStatus, type Run, type TaskStatus, type Test, Tests } from "../protocol.ts";
import { type FollowedRun, RunFollower } from "./testFollower.ts";
import { runTests } from "./testRun.ts";
import { buildTree, type Node, locationOf, looksLikeTests } from "./testTree.ts";

/** What an item of the tree represents. */
export interface ItemData {
  project: string;
  task: string;
  /** The path of the test or suite; empty for the whole task. */
  path: string[];
  isTest: boolean;
}

export class TestExplorer implements vscode.Disposable {
  readonly connection: Connection;
  readonly consent: Consent;
  readonly controller: vscode.TestController;
  readonly #projects: Projects;
  readonly log: vscode.LogOutputChannel;
  readonly #data = new WeakMap<vscode.TestItem, ItemData>();
  /** The newest runs that the tree shows, by project and task. */
  readonly #seen = new Map<string, string>();
  /** The runs in progress, by id. */
  readonly #followers = new Map<string, RunFollower>();
  /** Ids of runs that were started here; the code that started them reports them. */
  readonly #startedHere = new Set<string>();
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
        if (project) void this.#updateProject(project);
        else this.#prune();
      }),
      connection.onDidChange((state) => {
        if (state !== "running") this.#endFollowers(() => true);
      }),
    ];
    void this.#rebuild();
  }

  dataOf(item: vscode.TestItem): ItemData | undefined {
    return this.#data.get(item);
  }

  /** Run one test, for a code lens. */
  async runOne(task: string, file: string, path: string[]): Promise<void> {
    const project = this.#projects.of(vscode.Uri.file(file));
    const item = project && this.item(project.path, task, path);
    if (!item) throw new Error(`the test ${path.join(" / ")} is not known. Run all tests first.`);
    const source = new vscode.CancellationTokenSource();
    await runTests(this, new vscode.TestRunRequest([item]), source.token);
  }

  /** The item of a test or suite, if it is in the tree. */
  item(project: string, task: string, path: string[]): vscode.TestItem | undefined {
    let item = this.#root(project)?.get(task);
    for (const name of path) item = item?.children.get(name);
    return item;
  }

  /** Report a run that was started here to a test run of VS Code. */
  follow(followed: FollowedRun, run: vscode.TestRun): RunFollower {
    const follower = new RunFollower(this, followed, () => run);
    this.#startedHere.add(followed.id);
    this.#followers.get(followed.id)?.end();
    this.#followers.set(followed.id, follower);
    void follower.update();
    return follower;
  }

  /** Stop following a run that was given to `follow`. */
  unfollow({ followed: { id } }: RunFollower): void {
    this.#followers.delete(id);
  }

  /** Show these tests of a task in the tree. Other tests are removed, unless only `some` were run. */
  update(project: string, task: string, tests: Test[], some = false): void {
    const top = this.#taskItem(project, task);
    this.#fill(top, { project, task, path: [], isTest: false }, buildTree(tests), some);
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    this.#endFollowers(() => true);
    this.controller.dispose();
  }

  async #rebuild(): Promise<void> {
    this.#seen.clear();
    for (const project of this.#projects.all) await this.#updateProject(project);
  }

  /** Update the tests of a project that has changed. */
  async #updateProject(project: ProjectStatus): Promise<void> {
    for (const task of project.tasks ?? []) {
      if (looksLikeTests(task.name)) this.#taskItem(project.path, task.name);
      const key = `${project.path}\0${task.name}`;
      const last = task.last?.id ?? "";
      const tested = task.tested ?? "";
      const newest = `${last} ${tested}`;
      if (this.#seen.get(key) !== newest) {
        const first = !this.#seen.has(key);
        this.#seen.set(key, newest);
        const isFromHere = this.#startedHere.delete(last) || this.#startedHere.delete(tested);
        if (!isFromHere) await this.#load(project, task, first);
      }
      if (task.current?.state === "running") this.#followRunning(project.path, task, task.current);
    }
    for (const follower of this.#followers.values())
      if (follower.followed.project === project.path) void follower.update();
    this.#prune();
  }

  /** Follow a run that another client has started. */
  #followRunning(project: string, task: TaskStatus, { id, trigger }: Run): void {
    if (this.#followers.has(id) || this.#startedHere.has(id)) return;
    this.#endFollowers(
      ({ followed }) => followed.project === project && followed.task === task.name,
    );
    const begin = (): vscode.TestRun => this.#begin(`${task.name} (${trigger})`);
    const follower = new RunFollower(this, { project, task: task.name, id }, begin);
    this.#followers.set(id, follower);
  }

  /** Stop following the selected runs of other clients. */
  #endFollowers(which: (follower: RunFollower) => boolean): void {
    for (const [id, follower] of this.#followers) {
      if (this.#startedHere.has(id) || !which(follower)) continue;
      follower.end();
      this.#followers.delete(id);
    }
  }

  #begin(name: string): vscode.TestRun {
    return this.controller.createTestRun(new vscode.TestRunRequest(), name, false);
  }

  /** Load the tests of a task whose last run has ended. */
  async #load(project: ProjectStatus, task: TaskStatus, first: boolean): Promise<void> {
    let tests: Test[];
    try {
      const params = { project: project.path, task: task.name };
      const known = await this.connection.request(Tests, params);
      tests = known.tasks.flatMap((known) => known.tests);
    } catch (error) {
      this.log.debug(`tests of ${task.name}: ${errorText(error)}`);
      return;
    }
    if (tests.length) this.update(project.path, task.name, tests);
    const id = task.last?.id ?? "";
    const how = task.tested === id ? ` (${task.last?.trigger ?? ""})` : "";
    const name = first ? "last known results" : `${task.name}${how}`;
    const followed = { project: project.path, task: task.name, id };
    const follower =
      this.#followers.get(id) ?? new RunFollower(this, followed, () => this.#begin(name));
    follower.finish(tests);
    follower.end();
    this.#followers.delete(id);
  }

  /** The items of a project's tasks: at the top, or below the project if there are several. */
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
      this.#data.set(item, { project, task, path: [], isTest: false });
    }
    return item;
  }

  #fill(item: vscode.TestItem, data: ItemData, node: Node, some: boolean): void {
    const kept: vscode.TestItem[] = [];
    if (some) item.children.forEach((child) => kept.push(child));
    for (const child of node.children.values()) {
      const { file, line } = locationOf(child);
      const uri = file ? vscode.Uri.file(file) : undefined;
      let made = item.children.get(child.name);
      // The file of an item cannot be changed: create a new item.
      if (made && uri && made.uri?.fsPath !== uri.fsPath) made = undefined;
      if (!made || !kept.includes(made)) {
        made ??= this.controller.createTestItem(child.name, child.name, uri);
        kept.push(made);
      }
      made.range = line ? new vscode.Range(line - 1, 0, line - 1, 0) : undefined;
      const inner = {
        ...data,
        path: [...data.path, child.name],
        isTest: Boolean(child.test),
      };
      this.#data.set(made, inner);
      this.#fill(made, inner, child, some);
    }
    item.children.replace(kept);
  }

  /** Remove projects and tasks that no longer exist. */
  #prune(): void {
    const { items } = this.controller;
    const several = this.#projects.all.length > 1;
    const known = new Set(
      this.#projects.all.flatMap((project) =>
        several ? project.path : (project.tasks ?? []).map(({ name }) => name),
      ),
    );
    const removed: string[] = [];
    items.forEach((item) => {
      if (!known.has(item.id)) removed.push(item.id);
    });
    for (const id of removed) items.delete(id);
    if (removed.length) this.#seen.clear();
  }
}
