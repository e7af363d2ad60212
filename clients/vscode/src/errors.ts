/** What went wrong, in words for a person: what it is, and what to do. */

import type { Failure } from "./protocol.ts";

interface Coded {
  code?: unknown;
  message?: unknown;
  data?: Failure | null;
}

/** The JSON-RPC code of an error; undefined for any other. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as Coded | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

/** One or two sentences. */
export function inWords(error: unknown): string {
  const { message, data } = (error ?? {}) as Coded;
  const what = typeof message === "string" ? message : String(error);
  return data?.remedy ? `${ending(what)} ${data.remedy}` : what;
}

function ending(sentence: string): string {
  return /[.!?:]$/.test(sentence) ? sentence : `${sentence}.`;
}
