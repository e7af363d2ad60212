"""Where the commands of each page are run, and the few that are not run as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.conftest import IMAGE, OLDER_IMAGE

STAND_INS = {
    "gcc:13": IMAGE,
    "gcc:12": OLDER_IMAGE,
    "gcc:14": OLDER_IMAGE,
    "debian:bookworm-slim": "buildd-test/debian:1",
}
"""The images that the pages name, and what is here without a registry."""


class Scene(NamedTuple):
    """The directory in which a page's commands begin.

    `files` are there before, and `first` is run before. `after` are files that are written after
    a command, as a reader would edit them. `repository`: the directory is a copy of this one.
    """

    files: Mapping[str, str] = {}
    first: tuple[str, ...] = ()
    after: Mapping[str, Mapping[str, str]] = {}
    repository: bool = False


_C_PROJECT = {
    "my-project/Makefile": "hello: hello.c\n\tgcc -Wall -o hello hello.c\n",
    "my-project/hello.c": "int main(void)\n{\n    return 0;\n}\n",
}
_BUILDD_TOML = f"""\
[environments.build]
image = "{IMAGE}"

[tasks.build]
run = "true"
on-save = ["*.c"]
"""
# What `init` proposes installs packages.
_EDITED = {"buildd init": {"build.Dockerfile": f"FROM {IMAGE}\n"}}

SCENES = {
    "README.md": Scene(_C_PROJECT, after=_EDITED),
    "docs/getting-started.md": Scene(_C_PROJECT, after=_EDITED),
    "docs/editors.md": Scene(
        {"buildd.toml": _BUILDD_TOML},
        ("buildd trust --yes", "mkdir -p ~/.config/helix"),
        repository=True,
    ),
    "docs/troubleshooting.md": Scene(
        {"buildd.toml": _BUILDD_TOML}, ("buildd trust --yes", "buildd build")
    ),
    "docs/security.md": Scene(first=("mkdir ~/sdk",)),
    "docs/add-a-parser.md": Scene(repository=True),
    "docs/add-an-engine.md": Scene(repository=True),
}
"""By page; every other page begins in an empty directory."""

NOT_RUN = {
    "pipx install buildd": "it installs from the package index",
    "uv tool install buildd": "it installs from the package index",
    "pipx install .": "it installs its dependencies from the package index",
    "code --install-extension clients/vscode/buildd.vsix": (
        "it needs a VS Code; tests/vscode installs the same file into code-server"
    ),
}
"""Commands that no test runs, and why. Those of make are run with --dry-run: most take minutes."""

TYPED = {"buildd trust": "y\n", "buildd shell": "exit\n"}
"""What a person types at a terminal after these."""

UNTIL = {"buildd watch": "succeeded"}
"""Commands that go on until Ctrl-C, which is pressed once they have shown this."""
