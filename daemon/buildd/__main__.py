"""`python -m buildd`: the daemon. Takes the lock and the socket before it imports anything slow."""

from __future__ import annotations

import sys

from buildd.base.failpoint import LISTENING, passing
from buildd.base.standard_streams import open_closed_streams
from buildd.errors import BuilddError
from buildd.paths import state_dir
from buildd.server.listen import listen


def main() -> int:
    """Become the daemon; 0 at once if there is one already."""
    open_closed_streams()
    try:
        state_dir()
        listening = listen()
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr)
        return 125
    if listening is None:
        return 0
    passing(LISTENING)
    # Clients can connect from here on, and wait; now the imports may take their time.
    from buildd.server.server import serve

    return serve(listening)


if __name__ == "__main__":
    sys.exit(main())
