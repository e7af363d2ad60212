"""A disk that has no room."""

from __future__ import annotations

from pathlib import Path


def fill(disk: Path) -> Path:
    """Leave no room; what takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler
