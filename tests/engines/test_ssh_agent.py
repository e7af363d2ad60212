"""The user's ssh agent in a container: its keys where it may be used, and a remark without one."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import IMAGE
from tests.support.client import ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import ProjectFiles
from tests.support.unprivileged import Unprivileged, missing

pytestmark = pytest.mark.engine

LISTS_KEYS = """
use IO::Socket::UNIX;
my $agent = IO::Socket::UNIX->new(Peer => $ENV{SSH_AUTH_SOCK}) or die "$!";
$agent->syswrite(pack("NC", 1, 11));
my $answer = "";
# Who forwards it may pass it on in pieces.
until (length $answer >= 4 and length $answer >= 4 + unpack("N", $answer)) {
    $agent->sysread($answer, 4096, length $answer) or last;
}
print $answer =~ /the key of the test/ ? "held" : "lacking";
"""
"""What `ssh-add -l` asks; the image has no ssh."""


@pytest.fixture
def agent(directory: str) -> Iterator[str]:
    """The socket of an agent with one key."""
    path, key = f"{directory}/agent", f"{directory}/key"
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(Path(path).is_socket)
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "the key of the test"]
            subprocess.run([*make, "-f", key], check=True)
            add = ["ssh-add", "-q", key]
            subprocess.run(add, env={"SSH_AUTH_SOCK": path, "PATH": "/usr/bin:/bin"}, check=True)
            yield path
        finally:
            process.terminate()


def test_keys_are_there_where_it_may_be_used(
    agent: str,
    make_project: Callable[..., ProjectFiles],
    daemon: Daemon,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    daemon.environment["SSH_AUTH_SOCK"] = agent
    project = make_project({"buildd.toml": "ssh-agent = true\n"}, engine="docker")
    listed = command("exec", "--", "perl", "-e", LISTS_KEYS, cwd=project.path)
    assert listed.stdout == "held", listed.stderr
    assert remarks(daemon, project) == []


def test_a_build_uses_it_where_it_may(
    agent: str, make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["SSH_AUTH_SOCK"] = agent
    project = make_project({}, engine="docker", trust=False)
    project.write("keys.pl", LISTS_KEYS)
    project.write(
        "Dockerfile",
        f"FROM {IMAGE}\nCOPY keys.pl /\n"
        # Another each time: what an earlier test has built needs no agent any more.
        f"RUN --mount=type=ssh,required=true perl /keys.pl | grep held # {secrets.token_hex(8)}\n",
    )
    toml = '[environments.build]\ndockerfile = "Dockerfile"\ncontext = "."\n'
    project.write("buildd.toml", toml)
    daemon.trust(project.path)
    client = daemon.connect()
    with pytest.raises(ClientError) as caught:
        client.request("buildd/up", project=project.path)
    assert caught.value.data["line"] == 3
    assert "`ssh-agent = true` in [environments.build]" in caught.value.remedy
    project.write("buildd.toml", f"{toml}ssh-agent = true\n")
    daemon.trust(project.path)
    assert client.request("buildd/up", project=project.path)["state"] == "warm"


def test_podman_cannot_give_it_to_a_build(unprivileged: Unprivileged) -> None:
    """Its service cannot; the line is found in a later stage too, where it counts anew."""
    unprivileged.write(
        "Dockerfile",
        "FROM busybox:test AS one\nENV PATH=/bin\n\nFROM one\nRUN true\n"
        'RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK"\n',
    )
    toml = '[environments.build]\nengine = "podman"\ndockerfile = "Dockerfile"\nssh-agent = true\n'
    unprivileged.write("buildd.toml", toml)
    trusted = unprivileged.buildd("trust", "--yes", "--grant", "ssh-agent")
    assert trusted.returncode == 0, trusted.stderr
    failed = unprivileged.buildd("up")
    assert failed.returncode == 125
    assert "project/Dockerfile:6: the image does not build" in failed.stderr
    assert "Podman's service has no way to give to a build: use Docker" in failed.stderr


@pytest.fixture
def unprivileged() -> Iterator[Unprivileged]:
    if reason := missing("podman"):
        pytest.skip(reason)
    made = Unprivileged("podman")
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.mark.parametrize(
    ("path", "why"), [("", "SSH_AUTH_SOCK is not set"), ("/nowhere/agent", "is no socket")]
)
def test_no_agent_is_remarked_on(
    path: str, why: str, make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["SSH_AUTH_SOCK"] = path
    project = make_project({"buildd.toml": "ssh-agent = true\n"}, engine="docker")
    daemon.connect().request("buildd/up", project=project.path)
    (remark,) = remarks(daemon, project)
    assert why in remark
    assert "buildd daemon restart" in remark


def remarks(daemon: Daemon, project: ProjectFiles) -> list[str]:
    """What `buildd status` says of the project's environment."""
    (shown,) = daemon.connect().request("buildd/status", project=project.path)["projects"]
    return list(shown["environments"][0].get("remarks", ()))
