/** Errors as text for the user: what is wrong, and what to do about it. */

import type { Failure } from "../protocol.ts";

interface ErrorLike {
  code?: unknown;
  message?: unknown;
  data?: Failure | null;
}

/** The JSON-RPC code of an error; undefined for any other. */
export function errorCode(error: unknown): number | undefined {
  const code = (error as ErrorLike | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

/** The error's message, followed by the remedy if the daemon gave one. */
export function errorText(error: unknown): string {
  const { message, data } = (error ?? {}) as ErrorLike;
  const what = typeof message === "string" ? message : String(error);
  return data?.remedy ? `${withPeriod(what)} ${data.remedy}` : what;
}

function withPeriod(sentence: string): string {
  return /[.!?:]$/.test(sentence) ? sentence : `${sentence}.`;
}
