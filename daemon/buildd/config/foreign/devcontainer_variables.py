"""This module fills in the variables of devcontainer.json, such as `${localWorkspaceFolder}`.

Source: https://containers.dev/implementors/json_reference/#variables-in-devcontainerjson.
"""

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
    """The variables for one project and one file.

    The names of the host's variables that are filled in are added to `host_variables`.
    """

    def __init__(self, directory: str, file: str, host_variables: dict[str, None]) -> None:
        self.container_folder = ""
        """The project's path in the container, once it is known."""
        self._directory = directory
        self._file = file
        self._host_variables = host_variables

    def fill(self, value: Any) -> Any:
        """Fill in all variables in all strings of `value`; a shell's `${X}` stays as it is."""
        return _map(value, lambda text: _VARIABLE.sub(self._value, text))

    def fill_env(self, value: Any) -> Any:
        """Fill in all variables but the host's and the container's.

        Those stay in buildd's notation, and are filled in when a command starts.
        """
        return _map(value, lambda text: _VARIABLE.sub(self._env_value, text))

    def fill_command(self, value: Any) -> Any:
        """Fill in all variables; the container's become variables of the shell."""
        return _map(value, lambda text: _VARIABLE.sub(self._shell_value, text))

    def _value(self, match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        if name in ("localEnv", "env"):
            variable, _, default = rest.partition(":")
            if variable in os.environ and variable not in NO_SECRETS:
                self._host_variables[variable] = None
            return os.environ.get(variable, default)
        folder = self.container_folder
        values: Mapping[str, str] = {
            "localWorkspaceFolder": self._directory,
            "localWorkspaceFolderBasename": os.path.basename(self._directory),
            "localHomeFolder": os.path.expanduser("~"),
            "containerWorkspaceFolder": folder or match[0],
            "containerWorkspaceFolderBasename": posixpath.basename(folder) or match[0],
            "devcontainerId": short_hash(self._directory, self._file),
        }
        return values.get(name, match[0])

    def _env_value(self, match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        if name in ("localEnv", "env"):
            return f"${{localEnv:{rest}}}"
        return self._value(match)

    def _shell_value(self, match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        if name == "containerEnv":
            variable, sign, default = rest.partition(":")
            return f"${{{variable}-{default}}}" if sign else f"${{{variable}}}"
        return self._value(match)


def _map(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map(item, change) for item in value]
    if isinstance(value, dict):
        return {name: _map(item, change) for name, item in value.items()}
    return value
