"""Variables in the values of environment variables: what the host has, what the container has.

`${localEnv:NAME}` is what NAME is where the daemon runs, `${containerEnv:NAME}` what it is inside;
`${…:NAME:DEFAULT}` stands for the default where there is no such variable, and without a default
for nothing. Other text stays as it is, whatever shells make of it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_VARIABLE = re.compile(r"\$\{(localEnv|containerEnv):([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}")


NO_SECRETS = frozenset(
    ("HOME", "LOGNAME", "USER", "USERNAME", "USERPROFILE", "SSH_AUTH_SOCK", "DISPLAY", "UID", "GID")
)
"""Variables of this machine that give nothing away."""


def plain(env: Mapping[str, str]) -> dict[str, str]:
    """Those whose values hold no variable."""
    return {name: value for name, value in env.items() if not _VARIABLE.search(value)}


def taken_from_host(env: Mapping[str, str]) -> list[str]:
    """The names of the host's variables that the values hold, each once."""
    found = (one for value in env.values() for one in _VARIABLE.finditer(value))
    return list(dict.fromkeys(one[2] for one in found if one[1] == "localEnv"))


def shell_word(value: str, host: Mapping[str, str], quote: Callable[[str], str]) -> str:
    """The value as a word for a shell inside, which fills in what the container has."""
    word = ""
    end = 0
    for found in _VARIABLE.finditer(value):
        word += _quoted(value[end : found.start()], quote)
        end = found.end()
        source, name, default = found.groups(default="")
        if source == "localEnv":
            word += _quoted(host.get(name, default), quote)
        else:
            word += f'"${{{name}-{_quoted(default, _inside_double_quotes)}}}"'
    return word + _quoted(value[end:], quote) or "''"


def _quoted(text: str, quote: Callable[[str], str]) -> str:
    return quote(text) if text else ""


def _inside_double_quotes(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)
