"""These tests say when a configuration is read again: while it is written, and after changes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from buildd.config import load, user_config
from buildd.config.current import CurrentConfiguration
from buildd.config.load import check
from buildd.config.trust import consent
from buildd.errors import ConfigError
from buildd.model import Project
from tests.support.daemon import settle

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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose Dockerfile counts; the state and the user's own file are apart from it."""
    for variable, name in (("BUILDD_STATE_DIR", "state"), ("BUILDD_CONFIG_DIR", "own")):
        (tmp_path / name).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(tmp_path / name))
    path = tmp_path / "project"
    path.mkdir()
    (path / "buildd.toml").write_text('[environments.build]\ndockerfile = "Dockerfile"\n')
    (path / "Dockerfile").write_text("FROM debian\n")
    return path


async def nothing() -> None:
    """What is told of a change, where nobody waits for it."""


def rewrite_with_the_same_times(file: Path, text: str) -> None:
    """Write in place as much as there is, and set back all times that can be set."""
    before = file.stat()
    with file.open("r+") as opened:
        opened.write(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = file.stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)
    assert before.st_mtime_ns == after.st_mtime_ns


async def test_a_file_that_was_rewritten_with_its_size_and_times_is_not_trusted(
    project: Path,
) -> None:
    configuration = CurrentConfiguration(str(project), nothing)
    await configuration.refresh()
    read = configuration.valid()
    consent.grant(read, consent.digest(read))
    settle(str(project / "Dockerfile"), consent.record_path())
    await configuration.refresh()
    assert configuration.trusted
    rewrite_with_the_same_times(project / "Dockerfile", "FROM evil!!\n")
    await configuration.refresh()
    assert not configuration.trusted


async def test_a_file_that_is_written_again_in_the_same_moment_is_read_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that stands still, as it does for some milliseconds in the kernel."""
    file = project / "Dockerfile"
    stat = os.stat
    frozen = stat(file)

    def standing_still(path: str, **options: bool) -> os.stat_result:
        return frozen if path == str(file) else stat(path, **options)

    monkeypatch.setattr(os, "stat", standing_still)
    monkeypatch.setattr(time, "time_ns", lambda: frozen.st_ctime_ns + 1)
    configuration = CurrentConfiguration(str(project), nothing)
    await configuration.refresh()
    before = configuration.valid().contents[str(file)]
    file.write_text("FROM evil!!\n")
    await configuration.refresh()
    assert configuration.valid().contents[str(file)] != before


@pytest.mark.parametrize("what", ["file", "directory"])
async def test_that_others_may_write_the_user_s_own_file_is_noticed_at_its_next_use(
    project: Path, what: str
) -> None:
    own = Path(user_config.path())
    own.write_text(f'[trust]\ndirectories = ["{project}"]\n')
    configuration = CurrentConfiguration(str(project), nothing)
    await configuration.refresh()
    assert configuration.trusted
    settle(str(own), str(project / "Dockerfile"))
    await configuration.refresh()
    (own if what == "file" else own.parent).chmod(0o777)
    await configuration.refresh()
    assert not configuration.trusted
