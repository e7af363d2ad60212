"""Where a project's devcontainer.json files are, without what reads them."""

from __future__ import annotations

import itertools
import os

DEVCONTAINER = "devcontainer.json"

MOST = 50
"""Files in directories of their own that are read."""


def devcontainers(directory: str) -> list[str]:
    """The devcontainer.json files of a project: the main one, then those in directories of their
    own."""
    folder = os.path.join(directory, ".devcontainer")
    main = (
        os.path.join(folder, DEVCONTAINER),
        os.path.join(directory, f".{DEVCONTAINER}"),
    )
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        names = []
    named = (os.path.join(folder, name, DEVCONTAINER) for name in names)
    first = next(filter(os.path.isfile, main), None)
    found = itertools.islice(filter(os.path.isfile, named), MOST)
    return [*([first] if first else []), *found]
