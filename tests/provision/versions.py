"""Says whether all that is released is of one version: `python versions.py 1.2.3`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLACES = {
    "daemon/buildd/__init__.py": r'^__version__ = "(.*)"$',
    "clients/vscode/package.json": r'^  "version": "(.*)",$',
    "clients/vscode/package-lock.json": r'^  "version": "(.*)",$',
    "clients/editors/zed/extension.toml": r'^version = "(.*)"$',
}
"""The files that tell the version, and the line in each."""


def versions(root: Path = ROOT) -> dict[str, str]:
    """Return the version that each file tells, or an empty text."""
    found = {}
    for name, pattern in PLACES.items():
        match = re.search(pattern, (root / name).read_text("utf-8"), re.MULTILINE)
        found[name] = match[1] if match else ""
    return found


def main(wanted: str) -> int:
    """0 if all are `wanted` and the changelog has a section for it, else 1."""
    wrong = {name: version for name, version in versions().items() if version != wanted}
    for name, version in wrong.items():
        print(f"{name} says {version or 'nothing'}, not {wanted}")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## \[?{re.escape(wanted)}\]?", changes, re.MULTILINE):
        print(f"CHANGELOG.md has no section for {wanted}")
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
