"""These helpers are shared by the tests of the configuration."""

from __future__ import annotations

import os
import re

_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Return the parts of a text, by the names in the lines `-- name --` above them."""
    parts = _SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def plant(directory: str, files: dict[str, str]) -> str:
    """Write files with their directories; return the canonical path of `directory`.

    A name that ends with a slash is an empty directory.
    """
    for name, content in files.items():
        path = os.path.join(directory, name)
        os.makedirs(path if name.endswith("/") else os.path.dirname(path), exist_ok=True)
        if not name.endswith("/"):
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(content)
    return os.path.realpath(directory)


def data_files(folder: str, suffix: str) -> list[str]:
    """Return the names, without the suffix, of the data files in a folder beside this module."""
    here = os.path.join(os.path.dirname(__file__), folder)
    return sorted(name.removesuffix(suffix) for name in os.listdir(here) if name.endswith(suffix))


def data(folder: str, name: str) -> str:
    """Return the text of a data file."""
    path = os.path.join(os.path.dirname(__file__), folder, name)
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()
