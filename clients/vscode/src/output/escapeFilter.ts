/** Remove terminal escape sequences from untrusted output; only colours stay. */

/** The most characters of an unfinished escape sequence that are held back. */
const HELD = 4096;

const ESCAPE = new RegExp(
  [
    "\\x1b\\[([0-?]*[ -/]*)([@-~])", // CSI
    "\\x1b[\\]PX^_][^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)", // clipboard, titles, links
    "\\x1b[ -/]*[0-Z\\\\`-~]", // the other sequences of two characters
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]", // other control characters, a lone escape too
  ].join("|"),
  "g",
);
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\x9c\n]*\x1b?|[ -/]*)?$/;

export class EscapeFilter {
  #rest = "";

  /** Return what can be shown now of output that comes in pieces, cut anywhere. Colours, carriage
   * returns and "erase to the end of the line" pass, so that progress lines work. */
  feed(text: string): string {
    text = this.#rest + text;
    const tail = text.slice(-HELD);
    this.#rest = UNFINISHED.exec(tail)?.[0] ?? "";
    return text
      .slice(0, text.length - this.#rest.length)
      .replace(ESCAPE, (whole: string, parameters?: string, final?: string) =>
        (final === "m" || final === "K") && !/[^0-9;:]/.test(parameters ?? "") ? whole : "",
      );
  }
}
