"""This module builds with BuildKit, through a `docker` command that supports it.

Only BuildKit can pass secrets to a build.
"""

from __future__ import annotations

import csv
import functools
import io
import os
import re
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from buildd.engines import OnProgress
from buildd.engines.docker import build_secrets
from buildd.engines.docker.build_failure import build_remedy, line_of
from buildd.engines.docker.build_steps import NUMBER, percentage
from buildd.engines.docker.interruptible import ended_by
from buildd.engines.docker.mounts import agent_socket
from buildd.engines.image_definition.digest import ImageDefinition
from buildd.errors import ImageError

_VERTEX = re.compile(rf"#(\d+) \[(?:[^\]]*? )?{NUMBER}/{NUMBER}\] (.*)")
_INTERNAL = re.compile(r"#(\d+) \[internal\] (.*)")
_OUTPUT = re.compile(r"#\d+ \d+\.\d+ (.*)")
_FAILED = re.compile(r"#(\d+) ERROR: (.*)")
_PLACE = re.compile(rf"\S*\.buildd\.Dockerfile:{NUMBER}$")
_PARSE = re.compile(rf"\bline {NUMBER}\b")
_FINAL_ERROR = re.compile(r"(?:ERROR: )?(?:failed to build: )?failed to solve[^:]*: (.*)")
_LINE_LIMIT = 200


def build_with_buildkit(
    definition: ImageDefinition,
    options: list[str],
    files: IO[bytes],
    feature: tuple[int, str],
    report: OnProgress,
) -> None:
    """Build with the context in the tar file `files`, and with options of `docker build`.

    `feature` is the line and name of the feature that needs BuildKit. Raises ImageError.
    """
    source = definition.source
    command = docker_command()
    if not command:
        line, what = feature
        raise ImageError(
            f"{what} needs BuildKit, but no `docker` command here supports it",
            "Install Docker's plugin buildx (the package docker-buildx-plugin or docker-buildx).",
            file=source.dockerfile,
            line=line,
        )
    if source.ssh_agent and (socket := agent_socket()):
        options += ["--ssh", _fields(f"default={socket}")]
    secrets = build_secrets.read(source)
    reader = _ProgressReader(definition, report, build_secrets.hiding(secrets))
    with build_secrets.in_memory(secrets) as paths:
        for name, path in paths.items():
            options += ["--secret", _fields(f"id={name}", f"src={path}")]
        _follow([command, "build", "--progress", "plain", *options, "-"], files, reader)


def _follow(command: list[str], files: IO[bytes], reader: _ProgressReader) -> None:
    """Run the command to its end. Raises ImageError if it fails."""
    process = subprocess.Popen(
        command,
        stdin=files,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )

    def end() -> None:
        # Kill the group: the command may have started a plugin, which would survive it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    try:
        with ended_by(end):
            for text in process.stdout or ():
                reader.read(text.rstrip())
            process.wait()
        if process.returncode:
            raise reader.error()
    finally:
        if process.poll() is None:
            end()
        process.wait()
        if process.stdout:
            process.stdout.close()


@functools.cache
def docker_command() -> str:
    """Return the first `docker` of the PATH that supports BuildKit, or empty.

    Each is asked for its help, because old ones have BuildKit built in, and newer ones only with a
    plugin.
    """
    for directory in os.get_exec_path():
        command = os.path.join(directory, "docker")
        if not os.access(command, os.X_OK):
            continue
        try:
            asked = subprocess.run(
                [command, "build", "--help"],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=20,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if asked.returncode == 0 and "--secret" in asked.stdout:
            return command
    return ""


def _environment() -> dict[str, str]:
    """Return the command's environment: BuildKit in the engine itself, not in a container."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("BUILDD_")
    }
    return {
        **inherited,
        "DOCKER_BUILDKIT": "1",
        "BUILDX_BUILDER": "default",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    }


def _fields(*fields: str) -> str:
    """Return an option's fields as comma-separated values, quoted where necessary."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


class _ProgressReader:
    """Reads the output of `--progress plain`, line by line."""

    def __init__(
        self, definition: ImageDefinition, report: OnProgress, hide: Callable[[str], str]
    ) -> None:
        self._hide = hide
        self._definition = definition
        self._report = report
        self._vertices: dict[str, str] = {}
        """The instruction of each numbered vertex of the build."""
        self._percentage: int | None = None
        self._lines: list[str] = []
        self._failed = ""
        self._failed_line = 0
        self._message = ""

    def read(self, text: str) -> None:
        text = self._hide(text)
        if not text:
            return
        if match := _VERTEX.match(text):
            number, step, steps, what = match.groups()
            self._vertices[number] = what
            self._percentage = percentage(int(step), int(steps))
            self._keep(f"Step {step}/{steps} : {what}")
            self._report(f"Step {step}/{steps} : {what}", self._percentage)
        elif match := _INTERNAL.match(text):
            self._vertices[match[1]] = match[2]
        elif match := _OUTPUT.match(text):
            self._keep(match[1])
            self._report(match[1], self._percentage)
        elif match := _FAILED.match(text):
            self._failed, self._message = self._vertices.get(match[1], ""), match[2]
        elif match := _PLACE.match(text):
            self._failed_line = int(match[1])
        elif match := _FINAL_ERROR.match(text):
            self._message = match[1]
        elif not text.startswith(("#", "-", " > ")):
            self._keep(text)

    def _keep(self, text: str) -> None:
        self._lines = [*self._lines[1 - _LINE_LIMIT :], text]

    def error(self) -> ImageError:
        """Return why the build failed, with the line of the Dockerfile."""
        message = self._message or (
            self._lines[-1] if self._lines else "the command printed nothing"
        )
        line = self._failed_line or self._line_of(message)
        return ImageError(
            f"the image does not build: {message}",
            build_remedy(self._definition, message, line),
            file=self._definition.source.dockerfile,
            line=line,
            output="\n".join(self._lines),
        )

    def _line_of(self, message: str) -> int:
        if "parse error" in message and (match := _PARSE.search(message)):
            return int(match[1])
        for line, base in self._definition.bases:
            if self._failed.startswith("load metadata") and base in self._failed:
                return line
        return line_of(self._definition, self._failed) or 1
