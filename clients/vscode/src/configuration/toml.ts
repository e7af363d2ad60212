/** Propose what can be written at a position in `buildd.toml`, from its JSON Schema. Pure. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
}

export interface Proposal {
  label: string;
  /** The text to insert; `$0` and `${1:…}` as in VS Code's snippets. */
  insert: string;
  kind: "table" | "key" | "value";
  description: string;
}

/** The context of a position: inside `[`, at a key, or at a value. */
interface Context {
  at: "header" | "key" | "value";
  /** The path of the table, and for a value its key too. */
  path: string[];
  /** Whether the position is in a string: values are then proposed without quotes. */
  isInString: boolean;
  /** The keys that the table already has. */
  present: Set<string>;
}

/** Proposals for the position between `before` and `after`. */
export function propose(schema: Schema, before: string, after = ""): Proposal[] {
  const context = contextAt(before, after);
  if (!context) return [];
  if (context.at === "header") return headers(schema);
  const found = walk(schema, schema, context.path);
  if (!found) return [];
  return context.at === "key"
    ? keys(schema, found, context.present)
    : values(schema, found, context);
}

/** The description of the key or table at a line and a column, both 0-based. */
export function describe(schema: Schema, text: string, line: number, column: number): string {
  const lines = text.split("\n");
  const content = lines[line] ?? "";
  const header = HEADER.exec(content);
  if (header) {
    return walk(schema, schema, split(header[1] ?? ""))?.description ?? "";
  }
  const key = KEY.exec(content);
  if (!key || column > key[0].length) return "";
  const table = headerAbove(lines.slice(0, line));
  return walk(schema, schema, [...table, ...split(key[1] ?? "")])?.description ?? "";
}

const HEADER = /^\s*\[\[?([^\]#]*)\]/;
const KEY = /^\s*([\w.\-"']+)\s*=/;

function contextAt(before: string, after: string): Context | undefined {
  const lines = before.split("\n");
  const line = lines.pop() ?? "";
  if (isComment(line)) return undefined;
  if (/^\s*\[[^\]]*$/.test(line)) {
    return { at: "header", path: [], isInString: false, present: new Set() };
  }
  const table = headerAbove(lines);
  const key = KEY.exec(line);
  if (key) {
    const value = line.slice(key[0].length);
    const isInString = (value.match(/"/g) ?? []).length % 2 === 1;
    // There is a value already.
    if (!isInString && /^\s*[^\s#\]},]/.test(after.split("\n")[0] ?? "")) return undefined;
    return {
      at: "value",
      path: [...table, ...split(key[1] ?? "")],
      isInString,
      present: new Set(),
    };
  }
  if (!/^\s*[\w-]*$/.test(line)) return undefined;
  return { at: "key", path: table, isInString: false, present: keysAround(lines, after) };
}

function isComment(line: string): boolean {
  return /^\s*#/.test(line);
}

function headerAbove(lines: string[]): string[] {
  for (const line of [...lines].reverse()) {
    const header = HEADER.exec(line);
    if (header) return split(header[1] ?? "");
  }
  return [];
}

/** The keys of the table around the position. */
function keysAround(lines: string[], after: string): Set<string> {
  const start = lines.findLastIndex((line) => HEADER.test(line)) + 1;
  const rest = after.split("\n").slice(1);
  const next = rest.findIndex((line) => HEADER.test(line));
  const body = [...lines.slice(start), ...(next < 0 ? rest : rest.slice(0, next))];
  return new Set(body.flatMap((line) => KEY.exec(line)?.[1] ?? []));
}

function split(path: string): string[] {
  return path
    .split(".")
    .map((part) => part.trim().replace(/^["']|["']$/g, ""))
    .filter(Boolean);
}

function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  const target = name === undefined ? undefined : root.$defs?.[name];
  return target
    ? {
        ...resolve(root, target),
        ...schema,
        description: schema.description ?? target.description ?? "",
      }
    : schema;
}

function walk(root: Schema, from: Schema, path: string[]): Schema | undefined {
  const schema = resolve(root, from);
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  const more = schema.additionalProperties;
  const inner = schema.properties?.[name] ?? (typeof more === "object" ? more : schema.items);
  return inner && walk(root, inner, rest);
}

function headers(root: Schema): Proposal[] {
  const tables = resolve(root, root).properties ?? {};
  return Object.entries(tables)
    .filter(([, schema]) => resolve(root, schema).additionalProperties)
    .map(([name, schema]) => ({
      label: `${name}.…`,
      insert: `${name}.\${1:build}`,
      kind: "table",
      description: schema.description ?? "",
    }));
}

function keys(root: Schema, table: Schema, present: Set<string>): Proposal[] {
  return Object.entries(table.properties ?? {})
    .filter(([name]) => !present.has(name))
    .map(([name, schema]) => ({
      label: name,
      insert: `${name} = ${skeleton(resolve(root, schema))}`,
      kind: "key",
      description: schema.description ?? "",
    }));
}

/** An empty value of the schema's type, with the cursor inside it. */
function skeleton(schema: Schema): string {
  const [first] = schema.anyOf ?? [];
  if (schema.enum) return '"$0"';
  switch (schema.type ?? first?.type) {
    case "string":
      return '"$0"';
    case "array":
      return '["$0"]';
    case "object":
      return "{ $0 }";
    default:
      return "$0";
  }
}

function values(root: Schema, schema: Schema, context: Context): Proposal[] {
  const item = schema.type === "array" && schema.items ? resolve(root, schema.items) : schema;
  const options = [item, ...(item.anyOf ?? [])].flatMap((option) => [
    ...(option.enum ?? option.examples ?? []),
    ...(option.type === "boolean" ? [true, false] : []),
  ]);
  return options
    .filter((value) => typeof value === "string" || !context.isInString)
    .map((value) => ({
      label: String(value),
      insert: typeof value === "string" && !context.isInString ? `"${value}"` : String(value),
      kind: "value",
      description: schema.description ?? "",
    }));
}
