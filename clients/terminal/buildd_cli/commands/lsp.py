"""`buildd lsp`: an editor's standard input and output, joined to the daemon's socket."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading

from buildd.errors import BuilddError
from buildd_cli.connection import Connection
from buildd_cli.daemon import connect
from buildd_cli.pumps import write_all
from buildd_cli.refusal import refuse_editor

HELP = """
The language server, for editors to start: LSP on standard input and output. It joins the
editor to the daemon, which it starts if there is none; any number of editors share one.

examples:
  nvim: vim.lsp.start({ name = "buildd", cmd = { "buildd", "lsp" }, root_dir = … })
  helix: command = "buildd", args = ["lsp"]

exit status: 0 once either side has ended; 125 where the daemon cannot be started, which the
editor is told in words.
"""

CHUNK = 1 << 20

PARTING = 5.0
"""Seconds that the daemon has for its last words once the editor has closed its side."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    # What LSP clients append by habit.
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Join the two until one of them ends."""
    # A daemon that we started and that ends before us is not to stay a zombie.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        connection = connect()
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr, flush=True)
        refuse_editor(str(error), 0, 1)
        return 125
    join(connection, 0, 1)
    return 0


def join(connection: Connection, source: int, target: int) -> None:
    """Copy bytes both ways; return once the daemon's side has ended."""
    finished = threading.Event()
    threading.Thread(target=_to_editor, args=(connection, target, finished), daemon=True).start()
    threading.Thread(target=_to_daemon, args=(connection, source, finished), daemon=True).start()
    finished.wait()


def _to_editor(connection: Connection, target: int, finished: threading.Event) -> None:
    try:
        # What came together with the answer to our greeting.
        write_all(target, bytes(connection.unread))
        while data := connection.socket.recv(CHUNK):
            write_all(target, data)
    except OSError:
        pass  # one of the two has gone
    finally:
        finished.set()


def _to_daemon(connection: Connection, source: int, finished: threading.Event) -> None:
    try:
        while data := os.read(source, CHUNK):
            connection.socket.sendall(data)
        connection.socket.shutdown(socket.SHUT_WR)
        finished.wait(PARTING)
    except OSError:
        pass  # one of the two has gone
    finally:
        finished.set()
