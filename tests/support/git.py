"""Repositories that git itself has made."""

from __future__ import annotations

import os
import subprocess


def git(directory: str, *arguments: str) -> str:
    """Run git there, with nothing of the user's configuration; its output."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "Somebody",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "somebody@example.org",
        "GIT_CONFIG_KEY_2": "protocol.file.allow",
        "GIT_CONFIG_VALUE_2": "always",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_repository(path: str) -> None:
    """A repository with one commit of all that the directory holds, which is made if missing."""
    os.makedirs(path, exist_ok=True)
    git(path, "init", "-q", "-b", "main")
    git(path, "config", "user.name", "Somebody")
    git(path, "config", "user.email", "somebody@example.org")
    git(path, "add", "--all")
    git(path, "commit", "-q", "--allow-empty", "-m", "first")


def commit(path: str) -> None:
    """Commit all that the directory of a repository holds."""
    git(path, "add", "--all")
    git(path, "commit", "-q", "--allow-empty", "-m", "next")
