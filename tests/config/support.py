"""What the tests of the configuration share."""

from __future__ import annotations

import os
import re

_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """The parts of a text, by the names in the lines `-- name --` above them."""
    parts = _SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def plant(directory: str, files: dict[str, str]) -> str:
    """Write files, and the directories that their names ask for; the directory's canonical path."""
    for name, content in files.items():
        path = os.path.join(directory, name)
        os.makedirs(path if name.endswith("/") else os.path.dirname(path), exist_ok=True)
        if not name.endswith("/"):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(content)
    return os.path.realpath(directory)


def data_files(folder: str, suffix: str) -> list[str]:
    """The names, without the suffix, of the data files in a folder beside this module."""
    here = os.path.join(os.path.dirname(__file__), folder)
    return sorted(name.removesuffix(suffix) for name in os.listdir(here) if name.endswith(suffix))


def data(folder: str, name: str) -> str:
    """The text of a data file."""
    path = os.path.join(os.path.dirname(__file__), folder, name)
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()
