/** Runs a task, or some of its tests, over a connection of its own. */

import type { CancellationToken } from "vscode";
import type { Connection } from "./connection.ts";
import {
  OutputCame,
  Progressed,
  type Run,
  type RunParams,
  type RunResult,
  RunStarted,
  RunTask,
} from "./protocol.ts";

export interface Listener {
  started?(run: Run): void;
  output?(data: Uint8Array): void;
  /** What is being prepared, whenever that is another thing. */
  progress?(message: string): void;
}

/** Returns when the run has ended, a cancelled one too; cancelling the token cancels the run. */
export async function runTask(
  connection: Connection,
  params: RunParams,
  listener: Listener,
  token: CancellationToken,
): Promise<RunResult> {
  const stream = await connection.stream();
  let said = "";
  stream.on(RunStarted, (run) => listener.started?.(run));
  stream.on(OutputCame, ({ data }) => listener.output?.(Buffer.from(data, "base64")));
  stream.on(Progressed, ({ message }) => {
    if (message !== said) listener.progress?.(message);
    said = message;
  });
  try {
    return await stream.request(RunTask, params, token);
  } finally {
    stream.close();
  }
}
