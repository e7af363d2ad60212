/** Output that a terminal shows and does not obey: colours pass, other commands to it do not. */

/** Characters of an unfinished escape sequence that are waited for. */
const HELD = 4096;

const ESCAPE = new RegExp(
  [
    "\\x1b\\[([0-?]*[ -/]*)([@-~])", // CSI
    "\\x1b[\\]PX^_][^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)", // clipboard, titles, links
    "\\x1b[ -/]*[0-Z\\\\`-~]", // the rest of the two-character kind
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]", // any other control, a lone escape among them
  ].join("|"),
  "g",
);
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b\x9c\n]*\x1b?|[ -/]*)?$/;

export class Visible {
  #rest = "";

  /** What of the text, cut anywhere, may be shown now. Of a progress line, the carriage return and
   * the erasing of the line's end stay. */
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
