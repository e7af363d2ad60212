"""Builds an image from its definition: with the engine's classic builder, which needs nothing but
the engine; with BuildKit where the definition needs that. Blocks."""

from __future__ import annotations

import io
import os
import re
import tarfile
import tempfile
from collections.abc import Callable
from typing import IO

import docker.errors
from docker import APIClient

from buildd.engines import OnProgress
from buildd.engines.docker import build_arguments, pulling
from buildd.engines.docker.api_stream import Events, streaming
from buildd.engines.docker.build_failure import line_of, remedy
from buildd.engines.docker.build_steps import NUMBER, percentage
from buildd.engines.docker.buildkit import build_with_buildkit
from buildd.engines.docker.client import PODMAN, service
from buildd.engines.image_definition.digest import ImageDefinition, ImageSource, define
from buildd.engines.image_definition.dockerfile import instruction_lines, needs_buildkit
from buildd.errors import ImageError

DOCKERFILE = ".buildd.Dockerfile"
"""What the Dockerfile is called in what is sent."""

ATTEMPTS = 3
"""To send files none of which changes while they are read."""

_STEP = re.compile(rf"(?:Step|(?:\[\d+/\d+\] )?STEP) {NUMBER}/{NUMBER} ?: (.*)")
_BOOKKEEPING = re.compile(
    r"--?-> |Removing intermediate container |Successfully (?:built|tagged) "
    r"|(?i:Step) .* ?: LABEL (?:\\?\")?buildd\."
)
"""What the engine says of its own doings, and of our labels."""

_PODMANS_STEP = re.compile(r'building at STEP "(.*?)": ', re.DOTALL)
"""Its numbers begin anew with each stage."""

_LINE = re.compile(rf"\b(?:parse error )?(?:on )?line {NUMBER}\b", re.IGNORECASE)
_KEPT_OUTPUT = 20_000


Tag = Callable[[ImageDefinition], str]
"""What the image of a definition is called."""


def build(
    recipe: ImageSource, tag: Tag, labels: dict[str, str], report: OnProgress, *, anew: bool = False
) -> ImageDefinition:
    """Build the image, and give it the tag and the labels; `anew` takes nothing from earlier
    builds. Returns what it was built from. Raises ImageError with the line of the Dockerfile that
    failed."""
    if recipe.context and not os.path.isdir(recipe.context):
        raise ImageError(
            f"the context {recipe.context} does not exist",
            f"Make it, or correct `context` in [{recipe.table}].",
            file=recipe.dockerfile,
            line=1,
        )
    before = define(recipe)
    for line, base in before.bases:
        pulling.have(base, recipe.pull, report, file=recipe.dockerfile, line=line)
    pulling.learn(before.base_names, recipe.engine)
    definition, files = _packed(recipe)
    with files:
        report("building the image", 0)
        if feature := _beyond_the_service(definition):
            options = _options(recipe, tag(definition), labels, anew=anew)
            build_with_buildkit(
                definition, ["--file", DOCKERFILE, *options], files, feature, report
            )
        else:
            _build_classic(definition, files, tag(definition), labels, report, anew=anew)
    return definition


def _beyond_the_service(definition: ImageDefinition) -> tuple[int, str] | None:
    """The line and the name of what the engine's own service cannot build."""
    recipe = definition.recipe
    secrets = (1, f"`secrets` of [{recipe.table}]") if recipe.secrets else None
    if service() is PODMAN:
        if secrets:
            raise ImageError(
                f"{secrets[1]}: Podman's service has no way to give them to a build",
                "Use Docker for this environment, or have a command fetch what is secret.",
                file=recipe.dockerfile,
                line=1,
            )
        return None  # its builder knows BuildKit's language
    return needs_buildkit(definition.parsed) or secrets


