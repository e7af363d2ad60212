"""systemd's user units for the daemon: a socket that systemd listens on, and the service that it
starts with the first client. See systemd.socket(5) and systemd.service(5)."""

from __future__ import annotations

import os
import subprocess
import sys

from buildd.errors import BuilddError
from buildd.paths import socket_path

SOCKET, SERVICE = "buildd.socket", "buildd.service"

_SOCKET = """\
[Unit]
Description=buildd: where clients find the daemon
Documentation=man:buildd(1)

[Socket]
ListenStream={path}
SocketMode=0600
DirectoryMode=0700

[Install]
WantedBy=sockets.target
"""

_SERVICE = """\
[Unit]
Description=buildd: builds in the container, diagnostics in the editor
Documentation=man:buildd(1)

[Service]
Type=exec
ExecStart={command}
KillMode=mixed
{environment}"""


def directory() -> str:
    """Return the directory of the user's own units."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    base = base if os.path.isabs(base) else os.path.expanduser("~/.config")
    return os.path.join(base, "systemd", "user")


def units() -> dict[str, str]:
    """Return the text of each unit, by name. The service gets the variables `BUILDD_…` that are
    set now: with others, it would look for its socket elsewhere than its clients."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "").rstrip("/")
    path = socket_path()
    if runtime and path.startswith(f"{runtime}/"):
        path = "%t" + _literal(path.removeprefix(runtime))
    else:
        path = _literal(path)
    command = [sys.executable, "-P", "-m", "buildd"]
    chosen = sorted(name for name in os.environ if name.startswith("BUILDD_"))
    return {
        SOCKET: _SOCKET.format(path=path),
        SERVICE: _SERVICE.format(
            command=" ".join(_word(word).replace("$", "$$") for word in command),
            environment="".join(
                f"Environment={_word(f'{name}={os.environ[name]}')}\n" for name in chosen
            ),
        ),
    }


def write() -> None:
    """Write the units where systemd finds them."""
    folder = directory()
    try:
        os.makedirs(folder, exist_ok=True)
        for name, text in units().items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise BuilddError(
            f"the units cannot be written to {folder}: {error.strerror}",
            "Make it a directory that you can write, or set XDG_CONFIG_HOME.",
        ) from error


def remove() -> bool:
    """Remove the units; return whether there were any."""
    removed = False
    for name in (SOCKET, SERVICE):
        try:
            os.remove(os.path.join(directory(), name))
        except FileNotFoundError:
            continue
        removed = True
    return removed


def tell(*commands: tuple[str, ...]) -> str:
    """Have the user's systemd do this, one command after the other. Return why it cannot, or an
    empty text."""
    for command in commands:
        try:
            done = subprocess.run(
                ["systemctl", "--user", *command],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            return "there is no systemctl here"
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            return f"`systemctl --user {' '.join(command)}`: {lines[0]}"
    return ""


def _literal(text: str) -> str:
    """Without meaning to systemd, where it expects the rest of a line."""
    return text.replace("%", "%%")


def _word(text: str) -> str:
    """As one word of a command line or an assignment."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{_literal(escaped)}"'
