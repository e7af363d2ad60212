"""The variables of devcontainer.json, as `${localWorkspaceFolder}`: what each stands for."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from buildd.base.variables import NO_SECRETS
from buildd.paths import short_hash

_VARIABLE = re.compile(r"\$\{([^${}]*)\}")


class Variables:
    """For one project and one file. `given` takes the names of what is filled in from this
    machine, `unknown` is called with what cannot be."""

    def __init__(self, directory: str, file: str, given: dict[str, None]) -> None:
        self.container_folder = ""
        """Where the project is in the container, once that is known."""
        self._directory = directory
        self._file = file
        self._given = given

    def fill(self, value: Any) -> Any:
        """`value` with every variable filled in, in all its strings; what shells know as `${X}`
        stays as it is."""
        return _map(value, lambda text: _VARIABLE.sub(self._now, text))

    def fill_env(self, value: Any) -> Any:
        """The same, but for variables of this machine and of the container, which stay to be
        filled in when a command starts."""
        return _map(value, lambda text: _VARIABLE.sub(self._later, text))

    def fill_command(self, value: Any) -> Any:
        """The same, with the container's variables as a shell knows them."""
        return _map(value, lambda text: _VARIABLE.sub(self._in_shell, text))

    def _now(self, found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        if name in ("localEnv", "env"):
            wanted, _, default = rest.partition(":")
            if wanted in os.environ and wanted not in NO_SECRETS:
                self._given[wanted] = None
            return os.environ.get(wanted, default)
        folder = self.container_folder
        known: Mapping[str, str] = {
            "localWorkspaceFolder": self._directory,
            "localWorkspaceFolderBasename": os.path.basename(self._directory),
            "localHomeFolder": os.path.expanduser("~"),
            "containerWorkspaceFolder": folder or found[0],
            "containerWorkspaceFolderBasename": posixpath.basename(folder) or found[0],
            "devcontainerId": short_hash(self._directory, self._file),
        }
        return known.get(name, found[0])

    def _later(self, found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        if name in ("localEnv", "env"):
            return f"${{localEnv:{rest}}}"
        return self._now(found)

    def _in_shell(self, found: re.Match[str]) -> str:
        name, _, rest = found[1].partition(":")
        if name == "containerEnv":
            wanted, sign, default = rest.partition(":")
            return f"${{{wanted}-{default}}}" if sign else f"${{{wanted}}}"
        return self._now(found)


def _map(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _map(one, change) for name, one in value.items()}
    return value
