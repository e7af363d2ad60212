/**
 * Output that waits to be shown in a terminal. If it comes faster than the terminal can show it, the
 * oldest waiting output is dropped: the newest is always shown, and memory stays bounded.
 */

/** The most bytes that may wait; beyond that the oldest are dropped. */
const LIMIT = 1 << 20;
/** The bytes that are kept then: more than a terminal's scrollback. */
const KEPT = 1 << 18;

const NEWLINE = 10;

export class Backlog {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #dropped = 0;
  #decoder = new TextDecoder();

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > LIMIT) this.#shorten();
  }

  /** The next text to show, of about `bytes` bytes at most, with a terminal's line ends. */
  take(bytes = Infinity): string {
    let text = "";
    if (this.#dropped) {
      text = `\x1b[0m\n\x1b[2m[… ${sizeText(this.#dropped)} not shown; the stored log is complete]\x1b[0m\n`;
      this.#dropped = 0;
    }
    while (bytes > 0) {
      const piece = this.#pieces.shift();
      if (!piece) break;
      if (piece.length > bytes) this.#pieces.unshift(piece.subarray(bytes));
      const taken = piece.length > bytes ? piece.subarray(0, bytes) : piece;
      this.#size -= taken.length;
      bytes -= taken.length;
      text += this.#decoder.decode(taken, { stream: true });
    }
    return forTerminal(text);
  }

  #shorten(): void {
    while (this.#size > KEPT) {
      const piece = this.#pieces[0];
      if (!piece) break;
      const surplus = Math.min(this.#size - KEPT, piece.length);
      // Continue with a whole line if there is one.
      const end = piece.indexOf(NEWLINE, surplus - 1);
      const cut = end < 0 ? piece.length : end + 1;
      this.#pieces[0] = piece.subarray(cut);
      if (cut === piece.length) this.#pieces.shift();
      this.#size -= cut;
      this.#dropped += cut;
    }
    this.#decoder = new TextDecoder();
  }
}

/** The text with CR LF line ends: in a terminal, a line feed alone does not return to the left. */
export function forTerminal(text: string): string {
  return text.replace(/\r?\n/g, "\r\n");
}

/** A number of bytes as text, as `1.5 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}
