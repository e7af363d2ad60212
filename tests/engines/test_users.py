"""Files that commands write are the user's, on every kind of engine that this machine allows."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.support.unprivileged import KINDS, USER, Unprivileged, missing

pytestmark = pytest.mark.engine

CONFIGURATION = """
[environments.build]
engine = "{engine}"
image = "busybox:test"
network = false
caches = {{ inner = "/home/{user}/.cache/inner" }}
env = {{ PATH = "/bin" }}

[environments.root]
engine = "{engine}"
image = "busybox:test"
network = false
user = "root"
env = {{ PATH = "/bin" }}

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
        engine = "podman" if made.kind == "podman" else "docker"
        made.write("named.Dockerfile", NAMED)
        made.write("passwd", "dev:x:1234:1234::/home/dev:/bin/sh\n")
        made.write("greeting", "hello\n")
        made.write("buildd.toml", CONFIGURATION.format(engine=engine, user=home(made.kind)))
        trusted = made.buildd("trust", "--yes")
        assert trusted.returncode == 0, trusted.stderr
        yield made
    finally:
        made.close()


def home(kind: str) -> str:
    # Rootless Docker's root is the user.
    return "../root" if kind == "rootless" else USER


def test_files_and_names_are_the_user_s(unprivileged: Unprivileged) -> None:
    made = f"{unprivileged.path}/project/made"
    looked = unprivileged.buildd("exec", "--", "sh", "-c", LOOK, "look", made)
    assert looked.returncode == 0, looked.stderr
    is_root = unprivileged.kind == "rootless"
    assert looked.stdout.split() == (
        ["root", "0", "/root"] if is_root else [USER, str(unprivileged.uid), f"/home/{USER}"]
    )
    assert os.stat(made).st_uid == unprivileged.uid

    assert unprivileged.buildd("down").returncode == 0
    kept = unprivileged.buildd("exec", "--", "sh", "-c", "cat $HOME/kept")
    assert kept.returncode == 0, kept.stderr

    rooted = unprivileged.buildd("exec", "--env", "root", "--", "id", "-u")
    assert rooted.stdout == "0\n", rooted.stderr

    look = ("sh", "-c", 'whoami; echo $HOME; cat ~/sub/greeting; touch ~/sub/x "$0"', f"{made}-dev")
    named = unprivileged.buildd("exec", "--env", "named", "--", *look)
    assert named.stdout.split() == ["root" if is_root else "dev", "/home/dev", "hello"], (
        named.stderr
    )
    assert os.stat(f"{made}-dev").st_uid == unprivileged.uid
