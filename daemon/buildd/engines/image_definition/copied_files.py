"""Which files of the context a Dockerfile takes, told from its text alone. Pure.

When in doubt, all of them: an image that is built once too often is right, one too few is not.
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
"""The pattern that takes the whole context: its root and all below."""

NONE_KNOWN: Mapping[str, BaseImage] = {}

_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@", re.IGNORECASE)


class CopiedFiles(Frozen, frozen=True):
    """`patterns` are paths in the context, with `*`, `?`, `[…]` and `**`; what is a directory is
    taken with all below it. `bases` are the images that the stages begin from, each with its line;
    those of an unknown name or of another platform are left out."""

    patterns: tuple[str, ...] = ()
    bases: tuple[tuple[int, str], ...] = ()


class _Stage(msgspec.Struct):
    """One FROM and what follows it."""

    name: str = ""
    values: dict[str, str] = {}
    env: dict[str, str] = {}
    """Those of the values that ENV has set: ARG does not change them, and what builds on this has
    them too."""
    triggers: list[Instruction] = []


def taken(
    dockerfile: Dockerfile,
    arguments: Mapping[str, str],
    target: str = "",
    bases: Mapping[str, BaseImage] = NONE_KNOWN,
) -> CopiedFiles:
    """What a build to the stage `target` (default: the last) reads of its context, given the build
    arguments and what is known of the images that it builds on."""
    if dockerfile.syntax and not is_plain_syntax(dockerfile.syntax):
        return CopiedFiles(patterns=EVERYTHING)
    reading = _Reading(dockerfile, arguments, bases)
    for one in dockerfile.instructions:
        if one.name == "FROM":
            if target and reading.stages and reading.reached(target):
                break
            reading.start(one)
        else:
            reading.take(one)
    patterns = dict.fromkeys(reading.patterns)
    return CopiedFiles(
        patterns=EVERYTHING if "" in patterns else tuple(patterns), bases=tuple(reading.bases)
    )


class _Reading:
    """Goes through the instructions with the variables that each sees."""

    def __init__(
        self, dockerfile: Dockerfile, arguments: Mapping[str, str], known: Mapping[str, BaseImage]
    ) -> None:
        self._escape = dockerfile.escape
        self._arguments = arguments
        self._known = known
        self._global: dict[str, str] = {}
        """What ARG before the first FROM has set."""
        self.stages: list[_Stage] = []
        self.patterns: list[str] = []
        self.bases: list[tuple[int, str]] = []

    def reached(self, target: str) -> bool:
        """Whether the stage under way is `target`: a name, or a number."""
        return target.lower() in (self.stages[-1].name, str(len(self.stages) - 1))

    def start(self, one: Instruction) -> None:
        """A FROM."""
        words = one.words
        name = words[2].lower() if len(words) == 3 else ""
        stage = _Stage(name=name, values={}, env={}, triggers=[])
        self.stages.append(stage)
        try:
            base = expand(words[0] if words else "", self._global, self._escape)
        except UnknownVariableError:
            return
        for earlier in reversed(self.stages[:-1]):
            if earlier.name == base.lower():
                # Whether ARGs come along depends on the builder.
                stage.env, stage.values = dict(earlier.env), dict(earlier.env)
                for trigger in earlier.triggers:
                    self.take(trigger)
                return
        if base and base != "scratch" and not one.options:
            self.bases.append((one.line, base))
        if known := self._known.get(base):
            stage.env, stage.values = dict(known.env), dict(known.env)
            for text in known.triggers:
                self.take(_inner(one, text))

    def take(self, one: Instruction) -> None:
        """Any other instruction."""
        if one.name == "ONBUILD":
            if self.stages:
                self.stages[-1].triggers.append(_inner(one, one.text))
        elif one.name == "ARG":
            self._argument(one)
        elif one.name == "ENV":
            self._environment(one)
        elif one.name in ("COPY", "ADD"):
            self._copied(one)
        elif one.name == "RUN":
            for option, value in one.options:
                if option == "mount":
                    self._mounted(value)

    @property
    def _values(self) -> dict[str, str]:
        return self.stages[-1].values if self.stages else self._global

    def _argument(self, one: Instruction) -> None:
        for word in one.words:
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

    def _environment(self, one: Instruction) -> None:
        words = one.words
        if words and "=" not in words[0]:  # the old form: ENV NAME the rest
            pairs = [(words[0], one.text[len(words[0]) :].strip())]
        else:
            pairs = [word.partition("=")[::2] for word in words]
        # All of them see the values of before.
        before = dict(self._values)
        for name, value in pairs:
            self._set(name, value, before)
            if self.stages:
                self.stages[-1].env[name] = self._values.get(name, "")

    def _set(self, name: str, value: str, seen: Mapping[str, str] | None = None) -> None:
        try:
            values = self._values if seen is None else seen
            self._values[name] = expand(value, values, self._escape)
        except UnknownVariableError:
            self._values.pop(name, None)

    def _copied(self, one: Instruction) -> None:
        if any(option == "from" for option, _ in one.options):
            return
        words = one.words
        json_form = one.text.startswith("[")
        for source in words[:-1]:
            if not json_form and source.startswith("<<"):
                continue
            self._add(source)

    def _mounted(self, value: str) -> None:
        """`RUN --mount=…`: a bind without `from` is of the context, all of it by default."""
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


def _inner(one: Instruction, text: str) -> Instruction:
    """The instruction behind an ONBUILD, at the line of `one`."""
    found = parse(f"{text}\n").instructions
    return found[0]._replace(line=one.line) if found else one._replace(name="")
