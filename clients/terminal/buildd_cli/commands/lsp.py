"""`buildd lsp`: the language server, for editors to start."""

from __future__ import annotations

import argparse
import sys

from buildd.errors import BuilddError
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.lsp.bridge import Bridge
from buildd_cli.lsp.startup_error import report_startup_error

HELP = """
Run the language server on standard input and output, for editors.

You do not run this yourself: tell your editor to start it. It connects the editor to the daemon,
and starts the daemon if there is none; all editors share one daemon. When the daemon ends, for
example after an update, it reconnects by itself, and the editor need not be restarted.

examples:
  nvim: vim.lsp.start({ name = "buildd", cmd = { "buildd", "lsp" }, root_dir = … })
  helix: command = "buildd", args = ["lsp"]

exit status: 0 when the editor has left; 125 if the daemon cannot be started. The editor shows why.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    # Many LSP clients append these.
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Connect editor and daemon until the editor has left."""
    try:
        connection = connect()
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr, flush=True)
        report_startup_error(str(error), 0, 1)
        return 125
    Bridge(0, 1).run(connection)
    return 0
