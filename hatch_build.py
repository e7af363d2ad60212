"""Puts the manual page, which is made from the commands' own help, into the wheel."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPage(BuildHookInterface):
    """Adds share/man/man1/buildd.1 to the wheel, written from the help of the commands."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page before the wheel is built."""
        sys.path[:0] = [f"{self.root}/daemon", f"{self.root}/clients/terminal"]
        from buildd_cli.manual import page

        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, "buildd.1")
        path.write_text(page(), "utf-8")
        build_data["shared_data"][str(path)] = "share/man/man1/buildd.1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the page after the wheel was built."""
        self._folder.cleanup()
