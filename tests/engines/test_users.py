"""Files that commands write are the user's, on every kind of engine that this machine allows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.unprivileged import KINDS, ROOT_PODMAN, USER, Unprivileged, missing

pytestmark = pytest.mark.engine

CONFIGURATION = """
[environments.build]
engine = "{engine}"
image = "busybox:test"
network = false
memory = "64M"
caches = {{ inner = "/home/{user}/.cache/inner" }}
env = {{ PATH = "/bin" }}

[environments.root]
engine = "{engine}"
image = "busybox:test"
network = false
user = "root"
env = {{ PATH = "/bin" }}

[tasks.root]
environment = "root"
run = "mkdir -p built/in && touch built/in/file"

[environments.named]
engine = "{engine}"
dockerfile = "named.Dockerfile"
context = "."
network = false
user = "dev"
env = {{ PATH = "/bin" }}
"""

NAMED = """
FROM busybox:test
COPY passwd /etc/passwd
COPY --chown=1234:1234 greeting /home/dev/sub/greeting
"""

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

LOOK = """
whoami && id -u && echo $HOME && cd $HOME && touch kept .cache/beside .cache/inner/x &&
touch "$1"
"""


@pytest.fixture(params=KINDS)
def unprivileged(request: pytest.FixtureRequest) -> Iterator[Unprivileged]:
    if reason := missing(request.param):
        pytest.skip(reason)
    made = Unprivileged(request.param)
    try:
        made.start()
        engine = "podman" if "podman" in made.kind else "docker"
        made.write("named.Dockerfile", NAMED)
        made.write("passwd", "dev:x:1234:1234::/home/dev:/bin/sh\n")
        made.write("greeting", "hello\n")
        made.write("buildd.toml", CONFIGURATION.format(engine=engine, user=home(made.kind)))
        trusted = made.buildd("trust", "--yes", "--grant", "root")
        assert trusted.returncode == 0, trusted.stderr
        yield made
    finally:
        made.close()


def home(kind: str) -> str:
    # Rootless Docker's root is the user.
    return "../root" if is_root(kind) else USER


def is_root(kind: str) -> bool:
    """Whether the user is root inside."""
    return kind in ("rootless", ROOT_PODMAN)


def test_files_and_names_are_the_user_s(unprivileged: Unprivileged) -> None:
    made = f"{unprivileged.path}/project/made"
    looked = unprivileged.buildd("exec", "--", "sh", "-c", LOOK, "look", made)
    assert looked.returncode == 0, looked.stderr
    root = is_root(unprivileged.kind)
    assert looked.stdout.split() == (
        ["root", "0", "/root"] if root else [USER, str(unprivileged.uid), f"/home/{USER}"]
    )
    assert os.stat(made).st_uid == unprivileged.uid

    # A limit is held to, or it is said that it is not.
    limited = unprivileged.buildd("exec", "--", "sh", "-c", "cat $0 $1 2>/dev/null", *LIMITS)
    said = unprivileged.buildd("up").stdout
    assert ("67108864" in limited.stdout) != ("`memory`" in said), limited.stdout + said

    assert unprivileged.buildd("down").returncode == 0
    kept = unprivileged.buildd("exec", "--", "sh", "-c", "cat $HOME/kept")
    assert kept.returncode == 0, kept.stderr

    rooted = unprivileged.buildd("exec", "--env", "root", "--", "id", "-u")
    assert rooted.stdout == "0\n", rooted.stderr

    look = ("sh", "-c", 'whoami; echo $HOME; cat ~/sub/greeting; touch ~/sub/x "$0"', f"{made}-dev")
    named = unprivileged.buildd("exec", "--env", "named", "--", *look)
    assert named.stdout.split() == ["root" if root else "dev", "/home/dev", "hello"], named.stderr
    assert os.stat(f"{made}-dev").st_uid == unprivileged.uid

    kept = unprivileged.buildd("status", "--caches")
    assert {"inner", "home"} <= set(kept.stdout.split()), kept.stderr
    before = unprivileged.volumes()
    assert before

    for command in (("git", "init", "-q"), ("git", "add", "."), (*COMMIT, "first")):
        done = unprivileged.run(*command)
        assert done.returncode == 0, done.stderr
    # What root has made in the copy is not the user's, who must remove it.
    clean = unprivileged.buildd("ci", "root")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert unprivileged.volumes() == before, "a trial takes its own with it, and no other"
    assert [*Path(unprivileged.path).rglob("trials/*/files")] == []

    cleaned = unprivileged.buildd("clean", "--yes")
    assert cleaned.returncode == 0, cleaned.stderr
    assert unprivileged.volumes() == set()


COMMIT = ("git", "-c", "user.name=n", "-c", "user.email=e", "commit", "-qm")
