"""Runs the tests that need no engine and no editor with each Python that buildd supports.

python -m tests.provision.pythons [--only "3.12 3.14"] [PYTEST'S ARGUMENTS]

Looks for `python3.N` on the PATH and in ~/.pyenv/versions. Each has an environment of its own in
.cache/pythons, made with the packages that all tests run with.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".cache" / "pythons"


def supported() -> list[str]:
    """Return the versions that the classifiers promise, as `3.11`."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    classifiers = tomllib.loads(text)["project"]["classifiers"]
    return re.findall(r"Python :: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE)


def interpreter(version: str) -> str:
    """Return a Python of that version, or an empty text."""
    own = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    for path in (shutil.which(f"python{version}"), *map(str, own)):
        # One of pyenv's names may lead to no Python at all.
        if path and not subprocess.run([path, "-c", "import venv"], capture_output=True).returncode:
            return path
    return ""


def environment(version: str, python: str) -> Path:
    """Make the environment unless it is there; return its Python. Raises CalledProcessError."""
    where = ENVIRONMENTS / version
    made = where / "bin" / "python"
    wanted = "".join(
        (ROOT / name).read_text("utf-8")
        for name in ("pyproject.toml", "tests/provision/constraints.txt")
    )
    complete = where / ".complete"
    if complete.exists() and complete.read_text("utf-8") == wanted:
        return made
    pip = [str(made), "-m", "pip", "install", "--quiet"]
    locked = ["--constraint", str(ROOT / "tests" / "provision" / "constraints.txt")]
    group = f"{ROOT}/pyproject.toml:dev"
    for command in (
        [python, "-m", "venv", "--clear", str(where)],
        [*pip, "--upgrade", "pip>=25.1"],
        [*pip, *locked, "--editable", str(ROOT), "--group", group],
    ):
        subprocess.run(command, check=True)
    complete.write_text(wanted, "utf-8")
    return made


def main(arguments: list[str]) -> int:
    """0 if the tests pass with each version that is here, else 1."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--only", default="")
    options, tests = parser.parse_known_args(arguments)
    versions = options.only.split() or supported()
    outcome: dict[str, str] = {}
    for version in versions:
        python = interpreter(version)
        outcome[version] = _outcome(version, python, tests) if python else "not found here"
    print(*(f"Python {version}: {what}" for version, what in outcome.items()), sep="\n")
    found = [what for what in outcome.values() if what != "not found here"]
    return 0 if found and set(found) == {"passed"} else 1


def _outcome(version: str, python: str, tests: list[str]) -> str:
    print(f"==> Python {version}: {python}", flush=True)
    try:
        made = environment(version, python)
    except subprocess.CalledProcessError as error:
        return f"no environment: {' '.join(map(str, error.cmd))} failed"
    command = [str(made), "-m", "tests.provision.suite", f"python-{version}", *tests]
    status = subprocess.call(command, cwd=ROOT, env={**os.environ, "BUILDD_TEST_ENGINE": "host"})
    return "passed" if status == 0 else "failed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
