"""Images of the Docker engine: found, pulled or built, with progress, and errors with a line."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import re
import tarfile
from collections.abc import Iterable
from typing import IO, Any, cast

import docker.errors
import docker.utils.build

from buildd.engines import Report, environment_key
from buildd.engines.docker_client import STREAM_TIMEOUT, client
from buildd.engines.docker_labels import labels
from buildd.engines.dockerfile import instruction_lines
from buildd.errors import ImageError
from buildd.model import Environment, Project

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)")
_LINE = re.compile(r"\b(?:parse error )?(?:on )?line (\d+)\b", re.IGNORECASE)
_KEPT_OUTPUT = 20_000


def ensure(project: Project, environment: Environment, report: Report, *, rebuild: bool) -> str:
    """Have the environment's image, and return its id. Blocks; call it in a thread.

    Raises ImageError, with the failing line where a Dockerfile has one.
    """
    if environment.dockerfile:
        return _ensure_built(project, environment, report, rebuild=rebuild)
    if not rebuild and (present := _find(environment.image)):
        return present
    return _pull(environment.image, report)


def _find(name: str) -> str:
    try:
        return cast("str", client().images.get(name).id)
    except docker.errors.ImageNotFound:
        return ""


def _pull(name: str, report: Report) -> str:
    report(f"pulling {name}", None)
    repository, tag = docker.utils.parse_repository_tag(name)
    layers: dict[str, tuple[int, int]] = {}
    try:
        for event in client(STREAM_TIMEOUT).api.pull(
            repository, tag=tag or "latest", stream=True, decode=True
        ):
            if "error" in event:
                raise ImageError(f"cannot pull {name}: {event['error'].strip()}", _pull_remedy())
            detail = event.get("progressDetail") or {}
            if event.get("status") == "Downloading" and detail.get("total"):
                layers[event["id"]] = (detail["current"], detail["total"])
                done, total = (sum(column) for column in zip(*layers.values(), strict=True))
                report(f"pulling {name}", 100 * done // total)
    except docker.errors.APIError as error:
        raise ImageError(
            f"cannot pull {name}: {error.explanation or error}", _pull_remedy()
        ) from error
    return _find(name)


def _pull_remedy() -> str:
    return "Check the image's name, the network, and `docker login` if it is private."


def definition_tag(project: Project, environment: Environment) -> str:
    """The tag of the environment's built image: its definition's hash. Raises ImageError if the
    Dockerfile cannot be read."""
    digest = hashlib.sha256(f"{environment.context}\0".encode())
    for path in (environment.dockerfile, *environment.rebuild_on):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            raise ImageError(
                f"cannot read {path}: {error.strerror}",
                "The environment's definition names it.",
                file=project.config_file,
                line=1,
            ) from error
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    key = environment_key(project.path, environment.name)
    return f"buildd/{key}:{digest.hexdigest()[:16]}"


def _ensure_built(
    project: Project, environment: Environment, report: Report, *, rebuild: bool
) -> str:
    tag = definition_tag(project, environment)
    if not rebuild and (present := _find(tag)):
        return present
    with open(environment.dockerfile, "rb") as file:
        dockerfile = file.read()
    report("building the image", 0)
    context, name = _context(environment, dockerfile)
    events = client(STREAM_TIMEOUT).api.build(
        fileobj=context,
        custom_context=True,
        dockerfile=name,
        tag=tag,
        rm=True,
        forcerm=True,
        nocache=rebuild,
        decode=True,
        labels=labels(project.path, environment.name),
    )
    try:
        _follow(cast("Iterable[dict[str, Any]]", events), environment, dockerfile, report)
    except docker.errors.APIError as error:
        # The Dockerfile did not even parse.
        text = str(error.explanation or error)
        found = _LINE.search(text)
        raise ImageError(
            f"the image does not build: {text}",
            file=environment.dockerfile,
            line=int(found[1]) if found else 1,
            output=text,
        ) from error
    finally:
        context.close()
    image = _find(tag)
    _remove_older(tag)
    return image


def _context(environment: Environment, dockerfile: bytes) -> tuple[IO[bytes], str]:
    """A tar stream for the engine: the Dockerfile alone, or with the context's files."""
    name = ".buildd.Dockerfile"
    if environment.context:
        ignore_file = os.path.join(environment.context, ".dockerignore")
        patterns: list[str] = []
        if os.path.isfile(ignore_file):
            with open(ignore_file, encoding="utf-8") as file:
                patterns = [line.strip() for line in file if line.strip() and line[0] != "#"]
        stream = docker.utils.build.tar(
            pathlib.Path(environment.context),
            exclude=patterns,
            dockerfile=(name, dockerfile.decode("utf-8", "surrogateescape")),
        )
        return cast("IO[bytes]", stream), name
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(dockerfile)
        tar.addfile(info, io.BytesIO(dockerfile))
    buffer.seek(0)
    return buffer, name


def _follow(
    events: Iterable[dict[str, Any]], environment: Environment, dockerfile: bytes, report: Report
) -> None:
    """Read the build's events to their end; report each step and what it prints."""
    step = steps = 0
    output = ""
    for event in events:
        text = event.get("stream") or event.get("status") or ""
        output = (output + text)[-_KEPT_OUTPUT:]
        for line in filter(None, map(str.strip, text.splitlines())):
            if found := _STEP.match(line):
                step, steps = int(found[1]), int(found[2])
            report(line, 100 * (step - 1) // steps if steps else None)
        if "error" in event:
            lines = instruction_lines(dockerfile.decode("utf-8", "replace"))
            message = str(event["error"]).strip()
            remedy = ""
            if not environment.context and re.search(
                r"\b(COPY|ADD) failed|not found in build context", message
            ):
                remedy = (
                    'No context is sent to the engine: set `context = "."` in '
                    f"[environments.{environment.name}] for COPY and ADD."
                )
            raise ImageError(
                f"the image does not build: {message}",
                remedy,
                file=environment.dockerfile,
                line=lines[step - 1] if 0 < step <= len(lines) else 1,
                output=output,
            )


def _remove_older(tag: str) -> None:
    """Untag what this environment's earlier definitions built; the engine keeps what is in use."""
    repository = tag.partition(":")[0]
    for image in client().images.list(name=repository):
        for name in image.tags:
            if name != tag:
                try:
                    client().images.remove(name)
                except docker.errors.APIError:
                    continue  # in use by the container that is about to be replaced
