"""A mount that reaches an engine's socket needs the grant `engine-socket`, however deep it is."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.trust import consent
from buildd.config.trust.engine_sockets import CONTEXT_SIZE, is_engine_socket
from tests.config.support import plant


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that a container may see, with nothing of an engine below it."""
    for name in ("DOCKER_HOST", "CONTAINER_HOST", "DOCKER_CONFIG", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    seen = tmp_path / "seen"
    (seen / "deep" / "er").mkdir(parents=True)
    assert not is_engine_socket(str(seen))
    return seen


def listen(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            listening.bind(f"/proc/self/fd/{here}/{path.name}")  # whose length has no limit
        finally:
            os.close(here)
    return str(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/run",
        "/run/docker",
        "/run/docker.sock",
        "/run/containerd",
        "/run/containerd/containerd.sock",
        "/run/podman",
        "/run/crio",
        "/run/k3s",
        "/any/docker.sock",
    ],
)
def test_places_of_the_system(place: Path, path: str) -> None:
    assert is_engine_socket(path)


@pytest.mark.parametrize("path", ["/usr", "/run/lock", "/runner", "/home/nobody", "/nosuch"])
def test_others(place: Path, path: str) -> None:
    assert not is_engine_socket(path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DOCKER_HOST", "unix://{}"),
        ("CONTAINER_HOST", "unix://{}"),
        ("CONTAINERD_ADDRESS", "{}"),
        ("BUILDKIT_HOST", "unix://{}"),
    ],
)
def test_an_address_of_the_environment(
    place: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    path = listen(place / "deep" / "er" / "odd.name")
    monkeypatch.setenv(variable, value.format(path))
    assert is_engine_socket(str(place))
    assert is_engine_socket(path)
    assert not is_engine_socket(str(place / "other"))
    monkeypatch.setenv(variable, "tcp://localhost:2375")
    assert not is_engine_socket(str(place))


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("HOME", ".docker/run/docker.sock"),
        ("HOME", ".colima/default/docker.sock"),
        ("XDG_RUNTIME_DIR", "podman/podman.sock"),
        ("XDG_RUNTIME_DIR", "docker.sock"),
    ],
)
def test_a_rootless_engine(
    place: Path, monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    monkeypatch.setenv(variable, str(place / "deep"))
    assert not is_engine_socket(str(place))
    listen(place / "deep" / name)
    assert is_engine_socket(str(place))


@pytest.mark.parametrize("name", ["docker", "buildkitd", "crio", "containerd"])
def test_one_that_is_named_like_it(place: Path, name: str) -> None:
    path = listen(place / "deep" / f"{name}.sock")
    assert is_engine_socket(path)
    assert is_engine_socket(str(place / "deep"))


def test_a_docker_context(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = listen(place / "deep" / "odd.name")
    folder = place.parent / "docker[1]" / "contexts" / "meta"
    monkeypatch.setenv("DOCKER_CONFIG", str(place.parent / "docker[1]"))
    for number, content in enumerate(
        ("", "{", "[]", '{"Endpoints": 5}', "[" * 100_000, "x" * CONTEXT_SIZE * 2)
    ):
        (folder / str(number)).mkdir(parents=True)
        (folder / str(number) / "meta.json").write_text(content)
    (folder / "fifo").mkdir()
    os.mkfifo(folder / "fifo" / "meta.json")
    assert not is_engine_socket(str(place))
    (folder / "mine").mkdir()
    described = {"Endpoints": {"docker": {"Host": f"unix://{path}"}}}
    (folder / "mine" / "meta.json").write_text(json.dumps(described))
    assert is_engine_socket(str(place))


def test_a_link_to_a_socket_leads_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = listen(place / "deep" / "odd.name")
    os.symlink(path, place.parent / "link")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place.parent}/link")
    assert is_engine_socket(str(place))


def test_the_grant_is_named_with_the_directory(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{listen(place / 'deep' / 'odd.name')}")
    text = f'[environments.x]\nimage = "x"\nmounts = [{{ source = "{place}", target = "/s" }}]\n'
    project = load.load(plant(str(place.parent / "project"), {"buildd.toml": text}))
    (grant,) = consent.grants(project)
    assert (grant.name, str(place) in grant.detail) == ("engine-socket", True)
    assert any("A SOCKET IN IT" in line for line in consent.summary(project))


def test_a_project_that_holds_the_socket(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{listen(place / 'deep' / 'odd.name')}")
    plant(str(place), {"buildd.toml": '[environments.x]\nimage = "x"\n'})
    assert [grant.name for grant in consent.grants(load.load(str(place)))] == ["engine-socket"]
