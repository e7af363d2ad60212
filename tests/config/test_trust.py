"""These tests check trust: consent to one exact configuration, recorded outside the project."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.trust import consent
from buildd.errors import BuilddError
from buildd.model import Project
from tests.config.support import plant

FILES = {
    "buildd.toml": (
        '[environments.build]\ndockerfile = "build.Dockerfile"\nrebuild-on = ["need.txt"]\n'
        '[tasks.build]\nrun = "make"\n'
    ),
    "build.Dockerfile": "FROM scratch\n",
    "need.txt": "a\n",
    "main.c": "",
}


@pytest.fixture
def state(tmp_path: Path) -> str:
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    return str(path)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return plant(str(tmp_path / "project"), FILES)


def test_consent_lasts_until_it_is_revoked(path: str, state: str) -> None:
    project = load.load(path)
    assert not consent.is_trusted(project, state=state)
    consent.grant(project, consent.digest(project), state=state)
    assert consent.is_trusted(load.load(path), state=state)
    assert consent.revoke(path, state=state)
    assert not consent.is_trusted(project, state=state)
    assert not consent.revoke(path, state=state)


def write(name: str, text: str) -> Callable[[str], object]:
    return lambda path: plant(path, {name: text})


def replace(make: Callable[[str], None]) -> Callable[[str], object]:
    def change(path: str) -> None:
        os.unlink(f"{path}/need.txt")
        make(f"{path}/need.txt")

    return change


CHANGES: dict[str, Callable[[str], object]] = {
    "configuration": write("buildd.toml", FILES["buildd.toml"] + "# a comment\n"),
    "Dockerfile": write("build.Dockerfile", "FROM scratch\nRUN evil\n"),
    "rebuild-on": write("need.txt", "b\n"),
    "missing": lambda path: os.unlink(f"{path}/need.txt"),
    "empty": write("need.txt", ""),
    "pipe": replace(os.mkfifo),
    "directory": replace(os.mkdir),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_ends_trust(path: str, state: str, change: str) -> None:
    project = load.load(path)
    shown = consent.digest(project)
    consent.grant(project, shown, state=state)
    CHANGES[change](path)
    assert not consent.is_trusted(project, state=state)
    with pytest.raises(BuilddError, match="has changed since"):
        consent.grant(project, shown, state=state)


def test_changes_of_sources_do_not_end_trust(path: str, state: str) -> None:
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)
    plant(path, {"main.c": "int x;\n"})
    assert consent.is_trusted(load.load(path), state=state)


def test_undoing_a_change_restores_trust(path: str, state: str) -> None:
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)
    plant(path, {"need.txt": "b\n"})
    plant(path, {"need.txt": FILES["need.txt"]})
    assert consent.is_trusted(project, state=state)


def test_the_data_that_was_read_must_be_trusted_too(path: str, state: str) -> None:
    """Change a file only while it is read: what was read must not run as trusted."""
    good = load.load(path)
    consent.grant(good, consent.digest(good), state=state)
    plant(path, {"buildd.toml": FILES["buildd.toml"].replace("make", "evil")})
    evil = load.load(path)
    plant(path, {"buildd.toml": FILES["buildd.toml"]})
    assert consent.is_trusted(good, state=state)
    assert not consent.is_trusted(evil, state=state)


def test_a_copy_elsewhere_is_not_trusted(path: str, state: str, tmp_path: Path) -> None:
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)
    other = load.load(plant(str(tmp_path / "copy"), FILES))
    assert not consent.is_trusted(other, state=state)


def test_the_digest_separates_the_contents_of_files(tmp_path: Path) -> None:
    project = load.load(plant(str(tmp_path), {**FILES, "build.Dockerfile": "ab", "need.txt": "c"}))
    first = consent.digest(project)
    plant(str(tmp_path), {"build.Dockerfile": "a", "need.txt": "bc"})
    assert consent.digest(project) != first


def test_a_path_that_is_not_unicode(tmp_path: Path, state: str) -> None:
    path = plant(os.path.join(str(tmp_path), "p\udcff"), FILES)
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)
    assert consent.is_trusted(project, state=state)
    assert consent.revoke(path, state=state)


def test_the_record_is_private_and_has_a_version(path: str, state: str) -> None:
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)
    record = consent.record_path(state)
    assert stat.S_IMODE(os.stat(record).st_mode) == 0o600
    with open(record, encoding="utf-8") as file:
        read = json.load(file)
    assert read["version"] == 1
    assert list(read["consents"]) == [path]
    assert sorted(os.listdir(state)) == ["trust.json", "trust.json.lock"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"consents": {"/p": 3}}',
        b'{"version": 2, "consents": {}}',
        b"[" * 100_000,
        b'{"version": 1, "consents": {"/p": {"digest": "',
    ],
)
def test_a_damaged_record_means_no_trust_and_is_replaced(
    path: str, state: str, content: bytes
) -> None:
    project = load.load(path)
    with open(consent.record_path(state), "wb") as file:
        file.write(content)
    assert not consent.is_trusted(project, state=state)
    assert not consent.revoke(path, state=state)
    consent.grant(project, consent.digest(project), state=state)
    assert consent.is_trusted(project, state=state)


def test_a_file_of_a_killed_writer_is_replaced(path: str, state: str, tmp_path: Path) -> None:
    project = load.load(path)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    left = f"{consent.record_path(state)}.0123abcd.new"
    os.symlink(victim, left)
    consent.grant(project, consent.digest(project), state=state)
    assert consent.is_trusted(project, state=state)
    assert victim.read_text() == "mine"
    assert not os.path.lexists(left)


def test_a_record_that_cannot_be_written_is_an_error(path: str, state: str) -> None:
    project = load.load(path)
    os.mkdir(consent.record_path(state))
    with pytest.raises(BuilddError, match="cannot record"):
        consent.grant(project, consent.digest(project), state=state)
    assert not consent.is_trusted(project, state=state)


def test_a_project_cannot_grant_itself_trust(path: str, state: str) -> None:
    project = load.load(path)
    record = {"version": 1, "consents": {path: {"digest": consent.digest(project), "granted": 1}}}
    for name in ("trust.json", ".buildd/trust.json", "state/trust.json"):
        plant(path, {name: json.dumps(record)})
    assert not consent.is_trusted(load.load(path), state=state)


def test_the_record_is_in_the_state_directory(
    state: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_STATE_DIR", state)
    assert consent.record_path() == f"{state}/trust.json"
    project = load.load(path)
    consent.grant(project, consent.digest(project))
    assert consent.is_trusted(project)
    assert consent.is_trusted(project, state=state)


def test_many_writers_lose_nothing(state: str, tmp_path: Path) -> None:
    paths = [plant(str(tmp_path / f"p{number}"), FILES) for number in range(12)]
    with get_context("spawn").Pool(4) as pool:
        pool.starmap(grant, [(path, state) for path in paths], chunksize=1)
    assert [consent.is_trusted(load.load(path), state=state) for path in paths] == [True] * 12


def grant(path: str, state: str) -> None:
    project = load.load(path)
    consent.grant(project, consent.digest(project), state=state)


def test_equal_configurations_have_equal_digests(path: str) -> None:
    first: Project = load.load(path)
    assert consent.digest(first) == consent.digest(load.load(path))
