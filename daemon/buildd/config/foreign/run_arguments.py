"""This module turns arguments of `docker run` into keys of an environment.

Source: the reference of `docker container run` (docs.docker.com).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from buildd.base.printable import quoted
from buildd.config.foreign.draft import Translation
from buildd.config.foreign.mount_text import (
    BIND,
    TMPFS,
    VOLUME,
    MountText,
    parse_mount,
    parse_volume,
)
from buildd.config.key_positions import Path

Arguments = Sequence[tuple[Path, str]]
"""Arguments, each with its key in the file."""


class Option(NamedTuple):
    """A parsed option; `value` is empty if the option takes none."""

    key: Path
    name: str
    value: str


def translate(arguments: Arguments, into: Translation) -> str:
    """Add the keys that the arguments mean; return the value of `--user`, or empty."""
    user = ""
    for option in _options(arguments):
        if option.name == "--user":
            user = option.value
        elif handler := HANDLERS.get(option.name):
            handler(into, option)
        elif option.name not in _IGNORED:
            reason = _REASONS.get(option.name, "is not supported, and is ignored")
            into.remark(option.key, f"{option.name} {reason}")
    return user


def put_mount(into: Translation, mount: MountText, key: Path) -> None:
    """Add a mount of any kind."""
    if not mount.target.startswith("/"):
        into.remark(key, "has no absolute target, so it is ignored", "Add `target=/…`.")
    elif mount.kind == BIND:
        source = os.path.expanduser(mount.source)
        path = os.path.normpath(os.path.join(into.draft.directory, source))
        into.mount(path, mount.target, key, read_only=mount.read_only)
    elif mount.kind == VOLUME:
        into.cache(mount.source, mount.target, key)
    elif mount.kind == TMPFS:
        into.put(("tmpfs", mount.target), 0, key)
    else:
        into.remark(key, f"has the unsupported type {quoted(mount.kind)}, and is ignored")


def put_capability(into: Translation, name: str, key: Path) -> None:
    """Add a capability, unless all environments have it."""
    name = name.upper().removeprefix("CAP_")
    if name != "SYS_PTRACE":
        into.append("cap-add", name, key)


def put_privileged(into: Translation, key: Path) -> None:
    """Add a warning that privileged containers are not supported."""
    into.remark(
        key,
        "is not supported, because a privileged container controls the host",
        "Add the capabilities that you need with `capAdd` or `--cap-add`.",
    )


def put_security(into: Translation, text: str, key: Path) -> None:
    """Add a remark about a security option, which buildd does not use."""
    if text.startswith("seccomp"):
        into.note(key, "is ignored: debuggers work without it")
    elif not text.startswith("no-new-privileges"):
        into.remark(key, "is ignored: buildd keeps the engine's default confinement")


def _memory(into: Translation, option: Option) -> None:
    if re.fullmatch(r"\d{1,18}[bkmgBKMG]?", option.value):
        into.put(("memory",), option.value.lower().rstrip("b"), option.key)
    else:
        into.remark(
            option.key, f"{option.name} must be a size, so it is ignored", "An example is `4g`."
        )


def _number(into: Translation, option: Option) -> None:
    name = {"--cpus": "cpus", "--pids-limit": "processes"}[option.name]
    try:
        value = float(option.value)
    except ValueError:
        into.remark(option.key, f"{option.name} must be a number, so it is ignored")
        return
    into.put((name,), value if name == "cpus" else max(int(value), 0), option.key)


def _network(into: Translation, option: Option) -> None:
    if option.value == "none":
        into.put(("network",), False, option.key)
    elif option.value not in ("bridge", "default"):
        into.remark(
            option.key,
            f"{option.name} {quoted(option.value)} is ignored: the network is the engine's default "
            "one, or none",
        )


def _shm_size(into: Translation, option: Option) -> None:
    into.put(("shm-size",), option.value.lower(), option.key)


def _gpus(into: Translation, option: Option) -> None:
    if option.value == "all" or option.value.isdigit():
        value = option.value if option.value == "all" else int(option.value)
        into.put(("gpus",), value, option.key)
    else:
        into.remark(option.key, "--gpus must be a number or `all`, so it is ignored")


def _tmpfs(into: Translation, option: Option) -> None:
    target, _, options = option.value.partition(":")
    size = re.search(r"(?:^|,)size=(\d+[kmg]?)", options, re.IGNORECASE)
    into.put(("tmpfs", target), size[1].lower() if size else 0, option.key)


def _env(into: Translation, option: Option) -> None:
    name, sign, value = option.value.partition("=")
    into.put(("env", name), value if sign else f"${{localEnv:{name}}}", option.key)


HANDLERS: dict[str, Callable[[Translation, Option], None]] = {
    "--cap-add": lambda into, option: put_capability(into, option.value, option.key),
    "--cpus": _number,
    "--env": _env,
    "--gpus": _gpus,
    "--memory": _memory,
    "--mount": lambda into, option: put_mount(into, parse_mount(option.value), option.key),
    "--network": _network,
    "--pids-limit": _number,
    "--privileged": lambda into, option: put_privileged(into, option.key),
    "--security-opt": lambda into, option: put_security(into, option.value, option.key),
    "--shm-size": _shm_size,
    "--tmpfs": _tmpfs,
    "--volume": lambda into, option: put_mount(into, parse_volume(option.value), option.key),
}
"""The function that translates each supported option."""

_REASONS = {
    "--env-file": "is ignored: add its variables one by one",
    "--publish": "is ignored: buildd publishes no ports",
    "--expose": "is ignored: buildd publishes no ports",
    "--workdir": "is ignored: commands start in the project's directory",
    "--entrypoint": "is ignored: the container only waits for commands",
    "--cap-drop": "is ignored: containers only have the capabilities that builds need",
    "--ulimit": "is ignored: the engine's own limits apply",
    "--device": "is ignored: environments have no devices of the host except `gpus`",
}
"""The message for each option that buildd ignores for a special reason."""

_IGNORED = {
    "--detach",
    "--hostname",
    "--init",
    "--interactive",
    "--label",
    "--name",
    "--rm",
    "--tty",
}
"""Options that are ignored without a remark, because their effect is not needed."""

_LONG = {
    "--net": "--network",
    "-d": "--detach",
    "-e": "--env",
    "-h": "--hostname",
    "-i": "--interactive",
    "-l": "--label",
    "-m": "--memory",
    "-p": "--publish",
    "-P": "--publish-all",
    "-q": "--quiet",
    "-t": "--tty",
    "-u": "--user",
    "-v": "--volume",
    "-w": "--workdir",
}
"""The long name of each short option."""

_WITHOUT_VALUE = {
    "--detach",
    "--init",
    "--interactive",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--privileged",
    "--publish-all",
    "--quiet",
    "--read-only",
    "--rm",
    "--sig-proxy",
    "--tty",
}


def _options(arguments: Arguments) -> Iterator[Option]:
    """Parse the arguments as the docker command does."""
    remaining = iter(arguments)
    for key, argument in remaining:
        text = argument.strip()
        name, sign, value = text.partition("=")
        if text.startswith("-") and not text.startswith("--") and len(text) > 1:
            letters = text[1:]
            # `-it` is two options, and `-eNAME=x` is one with its value.
            while letters:
                name = _LONG.get(f"-{letters[0]}", f"-{letters[0]}")
                letters = letters[1:]
                if name in _WITHOUT_VALUE:
                    yield Option(key, name, "")
                else:
                    value = letters.removeprefix("=") or _next(remaining)
                    letters = ""
                    yield Option(key, name, value)
        elif text.startswith("--"):
            # Some files have an option and its value in one argument.
            name, blank, rest = name.partition(" ")
            name = _LONG.get(name, name)
            if blank and not sign:
                yield Option(key, name, rest.strip())
            elif name in _WITHOUT_VALUE:
                if value.lower() not in ("false", "0"):
                    yield Option(key, name, "")
            else:
                yield Option(key, name, value if sign else _next(remaining))
        elif text:
            yield Option(key, text, "")


def _next(remaining: Iterator[tuple[Path, str]]) -> str:
    return next(remaining, ((), ""))[1].strip()
