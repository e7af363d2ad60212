/**
 * A run's output on its way to a terminal. What comes faster than the terminal can show it is left
 * out from the middle, so that what is shown is always the newest, and memory stays bounded.
 */

/** Bytes that may wait; beyond it the oldest go. */
const LIMIT = 1 << 20;
/** What stays of them then: more than a terminal remembers. */
const KEPT = 1 << 18;

const NEWLINE = 10;

export class Backlog {
  #pieces: Uint8Array[] = [];
  #size = 0;
  #left = 0;
  #decoder = new TextDecoder();

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > LIMIT) this.#shorten();
  }

  /** The next text to show, of at most about `bytes` bytes; lines end as terminals want it. */
  take(bytes = Infinity): string {
    let text = "";
    if (this.#left) {
      text = `\x1b[0m\n\x1b[2m[… ${inSize(this.#left)} left out here; the stored log has it all]\x1b[0m\n`;
      this.#left = 0;
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
      // The rest begins with a whole line, if it has one.
      const end = piece.indexOf(NEWLINE, surplus - 1);
      const cut = end < 0 ? piece.length : end + 1;
      this.#pieces[0] = piece.subarray(cut);
      if (cut === piece.length) this.#pieces.shift();
      this.#size -= cut;
      this.#left += cut;
    }
    this.#decoder = new TextDecoder();
  }
}

/** A lone line feed would only lead down, not back. */
export function forTerminal(text: string): string {
  return text.replace(/\r?\n/g, "\r\n");
}

/** `1.5 MB`. */
export function inSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}
