"""`buildd lsp`: an editor's standard input and output, joined to the daemon."""

from __future__ import annotations

import argparse
import sys

from buildd.errors import BuilddError
from buildd_cli.bridge import Bridge
from buildd_cli.daemon import connect
from buildd_cli.refusal import refuse_editor

HELP = """
The language server, for editors to start: LSP on standard input and output. It joins the
editor to the daemon, which it starts if there is none; any number of editors share one. When the
daemon ends (it was replaced by a newer one, killed, or stopped), the editor is joined to the next
and told again what that knows; it need not be restarted.

examples:
  nvim: vim.lsp.start({ name = "buildd", cmd = { "buildd", "lsp" }, root_dir = … })
  helix: command = "buildd", args = ["lsp"]

exit status: 0 once the editor has left; 125 where the daemon cannot be started, which the
editor is told in words.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    # What LSP clients append by habit.
    parser.add_argument("--stdio", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Join the two until the editor has left."""
    try:
        connection = connect()
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr, flush=True)
        refuse_editor(str(error), 0, 1)
        return 125
    Bridge(0, 1).run(connection)
    return 0
