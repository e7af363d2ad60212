"""Arguments of `docker run` → keys of an environment: which have a meaning here and which not."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from buildd.base.printable import quoted
from buildd.config.foreign.draft import Translation
from buildd.config.foreign.mount_text import BIND, TMPFS, VOLUME, MountText, of_mount, of_volume
from buildd.config.key_positions import Path

Arguments = Sequence[tuple[Path, str]]
"""Each with the key where it stands."""


_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)


class Option(NamedTuple):
    """One option; `value` is empty where it takes none."""

    key: Path
    name: str
    value: str


def translate(arguments: Arguments, into: Translation) -> str:
    """Write what they mean; the user that they name, or empty."""
    user = ""
    for option in _options(arguments):
        if option.name == "--user":
            user = option.value
        elif meaning := MEANINGS.get(option.name):
            meaning(into, option)
        elif option.name not in _UNHEARD:
            reason = _REASONS.get(option.name, "has no meaning here, and is left out")
            into.remark(option.key, f"{option.name} {reason}")
    return user


def put_mount(into: Translation, mount: MountText, key: Path) -> None:
    """Write a mount of any kind."""
    if not mount.target.startswith("/"):
        into.remark(key, "names no place in the container, and is left out", "Add `target=/…`.")
    elif mount.kind == BIND:
        source = os.path.expanduser(mount.source)
        path = os.path.normpath(os.path.join(into.draft.directory, source))
        into.mount(path, mount.target, key, read_only=mount.read_only)
    elif mount.kind == VOLUME:
        into.cache(mount.source, mount.target, key)
    elif mount.kind == TMPFS:
        into.put(("tmpfs", mount.target), 0, key)
    else:
        into.remark(key, f"is of the type {quoted(mount.kind)}, and is left out")


def put_capability(into: Translation, name: str, key: Path) -> None:
    """Write a capability, unless environments have it anyway."""
    name = name.upper().removeprefix("CAP_")
    if name == "ALL":
        into.remark(
            key,
            "is not given: with every capability, a container controls this machine",
            "Name the capabilities that are needed.",
        )
    elif name != "SYS_PTRACE":
        into.append("cap-add", name, key)


def put_privileged(into: Translation, key: Path) -> None:
    """Refuse it."""
    into.remark(
        key,
        "is not given: a privileged container controls this machine",
        "Name the capabilities that are needed, with `capAdd` or `--cap-add`.",
    )


def put_security(into: Translation, text: str, key: Path) -> None:
    """Say what becomes of a security option."""
    if text.startswith("seccomp"):
        into.note(key, "is left out: debuggers work without it")
    elif not text.startswith("no-new-privileges"):
        into.remark(key, "is left out: buildd keeps the engine's own confinement")


def _memory(into: Translation, option: Option) -> None:
    if re.fullmatch(r"\d{1,18}[bkmgBKMG]?", option.value):
        into.put(("memory",), option.value.lower().rstrip("b"), option.key)
    else:
        into.remark(option.key, f"{option.name} must be a size, and is left out", "Write `4g`.")


def _number(into: Translation, option: Option) -> None:
    name = {"--cpus": "cpus", "--pids-limit": "processes"}[option.name]
    if not _NUMBER.fullmatch(option.value):
        into.remark(option.key, f"{option.name} must be a number, and is left out")
        return
    value = float(option.value)
    into.put((name,), value if name == "cpus" else max(int(value), 0), option.key)


def _network(into: Translation, option: Option) -> None:
    if option.value == "none":
        into.put(("network",), False, option.key)
    elif option.value not in ("bridge", "default"):
        into.remark(
            option.key,
            f"{option.name} {quoted(option.value)} is left out: the network is the engine's usual "
            "one, or none",
        )


def _shm_size(into: Translation, option: Option) -> None:
    into.put(("shm-size",), option.value.lower(), option.key)


def _gpus(into: Translation, option: Option) -> None:
    if option.value == "all":
        into.put(("gpus",), "all", option.key)
    elif _NUMBER.fullmatch(option.value) and option.value.isdecimal():
        into.put(("gpus",), int(option.value), option.key)
    else:
        into.remark(option.key, "--gpus must be a number or `all`, and is left out")


def _tmpfs(into: Translation, option: Option) -> None:
    target, _, options = option.value.partition(":")
    size = re.search(r"(?:^|,)size=(\d+[kmg]?)", options, re.IGNORECASE)
    into.put(("tmpfs", target), size[1].lower() if size else 0, option.key)


def _env(into: Translation, option: Option) -> None:
    name, sign, value = option.value.partition("=")
    into.put(("env", name), value if sign else f"${{localEnv:{name}}}", option.key)


MEANINGS: dict[str, Callable[[Translation, Option], None]] = {
    "--cap-add": lambda into, option: put_capability(into, option.value, option.key),
    "--cpus": _number,
    "--env": _env,
    "--gpus": _gpus,
    "--memory": _memory,
    "--mount": lambda into, option: put_mount(into, of_mount(option.value), option.key),
    "--network": _network,
    "--pids-limit": _number,
    "--privileged": lambda into, option: put_privileged(into, option.key),
    "--security-opt": lambda into, option: put_security(into, option.value, option.key),
    "--shm-size": _shm_size,
    "--tmpfs": _tmpfs,
    "--volume": lambda into, option: put_mount(into, of_volume(option.value), option.key),
}
"""What each becomes."""

_REASONS = {
    "--env-file": "is left out: name its variables one by one",
    "--publish": "is left out: no port is published",
    "--expose": "is left out: no port is published",
    "--workdir": "is left out: commands start in the project's directory",
    "--entrypoint": "is left out: the container only waits for commands",
    "--cap-drop": "is left out: only the capabilities that builds need are there",
    "--ulimit": "is left out: the engine's own hold",
    "--device": "is left out: environments see no devices of the host but `gpus`",
}
"""Why others are left out."""

_UNHEARD = {
    "--detach",
    "--hostname",
    "--init",
    "--interactive",
    "--label",
    "--name",
    "--rm",
    "--tty",
}
"""Which leave nothing to be desired."""

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
"""The long name of each short one."""

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
    """Take them apart as the docker command does."""
    waiting = iter(arguments)
    for key, argument in waiting:
        text = argument.strip()
        name, sign, value = text.partition("=")
        if text.startswith("-") and not text.startswith("--") and len(text) > 1:
            letters = text[1:]
            # `-it` is two, `-eNAME=x` is one with its value.
            while letters:
                name = _LONG.get(f"-{letters[0]}", f"-{letters[0]}")
                letters = letters[1:]
                if name in _WITHOUT_VALUE:
                    yield Option(key, name, "")
                else:
                    value = letters.removeprefix("=") or _next(waiting)
                    letters = ""
                    yield Option(key, name, value)
        elif text.startswith("--"):
            # Some write an option and its value as one argument.
            name, blank, rest = name.partition(" ")
            name = _LONG.get(name, name)
            if blank and not sign:
                yield Option(key, name, rest.strip())
            elif name in _WITHOUT_VALUE:
                if value.lower() not in ("false", "0"):
                    yield Option(key, name, "")
            else:
                yield Option(key, name, value if sign else _next(waiting))
        elif text:
            yield Option(key, text, "")


def _next(waiting: Iterator[tuple[Path, str]]) -> str:
    return next(waiting, ((), ""))[1].strip()
