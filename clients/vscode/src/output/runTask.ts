/** Run a task, or some of its tests, on a separate connection. */

import type { CancellationToken } from "vscode";
import type { Connection } from "../daemon/connection.ts";
import {
  OutputCame,
  Progressed,
  type Run,
  type RunParams,
  type RunResult,
  RunStarted,
  RunTask,
} from "../protocol.ts";

export interface Listener {
  started?(run: Run): void;
  output?(data: Uint8Array): void;
  /** Called with what is being prepared, whenever that changes. */
  progress?(message: string): void;
}

/** Run the task; resolves when the run has ended or was cancelled. Cancelling the token cancels the
 * run. */
export async function runTask(
  connection: Connection,
  params: RunParams,
  listener: Listener,
  token: CancellationToken,
): Promise<RunResult> {
  const stream = await connection.stream();
  let lastMessage = "";
  stream.on(RunStarted, (run) => listener.started?.(run));
  stream.on(OutputCame, ({ data }) => listener.output?.(Buffer.from(data, "base64")));
  stream.on(Progressed, ({ message }) => {
    if (message !== lastMessage) listener.progress?.(message);
    lastMessage = message;
  });
  try {
    return await stream.request(RunTask, params, token);
  } finally {
    stream.close();
  }
}
