/** What a pseudoterminal shows: text of ours at once, a run's output in pieces that it can digest. */

import * as vscode from "vscode";
import { Backlog, forTerminal } from "./backlog.ts";
import { Visible } from "./visible.ts";

/** Milliseconds between two pieces, and bytes in each: what a terminal shows without falling behind. */
const PAUSE = 30;
const PIECE = 1 << 17;

export class Screen implements vscode.Disposable {
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly #backlog = new Backlog();
  readonly #visible = new Visible();
  #timer: NodeJS.Timeout | undefined;
  #atStart = true;

  /** A piece of output. The first after a pause shows at once. */
  output(data: Uint8Array): void {
    this.#backlog.push(data);
    if (!this.#timer) this.#next();
  }

  /** A line of ours, after all output until now. */
  line(text: string): void {
    this.#write(this.#visible.feed(this.#backlog.take()));
    this.#write(`${this.#atStart ? "" : "\r\n"}${forTerminal(text)}\r\n`);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#written.dispose();
  }

  #next(): void {
    this.#timer = undefined;
    if (this.#backlog.isEmpty) return;
    this.#write(this.#visible.feed(this.#backlog.take(PIECE)));
    this.#timer = setTimeout(() => this.#next(), PAUSE);
  }

  #write(text: string): void {
    if (!text) return;
    this.#atStart = text.endsWith("\n");
    this.#written.fire(text);
  }
}

const bold = (text: string): string => `\x1b[1m${text}\x1b[0m`;
const dim = (text: string): string => `\x1b[2m${text}\x1b[0m`;
const red = (text: string): string => `\x1b[31m${text}\x1b[0m`;
const green = (text: string): string => `\x1b[32m${text}\x1b[0m`;

export const style = { bold, dim, red, green };

/** Text of others inside a line of ours: without control characters. */
export function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ");
}