def _packed(recipe: ImageSource) -> tuple[ImageDefinition, IO[bytes]]:
    """A definition that was the same before and after its files were packed (as nearly as can be
    had, where somebody goes on writing), and what the engine is sent, as a tar file."""
    definition = define(recipe)
    attempt = 1
    while True:
        files = _pack(definition)
        again = define(recipe)
        if again.digest == definition.digest or attempt == ATTEMPTS:
            return definition, files
        files.close()
        definition = again
        attempt += 1


def _options(recipe: ImageSource, tag: str, labels: dict[str, str], *, anew: bool) -> list[str]:
    found = ["--tag", tag]
    for name, value in labels.items():
        found += ["--label", f"{name}={value}"]
    found += build_arguments.options(recipe.build_args)
    if recipe.target:
        found += ["--target", recipe.target]
    return [*found, "--no-cache"] if anew else found


def _pack(definition: ImageDefinition) -> IO[bytes]:
    """What the engine is sent, as a tar file at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        with tarfile.open(fileobj=file, mode="w") as tar:
            info = tarfile.TarInfo(DOCKERFILE)
            info.size = len(definition.text)
            tar.addfile(info, io.BytesIO(definition.text))
            for path in definition.sent:
                _add(tar, os.path.join(definition.recipe.context, path), path)
    except OSError as error:
        file.close()
        raise ImageError(
            f"the context {definition.recipe.context} cannot be read: {error}",
            "It may be changing just now: try again.",
            file=definition.recipe.dockerfile,
            line=1,
        ) from error
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _add(tar: tarfile.TarFile, path: str, name: str) -> None:
    tar.inodes = {}  # type: ignore[attr-defined]  # a file of two names is sent as two
    info = tar.gettarinfo(path, name)
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    if info.isreg():
        with open(path, "rb") as file:
            tar.addfile(info, file)
    else:
        tar.addfile(info)


def _build_classic(
    definition: ImageDefinition,
    files: IO[bytes],
    tag: str,
    labels: dict[str, str],
    report: OnProgress,
    *,
    anew: bool,
) -> None:
    recipe = definition.recipe

    def ask(api: APIClient) -> object:
        return api.build(
            fileobj=files,
            custom_context=True,
            dockerfile=DOCKERFILE,
            tag=tag,
            rm=True,
            forcerm=True,
            nocache=anew,
            decode=True,
            labels=labels,
            buildargs=recipe.build_args,
            target=recipe.target or None,
        )

    try:
        with streaming(ask) as events:
            _follow(events, definition, report)
    except docker.errors.APIError as error:
        # The Dockerfile did not even parse.
        text = str(error.explanation or error).replace(f" ({DOCKERFILE})", "")
        found = _LINE.search(text)
        line = int(found[1]) if found else 1
        raise ImageError(
            f"the image does not build: {text}",
            remedy(definition, text, line),
            file=recipe.dockerfile,
            line=line,
        ) from error


def _follow(events: Events, definition: ImageDefinition, report: OnProgress) -> None:
    """Read the build's events to their end; report each step and what it prints."""
    step = steps = 0
    output = ""
    for event in events:
        text = event.get("stream") or event.get("status") or ""
        output = (output + text)[-_KEPT_OUTPUT:]
        for line in filter(None, map(str.strip, text.splitlines())):
            if found := _STEP.match(line):
                step, steps = int(found[1]), int(found[2])
            if not _BOOKKEEPING.match(line):
                report(line, percentage(step, steps))
        if "error" in event:
            message = str(event["error"]).strip()
            place = _place(definition, message, step)
            raise ImageError(
                f"the image does not build: {message}",
                remedy(definition, message, place),
                file=definition.recipe.dockerfile,
                line=place,
                output=output,
            )


def _place(definition: ImageDefinition, message: str, step: int) -> int:
    """The line of the instruction that failed, the last one that the engine has told of."""
    if at := _PODMANS_STEP.search(message):
        return line_of(definition, at[1]) or 1
    lines = instruction_lines(definition.text.decode("utf-8", "replace"))
    return lines[step - 1] if 0 < step <= len(lines) else 1
