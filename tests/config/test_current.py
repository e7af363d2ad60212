"""These tests read a configuration while it is being written."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.current import CurrentConfiguration
from buildd.config.load import check
from buildd.errors import ConfigError
from buildd.model import Project

WHOLE = '[environments.build]\nengine = "host"\n'


async def test_a_file_that_changed_while_it_was_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Write the file in two steps, as an editor does that saves in place."""
    file = tmp_path / "buildd.toml"
    file.write_text("")
    readings = []

    def check_while_written(path: str) -> tuple[Project | None, list[ConfigError]]:
        found = check(path)
        readings.append(found)
        if len(readings) == 1:
            file.write_text(WHOLE)
        return found

    monkeypatch.setenv("BUILDD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(load, "check", check_while_written)
    changes = []

    async def changed() -> None:
        changes.append(configuration.errors)

    configuration = CurrentConfiguration(str(tmp_path), changed)
    await configuration.refresh()
    assert readings[0][1]
    assert configuration.project
    assert changes == [[]]
