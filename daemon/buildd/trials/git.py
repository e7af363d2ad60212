"""git of this machine, run in a repository that buildd has made for itself and nobody else writes.

It never runs where a container can write: a configuration there names programs, in more ways than
can be turned off. Every function blocks.
"""

from __future__ import annotations

import os
import subprocess
import sys

from buildd.base.printable import printable
from buildd.base.programs import find_program
from buildd.errors import BuilddError

MEMORY = 2 << 30
"""Bytes that it may take: what it reads was perhaps made to take all there is."""

PROCESSOR_TIME = 1800
"""Seconds that one command may compute."""

OPTIONS = {
    "core.attributesFile": os.devnull,
    "core.bigFileThreshold": "64m",
    "core.commitGraph": "false",
    "core.excludesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.multiPackIndex": "false",
    "core.untrackedCache": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.allow": "never",
}
"""Beyond the repository's own configuration, which buildd has written as well."""

ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""Instead of all variables of git's, but for where its own programs are. Neither the system's
configuration nor the user's counts: both may name filters."""


class NoGitError(BuilddError):
    """git is not installed."""


class PrivateGit:
    """Runs git on the working tree `root` with the repository in `directory`, which lies elsewhere,
    so that no file of the tree can take the place of one of git's. Both are private copies of what
    is at `origin`. No program is taken from there: containers write it."""

    def __init__(self, directory: str, root: str, origin: str) -> None:
        self.directory = directory
        self.root = root
        self.origin = origin
        self.remedy = ""
        """What to do where a command fails, if that is known."""
        self._program = find_program("git", [origin])
        if not self._program:
            raise NoGitError(
                "git is not installed, and without it nobody knows which files belong to the "
                "project",
                "Install it.",
            )

    def run(self, *arguments: str, given: bytes = b"", may_fail: bool = False) -> bytes:
        """What the command prints, given this input. Raises BuilddError where it fails, unless
        it `may_fail`."""
        options = [word for pair in OPTIONS.items() for word in ("-c", "=".join(pair))]
        process = subprocess.Popen(
            [self._program, *options, *arguments],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _limit(process.pid)
        output, said = process.communicate(given)
        if process.returncode and not may_fail:
            reason = " ".join(said.decode("utf-8", "replace").split())
            reason = printable(reason) or f"it ended with status {process.returncode}"
            raise BuilddError(
                f"git {arguments[0]} failed on a copy of {self.origin}: {reason}", self.remedy
            )
        return output

    def names(self, *arguments: str, given: bytes = b"") -> list[str]:
        """What the command lists, each ended by a NUL."""
        return [os.fsdecode(name) for name in self.run(*arguments, given=given).split(b"\0")[:-1]]

    def _environment(self) -> dict[str, str]:
        # GIT_EXEC_PATH is where git's own programs are, in an unusual installation.
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name == "GIT_EXEC_PATH"
        }
        own = {"GIT_DIR": self.directory, "GIT_WORK_TREE": self.root}
        return {**ours, **ENVIRONMENT, **own}


def _limit(process: int) -> None:
    if sys.platform == "linux":
        import resource  # here: other systems limit no other process

        for what, most in (
            (resource.RLIMIT_DATA, MEMORY),
            (resource.RLIMIT_CPU, PROCESSOR_TIME),
            (resource.RLIMIT_CORE, 0),
        ):
            try:
                _, hard = resource.prlimit(process, what)
                most = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.prlimit(process, what, (most, hard))
            except (ProcessLookupError, PermissionError):
                return
