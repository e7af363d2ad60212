"""This module parses Dockerfiles: their instructions, with lines, and which need BuildKit.

Everything here is pure. Source: the Dockerfile reference (docs.docker.com).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from buildd.base.json_text import parse_json

_DIRECTIVE = re.compile(r"#\s*([A-Za-z]\w*)\s*=\s*(.+?)\s*$")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""")
_HEREDOC = re.compile(r"""(?<!<)<<(?P<tabs>-?)(?P<quote>["']?)(?P<end>[A-Za-z_][\w.]*)(?P=quote)""")
_HEREDOCS_IN = {"RUN", "COPY", "ADD"}
_OPTION = re.compile(r"--([a-z]+)(?:=(.*))?$", re.DOTALL)


class Instruction(NamedTuple):
    """An instruction of a Dockerfile.

    `line` is 1-based, `name` is in capitals, and `options` are its `--name=value` in order. `text`
    is the rest, with continued lines joined. `heredoc` says whether heredocs follow it.
    """

    line: int
    name: str
    options: tuple[tuple[str, str], ...]
    text: str
    heredoc: bool = False

    @property
    def words(self) -> list[str]:
        """The arguments: those of the JSON form, else the words between spaces, with quotes."""
        if self.text.startswith("["):
            try:
                arguments = parse_json(self.text)
            except ValueError:
                arguments = None
            if isinstance(arguments, list) and all(
                isinstance(argument, str) for argument in arguments
            ):
                return arguments
        return _WORD.findall(self.text)


class Dockerfile(NamedTuple):
    """A parsed Dockerfile.

    `syntax` is the value of the directive of that name, or empty; `escape` is the escape character.
    """

    instructions: tuple[Instruction, ...]
    syntax: str = ""
    escape: str = "\\"


def parse(text: str) -> Dockerfile:
    """Parse a Dockerfile; it never fails, also if the engine would refuse the text."""
    lines = text.removeprefix("\ufeff").splitlines()
    directives = _directives(lines)
    escape = directives.get("escape", "\\")[:1]
    instructions: list[Instruction] = []
    index = 0
    while index < len(lines):
        if not _has_instruction(lines[index]):
            index += 1
            continue
        first = index
        logical, index = _logical_line(lines, index, escape)
        instruction = _instruction(first + 1, logical)
        if instruction.name in _HEREDOCS_IN:
            after = _after_heredocs(lines, index, instruction.text)
            instruction = instruction._replace(heredoc=after > index)
            index = after
        instructions.append(instruction)
    return Dockerfile(tuple(instructions), directives.get("syntax", ""), escape)


def instruction_lines(text: str) -> list[int]:
    """Return the 1-based line of each instruction, in the order in which engines count steps."""
    return [instruction.line for instruction in parse(text).instructions]


def needs_buildkit(dockerfile: Dockerfile) -> tuple[int, str] | None:
    """Return the line and name of the first feature that the classic builder does not have."""
    syntax = dockerfile.syntax
    if syntax and not is_plain_syntax(syntax):
        return 1, f"# syntax={syntax}"
    for instruction in dockerfile.instructions:
        if instruction.heredoc:
            return instruction.line, f"a heredoc in {instruction.name}"
        for option, _ in instruction.options:
            if option in _BUILDKIT_OPTIONS.get(instruction.name, ()):
                return instruction.line, f"{instruction.name} --{option}"
    return None


_COPY_OPTIONS = ("link", "chmod", "parents", "exclude", "checksum", "keep", "unpack")
_BUILDKIT_OPTIONS = {
    "RUN": ("mount", "network", "security", "device"),
    "COPY": _COPY_OPTIONS,
    "ADD": _COPY_OPTIONS,
}


def is_plain_syntax(syntax: str) -> bool:
    """Return whether `# syntax=` names Docker's own language, which `parse` understands."""
    return (
        re.match(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@]|$)", syntax) is not None
    )


def _directives(lines: list[str]) -> dict[str, str]:
    """Return the parser directives, which come before everything else, even comments."""
    directives: dict[str, str] = {}
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if not match:
            break
        directives.setdefault(match[1].lower(), match[2])
    return directives


def _has_instruction(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


def _logical_line(lines: list[str], index: int, escape: str) -> tuple[str, int]:
    """Return the logical line that begins at `index`, and the index after it.

    Comments and blank lines do not end a continued line.
    """
    parts: list[str] = []
    while index < len(lines):
        line = lines[index].rstrip()
        index += 1
        if parts and not _has_instruction(line):
            continue
        if not line.endswith(escape):
            parts.append(line)
            break
        parts.append(line[: -len(escape)])
    return "".join(parts).strip(), index


def _instruction(line: int, logical: str) -> Instruction:
    name, _, rest = logical.partition(" ") if " " in logical else logical.partition("\t")
    if "\t" in name:
        name, _, more = name.partition("\t")
        rest = f"{more} {rest}"
    rest = rest.strip()
    options: list[tuple[str, str]] = []
    while rest.startswith("--"):
        word, _, after = rest.partition(" ")
        match = _OPTION.match(word)
        if not match:
            break
        options.append((match[1], match[2] or ""))
        rest = after.strip()
    return Instruction(line, name.upper(), tuple(options), rest)


def _after_heredocs(lines: list[str], index: int, text: str) -> int:
    """Return the index after the heredocs of an instruction, or `index` if one has no end."""
    end = index
    for match in _HEREDOC.finditer(text):
        while end < len(lines):
            line = lines[end].lstrip("\t") if match["tabs"] else lines[end]
            end += 1
            if line == match["end"]:
                break
        else:
            return index
    return end
