/**
 * A separate connection to the daemon's socket for one request that sends notifications. The
 * notifications do not name their request, so that two requests on one connection could not be told
 * apart. It also keeps much output from delaying what the editor waits for.
 */

import { createConnection } from "node:net";
import type { CancellationToken } from "vscode";
import {
  createMessageConnection,
  type MessageConnection,
  SocketMessageReader,
  SocketMessageWriter,
} from "vscode-languageclient/node";
import type { Method, Notification } from "../protocol.ts";

export class Stream {
  readonly #connection: MessageConnection;

  private constructor(connection: MessageConnection) {
    this.#connection = connection;
  }

  /** Connect to the daemon's socket. */
  static open(path: string): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        const connection = createMessageConnection(
          new SocketMessageReader(socket),
          new SocketMessageWriter(socket),
        );
        socket.on("error", () => connection.dispose());
        // Requests that wait for an answer must fail when the daemon has closed the connection.
        socket.on("close", () => connection.dispose());
        connection.listen();
        resolve(new Stream(connection));
      });
    });
  }

  on<Params>({ name }: Notification<Params>, handler: (params: Params) => void): void {
    this.#connection.onNotification(name, handler);
  }

  /** Send a request and return its result; cancelling the token asks the daemon to cancel it. */
  request<Params, Result>(
    { name }: Method<Params, Result>,
    params: Params,
    token?: CancellationToken,
  ): Promise<Result> {
    return token
      ? this.#connection.sendRequest<Result>(name, params, token)
      : this.#connection.sendRequest<Result>(name, params);
  }

  close(): void {
    this.#connection.end();
    this.#connection.dispose();
  }
}
