"""This module lists a project's devcontainer.json files, without the import of their reader."""

from __future__ import annotations

import os

DEVCONTAINER = "devcontainer.json"


def devcontainers(directory: str) -> list[str]:
    """Return the project's devcontainer.json files: the main one, then `.devcontainer/NAME/…`."""
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
    return [*([first] if first else []), *filter(os.path.isfile, named)]
