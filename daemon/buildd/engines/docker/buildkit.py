"""BuildKit, by way of a `docker` command that has it: it alone can hand secrets to a build."""

from __future__ import annotations

import csv
import functools
import io
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO

from buildd.engines import OnProgress
from buildd.engines.docker import build_arguments
from buildd.engines.docker.build_failure import line_of, remedy
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
_LAST_WORD = re.compile(r"(?:ERROR: )?(?:failed to build: )?failed to solve[^:]*: (.*)")
_KEPT_LINES = 200
_SHORTEST_SECRET = 4


def build_with_buildkit(
    definition: ImageDefinition,
    options: list[str],
    files: IO[bytes],
    feature: tuple[int, str],
    report: OnProgress,
) -> None:
    """Build with these options, and the context from the tar file. `feature` is the line and the
    name of what the classic builder does not know. Raises ImageError."""
    recipe = definition.recipe
    command = docker_command()
    if not command:
        line, what = feature
        raise ImageError(
            f"{what} needs BuildKit, which no `docker` command here has",
            "Install Docker's plugin buildx (the package docker-buildx-plugin or docker-buildx).",
            file=recipe.dockerfile,
            line=line,
        )
    for name, path in recipe.secrets.items():
        options += ["--secret", _fields(f"id={name}", f"src={path}")]
    if recipe.ssh_agent and (socket := agent_socket()):
        options += ["--ssh", _fields(f"default={socket}")]
    process = subprocess.Popen(
        [command, "build", "--progress", "plain", *options, "-"],
        stdin=files,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment() | build_arguments.variables(recipe.build_args),
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )

    def end() -> None:
        # With the plugin that it may have started: that one is not told of its end.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    try:
        reading = _Reading(definition, report)
        hidden = _hiding(recipe.secrets)
        with ended_by(end):
            for text in process.stdout or ():
                reading.line(hidden(text.rstrip()))
            process.wait()
        if process.returncode:
            raise reading.error()
    finally:
        if process.poll() is None:
            end()
        process.wait()
        if process.stdout:
            process.stdout.close()


@functools.cache
def docker_command() -> str:
    """The first `docker` of the PATH that builds with BuildKit, or empty: found out by asking
    each, for old ones have it built in, and newer ones only with a plugin."""
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
    """Of the command: BuildKit, of the engine itself and not in a container beside it."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("BUILDD_")}
    return {
        **ours,
        "DOCKER_BUILDKIT": "1",
        "BUILDX_BUILDER": "default",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    }


def _fields(*fields: str) -> str:
    """As the command's options are read: comma-separated, quoted where need be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _hiding(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """Takes out of a line what a secret holds, should a command print it."""
    known: set[str] = set()
    for path in secrets.values():
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                known |= {line.strip() for line in file if len(line.strip()) >= _SHORTEST_SECRET}
        except OSError:
            continue  # the build says that it cannot be read
    if not known:
        return lambda line: line
    longest_first = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda line: pattern.sub("***", line)


class _Reading:
    """What `--progress plain` prints, line by line."""

    def __init__(self, definition: ImageDefinition, report: OnProgress) -> None:
        self._definition = definition
        self._report = report
        self._vertices: dict[str, str] = {}
        self._percentage: int | None = None
        self._lines: list[str] = []
        self._failed = ""
        self._place = 0
        self._message = ""

    def line(self, text: str) -> None:
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
            self._place = int(match[1])
        elif match := _LAST_WORD.match(text):
            self._message = match[1]
        elif not text.startswith(("#", "-", " > ")):
            self._keep(text)

    def _keep(self, text: str) -> None:
        self._lines = [*self._lines[1 - _KEPT_LINES :], text]

    def error(self) -> ImageError:
        """Why the build failed, at its line."""
        message = self._message or (self._lines[-1] if self._lines else "the command said nothing")
        line = self._place or self._line_of(message)
        return ImageError(
            f"the image does not build: {message}",
            remedy(self._definition, message, line),
            file=self._definition.recipe.dockerfile,
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
