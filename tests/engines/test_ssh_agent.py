"""These tests use the user's ssh agent in containers and builds, and check remarks without one."""

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
# The answer may arrive in pieces.
until (length $answer >= 4 and length $answer >= 4 + unpack("N", $answer)) {
    $agent->sysread($answer, 4096, length $answer) or last;
}
print $answer =~ /the key of the test/ ? "held" : "lacking";
"""
"""The request of `ssh-add -l` in Perl, because the image has no ssh."""


@pytest.fixture
def agent(directory: str) -> Iterator[str]:
    """Start an agent with one key; yield its socket."""
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


def test_a_container_can_use_the_agent_s_keys(
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


def test_a_build_can_use_the_agent_s_keys_if_it_is_allowed(
    agent: str, make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["SSH_AUTH_SOCK"] = agent
    project = make_project({}, engine="docker", trust=False)
    project.write("keys.pl", LISTS_KEYS)
    project.write(
        "Dockerfile",
        f"FROM {IMAGE}\nCOPY keys.pl /\n"
        # A random comment, because a cached step of an earlier test would need no agent.
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


def test_podman_cannot_pass_the_agent_to_a_build(unprivileged: Unprivileged) -> None:
    """Check the line in a second stage, where Podman's step numbers start again."""
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
    assert "which Podman's service cannot pass to a build: use Docker" in failed.stderr


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
    ("path", "why"), [("", "SSH_AUTH_SOCK is not set"), ("/nowhere/agent", "is not a socket")]
)
def test_a_missing_agent_gives_a_remark(
    path: str, why: str, make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    daemon.environment["SSH_AUTH_SOCK"] = path
    project = make_project({"buildd.toml": "ssh-agent = true\n"}, engine="docker")
    daemon.connect().request("buildd/up", project=project.path)
    (remark,) = remarks(daemon, project)
    assert why in remark
    assert "buildd daemon restart" in remark


def remarks(daemon: Daemon, project: ProjectFiles) -> list[str]:
    """Return the remarks of `buildd status` about the project's environment."""
    (shown,) = daemon.connect().request("buildd/status", project=project.path)["projects"]
    return list(shown["environments"][0].get("remarks", ()))
