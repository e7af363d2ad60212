/** Split TOML text into tokens, for colours. Pure. */

export const KINDS = ["comment", "namespace", "property", "string", "number", "keyword"] as const;

export interface Token {
  line: number;
  start: number;
  length: number;
  kind: (typeof KINDS)[number];
}

const HEADER = /^(\s*\[\[?\s*)([^\]#]+?)\s*\]/;
const KEY =
  /^(\s*(?:[{,]\s*)?)((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)(?=\s*=)/;
const WORD =
  /#.*|"""|'''|"(?:[^"\\]|\\.)*"?|'[^']*'?|\b(?:true|false|inf|nan)\b|[+-]?\b\d[\w:.+-]*|[\w-]+(?=\s*=)/g;

/** The tokens in the order of the text; each lies within one line. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  /** The quotes of an open multi-line string. */
  let open = "";
  text.split(/\r?\n/).forEach((content, line) => {
    const add = (start: number, length: number, kind: Token["kind"]): void => {
      if (length) found.push({ line, start, length, kind });
    };
    let from = 0;
    if (open) {
      const end = content.indexOf(open);
      from = end < 0 ? content.length : end + open.length;
      add(0, from, "string");
      if (end < 0) return;
      open = "";
    } else {
      const header = HEADER.exec(content);
      const head = header ?? KEY.exec(content);
      if (head) {
        const [, before = "", name = ""] = head;
        add(before.length, name.length, header ? "namespace" : "property");
        from = before.length + name.length;
      }
    }
    WORD.lastIndex = from;
    for (let match = WORD.exec(content); match; match = WORD.exec(content)) {
      const [word] = match;
      if (word === '"""' || word === "'''") {
        const end = content.indexOf(word, match.index + 3);
        const stop = end < 0 ? content.length : end + 3;
        add(match.index, stop - match.index, "string");
        if (end < 0) {
          open = word;
          return;
        }
        WORD.lastIndex = stop;
      } else {
        add(match.index, word.length, kindOf(word));
      }
    }
  });
  return found;
}

function kindOf(word: string): Token["kind"] {
  if (word.startsWith("#")) return "comment";
  if (/^["']/.test(word)) return "string";
  if (/^(true|false|inf|nan)$/.test(word)) return "keyword";
  return /^[+-]?\d/.test(word) ? "number" : "property";
}
