"""A user namespace of a process's own, whose limits are not everybody's."""

from __future__ import annotations

import subprocess

import pytest


def limited(setting: str, value: int) -> list[str]:
    """Return what comes before a command that is to run where /proc/sys/user/`setting` is `value`.
    Skips the test where this user may not have such a namespace."""
    script = f'echo {value} >/proc/sys/user/{setting} && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no user namespace of one's own here: {tried.stderr.strip()}")
    return command
