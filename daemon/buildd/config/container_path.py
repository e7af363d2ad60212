"""Where in a container something can be mounted. Pure.

An engine refuses other places only when it starts the container, in words of its own; or it starts
one in which nothing runs.
"""

from __future__ import annotations

import posixpath
import re

from buildd.base.printable import quoted
from buildd.config.values import ValueProblemError, check_text

RESERVED_TARGETS = ("/run/buildd", "/var/lib/buildd", "/run/buildd-ssh-agent")
"""Where the container sees its run directory, what its shells remember, and the user's agent."""

_ALIAS = "/var/run"
"""A link to /run in nearly every image."""

_PROGRAMS = re.compile(
    r"/bin|/sbin|(?:/usr)?/lib(?:32|64|x32)?|/usr|/usr/bin|/usr/sbin"
    r"|(?:/usr)?/lib/[a-z0-9_]+-linux-(?:gnu|musl)\w*"
)
"""The shell, the loader and their libraries: without them nothing starts."""

_KERNEL = re.compile(r"/proc(?:/.*)?|/sys|/dev", re.DOTALL)
"""What the kernel shows in a container. Below /sys and /dev, some things can be mounted."""

_ENGINE = re.compile(
    r"/dev/(?:console|fd|full|null|ptmx|pts|random|stderr|stdin|stdout|tty|urandom|zero)"
    r"|/sbin/docker-init|/dev/init|/run/podman-init|/\.dockerenv|/run/\.containerenv"
)
"""What an engine itself puts into every container."""


def container_path(value: str) -> str:
    """Return a path of the container, normalised, at which something can be mounted.

    Raises ValueProblemError if it is not absolute, or if the container, the engine or buildd needs
    what is there.
    """
    if not value.startswith("/"):
        raise ValueProblemError(
            f"must be an absolute path in the container, not {quoted(value)}", "Begin it with `/`."
        )
    path = posixpath.normpath("/" + check_text(value).lstrip("/"))
    if path == "/":
        raise ValueProblemError("cannot be the container's root", "Choose a directory below it.")
    plain = "/run" + path.removeprefix(_ALIAS) if path.startswith(f"{_ALIAS}/") else path
    if any(plain == target or plain.startswith(f"{target}/") for target in RESERVED_TARGETS):
        raise ValueProblemError(f"cannot be {path}", "buildd keeps its own files there.")
    if path == _ALIAS:
        raise ValueProblemError(f"cannot be {path}, a link in most images", "Write /run.")
    if _PROGRAMS.fullmatch(path):
        raise ValueProblemError(
            f"cannot be {path}: it would hide the programs of the image",
            "Choose a directory below it, or another one.",
        )
    if _KERNEL.fullmatch(path):
        raise ValueProblemError(
            f"cannot be {path}, which belongs to the kernel", "Choose another directory."
        )
    if _ENGINE.fullmatch(plain):
        raise ValueProblemError(
            f"cannot be {path}, which the engine makes itself", "Choose another place."
        )
    return path
