"""These tests check from inside a container what it may use and do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from buildd.engines.docker.limits import CAPABILITIES
from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Inside = Callable[..., str]

CONFIGURATION = """
[environments.build]
dockerfile = "build.Dockerfile"
cpus = 0.5
shm-size = "24M"
tmpfs = { "/small" = "16M" }
cap-add = ["SYS_NICE"]
init = true
network = false

[environments.free]
dockerfile = "build.Dockerfile"
sudo = true
network = false
"""

DOCKERFILE = f"""
FROM {IMAGE}
RUN cp /usr/bin/id /usr/local/bin/risen && chmod 4755 /usr/local/bin/risen
"""
"""An image with a program that becomes root, as `sudo` does."""

ATTACHES = """\
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    pid_t other = fork();
    if (other == 0)
        for (;;)
            pause();
    int status = 0;
    int fails = ptrace(PTRACE_ATTACH, other, 0, 0) || waitpid(other, &status, 0) != other;
    kill(other, SIGKILL);
    return fails || !WIFSTOPPED(status);
}
"""

RISE = """
if [ "$(id -u)" = 0 ]
then exec setpriv --reuid 65534 --regid 65534 --clear-groups risen -u
else exec risen -u
fi
"""


@pytest.fixture
def inside(
    make_project: Callable[..., ProjectFiles],
    daemon: Daemon,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> Inside:
    """Return a function that runs a script in an environment and returns its output."""
    project = make_project({}, trust=False)
    project.write("buildd.toml", CONFIGURATION)
    project.write("build.Dockerfile", DOCKERFILE)
    project.write("attaches.c", ATTACHES)
    daemon.trust(project.path)

    def run(script: str, environment: str = "build") -> str:
        arguments = ("exec", "--env", environment, "--", "sh", "-ec", script)
        done = command(*arguments, cwd=project.path)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_limits_and_privileges(inside: Inside) -> None:
    """Check everything in one container, because making and starting it takes most of the time."""
    quota, period = inside(
        "cat /sys/fs/cgroup/cpu.max 2>/dev/null || "
        "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us"
    ).split()
    assert int(quota) / int(period) == 0.5
    assert inside("df --block-size=1M --output=size /dev/shm /small | tail -n +2").split() == [
        "24",
        "16",
    ]
    assert "init" in inside("cat /proc/1/comm"), "the engine's init is the first process"
    # A program that was built on a tmpfs can run there, and attach to a process as debuggers do.
    inside("gcc -o /small/attaches attaches.c && /small/attaches")
    assert capabilities(inside("grep CapBnd /proc/self/status")) == {
        *map(NUMBERS.__getitem__, (*CAPABILITIES, "SYS_NICE"))
    }
    assert inside(RISE) != "0", "nothing gains privileges"


def test_sudo_works_if_it_is_granted(inside: Inside) -> None:
    assert inside(RISE, "free") == "0"
    assert NUMBERS["SYS_NICE"] not in capabilities(inside("grep CapBnd /proc/self/status", "free"))


def test_an_engine_without_gpus_is_an_error(
    make_project: Callable[..., ProjectFiles],
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    project = make_project({"buildd.toml": 'gpus = "all"\n'}, engine="docker")
    done = command("up", cwd=project.path)
    if done.returncode == 0:
        pytest.skip("this machine has GPUs")
    assert done.returncode == 125
    assert "`gpus` of the environment build: Docker has no GPUs" in done.stderr
    assert "or remove `gpus`" in done.stderr


NUMBERS = {
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SETPCAP": 8,
    "NET_BIND_SERVICE": 10,
    "SYS_CHROOT": 18,
    "SYS_PTRACE": 19,
    "SYS_NICE": 23,
    "SETFCAP": 31,
}
"""The bits of capabilities, as in linux/capability.h."""


def capabilities(line: str) -> set[int]:
    """Return the bits that are set in a line of /proc/PID/status."""
    value = int(line.split()[1], 16)
    return {bit for bit in range(64) if value >> bit & 1}
