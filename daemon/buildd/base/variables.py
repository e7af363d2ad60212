"""This module fills in the variables that values of `env` may contain.

`${localEnv:NAME}` is the daemon's own environment variable NAME, and `${containerEnv:NAME}` is the
container's. `${…:NAME:DEFAULT}` is DEFAULT if there is no such variable; without a default it is
empty. All other text stays as it is, also if a shell would expand it. The notation is that of the
dev container specification ("Variables in devcontainer.json"). Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_VARIABLE = re.compile(r"\$\{(localEnv|containerEnv):([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}")


NO_SECRETS = frozenset(
    ("HOME", "LOGNAME", "USER", "USERNAME", "USERPROFILE", "SSH_AUTH_SOCK", "DISPLAY", "UID", "GID")
)
"""Names of host variables whose values are not secret, so that they need no consent."""


def without_variables(env: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of `env` whose values contain no variable."""
    return {name: value for name, value in env.items() if not _VARIABLE.search(value)}


def host_variables(env: Mapping[str, str]) -> list[str]:
    """Return the names of the host's variables that the values contain, each once."""
    matches = (match for value in env.values() for match in _VARIABLE.finditer(value))
    return list(dict.fromkeys(match[2] for match in matches if match[1] == "localEnv"))


def shell_word(value: str, host: Mapping[str, str], quote: Callable[[str], str]) -> str:
    """Return the value as one word of a POSIX shell script that runs in the container.

    `host` is the daemon's environment, whose variables are filled in here; the shell fills in the
    container's. `quote` quotes literal text for the shell.
    """
    word = ""
    end = 0
    for match in _VARIABLE.finditer(value):
        word += _quoted(value[end : match.start()], quote)
        end = match.end()
        source, name, default = match.groups(default="")
        if source == "localEnv":
            word += _quoted(host.get(name, default), quote)
        else:
            word += f'"${{{name}-{_quoted(default, _inside_double_quotes)}}}"'
    return word + _quoted(value[end:], quote) or "''"


def _quoted(text: str, quote: Callable[[str], str]) -> str:
    return quote(text) if text else ""


def _inside_double_quotes(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)
