"""Dockerfiles as text: their instructions, the line on which each begins, and what BuildKit alone
understands. Pure."""

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
    """One instruction. `line` is 1-based; `name` is in capitals; `options` are its `--name=value`,
    in order; `text` is the rest, continued lines joined. `heredoc`: lines after it are its own."""

    line: int
    name: str
    options: tuple[tuple[str, str], ...]
    text: str
    heredoc: bool = False

    @property
    def words(self) -> list[str]:
        """Its arguments: of the JSON form, else as separated by spaces, quotes and all."""
        if self.text.startswith("["):
            try:
                found = parse_json(self.text)
            except ValueError:
                found = None
            if isinstance(found, list) and all(isinstance(one, str) for one in found):
                return found
        return _WORD.findall(self.text)


class Dockerfile(NamedTuple):
    """`syntax` is what the directive of that name says, `escape` the escape character."""

    instructions: tuple[Instruction, ...]
    syntax: str = ""
    escape: str = "\\"


def parse(text: str) -> Dockerfile:
    """Read a Dockerfile. Total: what the engine would refuse becomes some instruction."""
    lines = text.removeprefix("\ufeff").splitlines()
    directives = _directives(lines)
    escape = directives.get("escape", "\\")[:1]
    found: list[Instruction] = []
    place = 0
    while place < len(lines):
        if not _says_something(lines[place]):
            place += 1
            continue
        first = place
        logical, place = _joined(lines, place, escape)
        one = _instruction(first + 1, logical)
        if one.name in _HEREDOCS_IN:
            after = _after_heredocs(lines, place, one.text)
            one = one._replace(heredoc=after > place)
            place = after
        found.append(one)
    return Dockerfile(tuple(found), directives.get("syntax", ""), escape)


def instruction_lines(text: str) -> list[int]:
    """The 1-based line on which each instruction begins, in order, as the engine counts steps."""
    return [one.line for one in parse(text).instructions]


def needs_buildkit(dockerfile: Dockerfile) -> tuple[int, str] | None:
    """The line and the name of the first thing that the classic builder does not know."""
    syntax = dockerfile.syntax
    if syntax and not is_plain_syntax(syntax):
        return 1, f"# syntax={syntax}"
    for one in dockerfile.instructions:
        if one.heredoc:
            return one.line, f"a heredoc in {one.name}"
        for option, _ in one.options:
            if option in _BUILDKIT_OPTIONS.get(one.name, ()):
                return one.line, f"{one.name} --{option}"
    return None


_COPY_OPTIONS = ("link", "chmod", "parents", "exclude", "checksum", "keep", "unpack")
_BUILDKIT_OPTIONS = {
    "RUN": ("mount", "network", "security", "device"),
    "COPY": _COPY_OPTIONS,
    "ADD": _COPY_OPTIONS,
}


def is_plain_syntax(syntax: str) -> bool:
    """Whether a `# syntax=` names Docker's own language, which `parse` knows."""
    return (
        re.match(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?:[:@]|$)", syntax) is not None
    )


def _directives(lines: list[str]) -> dict[str, str]:
    """They stand before everything else, comments included."""
    found: dict[str, str] = {}
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if not match:
            break
        found.setdefault(match[1].lower(), match[2])
    return found


def _says_something(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")


def _joined(lines: list[str], place: int, escape: str) -> tuple[str, int]:
    """The logical line that begins at `place`, and where the next one may begin. Comments and
    blank lines do not end a continued one."""
    parts: list[str] = []
    while place < len(lines):
        line = lines[place].rstrip()
        place += 1
        if parts and not _says_something(line):
            continue
        if not line.endswith(escape):
            parts.append(line)
            break
        parts.append(line[: -len(escape)])
    return "".join(parts).strip(), place


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


def _after_heredocs(lines: list[str], place: int, text: str) -> int:
    """Where the next instruction may begin; `place` itself where no heredoc ends properly."""
    end = place
    for match in _HEREDOC.finditer(text):
        while end < len(lines):
            line = lines[end].lstrip("\t") if match["tabs"] else lines[end]
            end += 1
            if line == match["end"]:
                break
        else:
            return place
    return end
