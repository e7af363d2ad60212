"""This module builds an image from its definition.

It uses the engine's classic builder, which needs only the engine, or BuildKit if the definition
needs that. It blocks: call it in a thread.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import IO

import docker.errors
from docker import APIClient

from buildd.engines import OnProgress
from buildd.engines.docker import pulling
from buildd.engines.docker.api_stream import Events, streaming
from buildd.engines.docker.build_failure import build_remedy, line_of
from buildd.engines.docker.build_steps import NUMBER, percentage
from buildd.engines.docker.buildkit import build_with_buildkit
from buildd.engines.docker.client import PODMAN, service
from buildd.engines.image_definition.digest import ImageDefinition, ImageSource, define
from buildd.engines.image_definition.dockerfile import instruction_lines, needs_buildkit
from buildd.engines.image_definition.packing import DOCKERFILE, packed
from buildd.errors import ImageError

_STEP = re.compile(rf"(?:Step|(?:\[\d+/\d+\] )?STEP) {NUMBER}/{NUMBER} ?: (.*)")
_BOOKKEEPING = re.compile(
    r"--?-> |Removing intermediate container |Successfully (?:built|tagged) "
    r"|(?i:Step) .* ?: LABEL (?:\\?\")?buildd\."
)
"""Lines about the engine's own work, and about buildd's labels, which are not reported."""

_PODMAN_STEP = re.compile(r'building at STEP "(.*?)": ', re.DOTALL)
"""Podman's message names the instruction, because its step numbers restart with each stage."""

_LINE = re.compile(rf"\b(?:parse error )?(?:on )?line {NUMBER}\b", re.IGNORECASE)
_OUTPUT_LIMIT = 20_000


TagOf = Callable[[ImageDefinition], str]
"""Returns the tag for the image of a definition."""


def build(
    source: ImageSource,
    tag_of: TagOf,
    labels: dict[str, str],
    report: OnProgress,
    *,
    no_cache: bool = False,
) -> ImageDefinition:
    """Build the image, give it the tag and the labels, and return its definition.

    `no_cache` uses nothing from earlier builds. Raises ImageError at the failing line of the
    Dockerfile, ChangedFileError if a file is not what the user consented to.
    """
    if source.context and not os.path.isdir(source.context):
        raise ImageError(
            f"the context {source.context} does not exist",
            f"Create it, or correct `context` in [{source.table}].",
            file=source.dockerfile,
            line=1,
        )
    before = define(source)
    for line, base in before.bases:
        pulling.ensure_image(base, source.pull, report, file=source.dockerfile, line=line)
    pulling.inspect_bases(before.base_names, source.engine)
    definition, files = packed(source)
    with files:
        report("building the image", 0)
        if feature := _buildkit_feature(definition):
            options = _options(source, tag_of(definition), labels, no_cache=no_cache)
            build_with_buildkit(
                definition, ["--file", DOCKERFILE, *options], files, feature, report
            )
        else:
            tag = tag_of(definition)
            _build_classic(definition, files, tag, labels, report, no_cache=no_cache)
    return definition


def _buildkit_feature(definition: ImageDefinition) -> tuple[int, str] | None:
    """Return the line and name of a feature that the engine's own builder does not have."""
    source = definition.source
    secrets = (1, f"`secrets` of [{source.table}]") if source.secrets else None
    if service() is PODMAN:
        if secrets:
            raise ImageError(
                f"{secrets[1]}: Podman's service cannot pass secrets to a build",
                "Use Docker for this environment, or let a hook fetch the secret.",
                file=source.dockerfile,
                line=1,
            )
        return None  # Podman's builder supports BuildKit's syntax
    return needs_buildkit(definition.parsed) or secrets


def _options(source: ImageSource, tag: str, labels: dict[str, str], *, no_cache: bool) -> list[str]:
    options = ["--tag", tag]
    for name, value in labels.items():
        options += ["--label", f"{name}={value}"]
    for name, value in source.build_args.items():
        options += ["--build-arg", f"{name}={value}"]
    if source.target:
        options += ["--target", source.target]
    return [*options, "--no-cache"] if no_cache else options


def _build_classic(
    definition: ImageDefinition,
    files: IO[bytes],
    tag: str,
    labels: dict[str, str],
    report: OnProgress,
    *,
    no_cache: bool,
) -> None:
    source = definition.source

    def ask(api: APIClient) -> object:
        return api.build(
            fileobj=files,
            custom_context=True,
            dockerfile=DOCKERFILE,
            tag=tag,
            rm=True,
            forcerm=True,
            nocache=no_cache,
            decode=True,
            labels=labels,
            buildargs=source.build_args,
            target=source.target or None,
        )

    try:
        with streaming(ask) as events:
            _follow(events, definition, report)
    except docker.errors.APIError as error:
        # The engine could not parse the Dockerfile.
        text = str(error.explanation or error).replace(f" ({DOCKERFILE})", "")
        match = _LINE.search(text)
        line = int(match[1]) if match else 1
        raise ImageError(
            f"the image does not build: {text}",
            build_remedy(definition, text, line),
            file=source.dockerfile,
            line=line,
        ) from error


def _follow(events: Events, definition: ImageDefinition, report: OnProgress) -> None:
    """Read all events of the build, and report each step and its output."""
    step = steps = 0
    output = ""
    for event in events:
        text = event.get("stream") or event.get("status") or ""
        output = (output + text)[-_OUTPUT_LIMIT:]
        for line in filter(None, map(str.strip, text.splitlines())):
            if match := _STEP.match(line):
                step, steps = int(match[1]), int(match[2])
            if not _BOOKKEEPING.match(line):
                report(line, percentage(step, steps))
        if "error" in event:
            message = str(event["error"]).strip()
            failed_line = _failed_line(definition, message, step)
            raise ImageError(
                f"the image does not build: {message}",
                build_remedy(definition, message, failed_line),
                file=definition.source.dockerfile,
                line=failed_line,
                output=output,
            )


def _failed_line(definition: ImageDefinition, message: str, step: int) -> int:
    """Return the line of the instruction that failed: the last step that the engine reported."""
    if match := _PODMAN_STEP.search(message):
        return line_of(definition, match[1]) or 1
    lines = instruction_lines(definition.text.decode("utf-8", "replace"))
    return lines[step - 1] if 0 < step <= len(lines) else 1
