/** Write to a pseudoterminal: our own lines at once, a run's output in pieces of bounded size. */

import * as vscode from "vscode";
import { Backlog, forTerminal } from "./backlog.ts";
import { EscapeFilter } from "./escapeFilter.ts";

/** Milliseconds between two pieces, and bytes in each: a terminal can show that much in time. */
const PAUSE = 30;
const PIECE = 1 << 17;

export class TerminalWriter implements vscode.Disposable {
  readonly #written = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly #backlog = new Backlog();
  readonly #filter = new EscapeFilter();
  #timer: NodeJS.Timeout | undefined;
  #atStart = true;

  /** Show a piece of output. The first piece after a pause is shown at once. */
  output(data: Uint8Array): void {
    this.#backlog.push(data);
    if (!this.#timer) this.#next();
  }

  /** Show a line of our own, after all output so far. */
  line(text: string): void {
    this.#write(this.#filter.feed(this.#backlog.take()));
    this.#write(`${this.#atStart ? "" : "\r\n"}${forTerminal(text)}\r\n`);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#written.dispose();
  }

  #next(): void {
    this.#timer = undefined;
    if (this.#backlog.isEmpty) return;
    this.#write(this.#filter.feed(this.#backlog.take(PIECE)));
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

/** The text without control characters, for use inside one of our own lines. */
export function plain(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ");
}
