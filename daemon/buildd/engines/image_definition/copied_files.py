"""This module finds which files of the context a Dockerfile copies, from its text alone.

In doubt the answer is all of them: to build an image once too often is right, to miss a change is
not. Everything here is pure. Source: the Dockerfile reference (docs.docker.com).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

import msgspec

from buildd.engines.image_definition.base_images import BaseImage
from buildd.engines.image_definition.dockerfile import (
    Dockerfile,
    Instruction,
    is_plain_syntax,
    parse,
)
from buildd.engines.image_definition.dockerfile_variables import UnknownVariableError, expand
from buildd.model import Frozen

EVERYTHING = ("",)
"""The pattern that matches the whole context: its root and everything below."""

NO_BASES: Mapping[str, BaseImage] = {}

_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@", re.IGNORECASE)


class CopiedFiles(Frozen, frozen=True):
    """The files that a build reads from its context, and its base images.

    `patterns` are paths in the context with `*`, `?`, `[…]` and `**`; a directory includes
    everything below it. `bases` are the images of the stages, each with its 1-based line; images of
    unknown name or of another platform are left out.
    """

    patterns: tuple[str, ...] = ()
    bases: tuple[tuple[int, str], ...] = ()


class _Stage(msgspec.Struct):
    """A build stage: a FROM and the instructions after it."""

    name: str = ""
    values: dict[str, str] = {}
    """The variables of the stage."""
    env: dict[str, str] = {}
    """The variables that ENV has set. ARG does not change them, and stages based on this one have
    them too."""
    triggers: list[Instruction] = []


def copied_files(
    dockerfile: Dockerfile,
    arguments: Mapping[str, str],
    target: str = "",
    bases: Mapping[str, BaseImage] = NO_BASES,
) -> CopiedFiles:
    """Return what a build of the stage `target` (default: the last one) reads from its context.

    `arguments` are the build arguments, and `bases` the known base images by name.
    """
    if dockerfile.syntax and not is_plain_syntax(dockerfile.syntax):
        return CopiedFiles(patterns=EVERYTHING)
    interpreter = _Interpreter(dockerfile, arguments, bases)
    for instruction in dockerfile.instructions:
        if instruction.name == "FROM":
            if target and interpreter.stages and interpreter.reached(target):
                break
            interpreter.start(instruction)
        else:
            interpreter.execute(instruction)
    patterns = dict.fromkeys(interpreter.patterns)
    return CopiedFiles(
        patterns=EVERYTHING if "" in patterns else tuple(patterns), bases=tuple(interpreter.bases)
    )


class _Interpreter:
    """Follows the instructions, with the variables that each of them sees."""

    def __init__(
        self, dockerfile: Dockerfile, arguments: Mapping[str, str], bases: Mapping[str, BaseImage]
    ) -> None:
        self._escape = dockerfile.escape
        self._arguments = arguments
        self._base_images = bases
        self._global: dict[str, str] = {}
        """The variables that ARG has set before the first FROM."""
        self.stages: list[_Stage] = []
        self.patterns: list[str] = []
        self.bases: list[tuple[int, str]] = []

    def reached(self, target: str) -> bool:
        """Return whether the current stage is `target`, which is a name or a number."""
        return target.lower() in (self.stages[-1].name, str(len(self.stages) - 1))

    def start(self, instruction: Instruction) -> None:
        """Begin a stage with a FROM."""
        words = instruction.words
        name = words[2].lower() if len(words) == 3 else ""
        stage = _Stage(name=name, values={}, env={}, triggers=[])
        self.stages.append(stage)
        try:
            base = expand(words[0] if words else "", self._global, self._escape)
        except UnknownVariableError:
            return
        for earlier in reversed(self.stages[:-1]):
            if earlier.name == base.lower():
                # Builders differ in whether ARGs are inherited, so they count as unknown.
                stage.env, stage.values = dict(earlier.env), dict(earlier.env)
                for trigger in earlier.triggers:
                    self.execute(trigger)
                return
        if base and base != "scratch" and not instruction.options:
            self.bases.append((instruction.line, base))
        if image := self._base_images.get(base):
            stage.env, stage.values = dict(image.env), dict(image.env)
            for text in image.triggers:
                self.execute(_trigger(instruction, text))

    def execute(self, instruction: Instruction) -> None:
        """Follow any instruction but FROM."""
        if instruction.name == "ONBUILD":
            if self.stages:
                self.stages[-1].triggers.append(_trigger(instruction, instruction.text))
        elif instruction.name == "ARG":
            self._set_arguments(instruction)
        elif instruction.name == "ENV":
            self._set_env(instruction)
        elif instruction.name in ("COPY", "ADD"):
            self._copy(instruction)
        elif instruction.name == "RUN":
            for option, value in instruction.options:
                if option == "mount":
                    self._mount(value)

    @property
    def _values(self) -> dict[str, str]:
        return self.stages[-1].values if self.stages else self._global

    def _set_arguments(self, instruction: Instruction) -> None:
        for word in instruction.words:
            name, equals, default = word.partition("=")
            values = self._values
            if self.stages and name in self.stages[-1].env:
                continue
            if name in self._arguments:
                values[name] = self._arguments[name]
            elif equals:
                self._set(name, default)
            elif self.stages and name in self._global:
                values[name] = self._global[name]

    def _set_env(self, instruction: Instruction) -> None:
        words = instruction.words
        if words and "=" not in words[0]:  # the old form: ENV NAME VALUE WITH SPACES
            pairs = [(words[0], instruction.text[len(words[0]) :].strip())]
        else:
            pairs = [word.partition("=")[::2] for word in words]
        # All pairs of one ENV see the values from before it.
        before = dict(self._values)
        for name, value in pairs:
            self._set(name, value, before)
            if self.stages:
                self.stages[-1].env[name] = self._values.get(name, "")

    def _set(self, name: str, value: str, visible: Mapping[str, str] | None = None) -> None:
        try:
            values = self._values if visible is None else visible
            self._values[name] = expand(value, values, self._escape)
        except UnknownVariableError:
            self._values.pop(name, None)

    def _copy(self, instruction: Instruction) -> None:
        if any(option == "from" for option, _ in instruction.options):
            return
        words = instruction.words
        json_form = instruction.text.startswith("[")
        for source in words[:-1]:
            if not json_form and source.startswith("<<"):
                continue
            self._add(source)

    def _mount(self, value: str) -> None:
        """Follow `RUN --mount=…`: a bind without `from` mounts the context, or a part of it."""
        fields = dict(part.partition("=")[::2] for part in value.split(","))
        if fields.get("type", "bind") == "bind" and "from" not in fields:
            self._add(fields.get("source") or fields.get("src") or "")

    def _add(self, source: str) -> None:
        try:
            path = expand(source, self._values, self._escape)
        except UnknownVariableError:
            path = ""
        if not _REMOTE.match(path):
            self.patterns.append(posixpath.normpath(f"/{path}").strip("/"))


def _trigger(instruction: Instruction, text: str) -> Instruction:
    """Return the instruction of an ONBUILD, with the line of `instruction`."""
    found = parse(f"{text}\n").instructions
    return found[0]._replace(line=instruction.line) if found else instruction._replace(name="")
