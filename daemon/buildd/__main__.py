"""`python -m buildd` starts the daemon, which binds its socket before it imports anything slow."""

from __future__ import annotations

import sys

from buildd.base.failpoint import LISTENING, hit_failpoint
from buildd.base.standard_streams import open_closed_streams
from buildd.errors import BuilddError
from buildd.paths import state_dir
from buildd.server.listen import listen


def main() -> int:
    """Run the daemon, and return its exit status; 0 at once if a daemon is running already."""
    open_closed_streams()
    try:
        state_dir()
        listening = listen()
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr)
        return 125
    if listening is None:
        return 0
    hit_failpoint(LISTENING)
    # From here on clients can connect and wait, so the slow imports delay nobody's connection.
    from buildd.server.server import serve

    return serve(listening)


if __name__ == "__main__":
    sys.exit(main())
