"""Runs the tests. What fails is tried once more, alone, and has failed if it fails again.

python -m tests.provision.suite NAME [PYTEST'S ARGUMENTS]

Tests that passed on the second try only are printed, and listed in .cache/retried/NAME.txt.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RETRIED = Path(__file__).parents[2] / ".cache" / "retried"

LIMIT = 40
"""Tests that may fail and be tried again. Where more fail, it is not for want of time."""

FAILED_LIST = "BUILDD_TEST_FAILED"
"""The environment variable that names the file to which conftest.py writes what has failed."""

SOME_FAILED = 1
"""pytest's exit status."""


def main(name: str, *arguments: str, folder: Path = RETRIED) -> int:
    """Run them; pytest's exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    retried = folder / f"{name}.txt"
    retried.unlink(missing_ok=True)
    status, failed = _pytest(folder, arguments)
    if status != SOME_FAILED or not failed:
        retried.write_text("")
        return status
    if len(failed) > LIMIT:
        retried.write_text("")
        print(f"{len(failed)} tests failed, which is too many to try again")
        return status
    print(f"\nonce more, alone: {len(failed)} that failed", flush=True)
    status, again = _pytest(folder, ("-n", "0", *failed))
    passed = [test for test in failed if test not in again]
    retried.write_text("".join(f"{test}\n" for test in passed), "utf-8")
    if passed:
        print(f"\npassed on the second, lone try only ({retried}):", *passed, sep="\n  ")
    return status


def _pytest(folder: Path, arguments: tuple[str, ...]) -> tuple[int, list[str]]:
    """The exit status, and the tests that failed."""
    listed = folder / f"failed-{os.getpid()}"
    environment = {**os.environ, FAILED_LIST: str(listed)}
    status = subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environment)
    failed = listed.read_text("utf-8").splitlines() if listed.exists() else []
    listed.unlink(missing_ok=True)
    return status, failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
