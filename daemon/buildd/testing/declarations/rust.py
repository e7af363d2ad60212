"""Tests in Rust: functions in the modules of a crate, and examples in its documentation."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from buildd.diagnostics.source_snapshots import decode, read
from buildd.testing.declarations.sources import Names, Path, SourceLine, TestSources, line_at

_FUNCTION = re.compile(
    r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:async[ \t]+)?fn[ \t]+(?P<name>\w+)", re.MULTILINE
)
_EXAMPLE = re.compile(r"(?P<file>\S.*\.(?:rs|md)) - .*\(line (?P<line>\d+)\)$")
_WORKSPACE = re.compile(r"^\[workspace\b", re.MULTILINE)
_NAME = re.compile(r"^[ \t]*name[ \t]*=[ \t]*[\"'](?P<name>[\w-]+)[\"']", re.MULTILINE)


def cargo(path: Path, sources: TestSources) -> SourceLine | None:
    """Crate, its first file, modules, function; or crate, `doc tests`, the example's own words."""
    if len(path) < 3:
        return None
    crate, root, *modules, name = path
    if match := _EXAMPLE.match(name):
        files = _in_package(crate, match["file"], sources)
        return (files[0], int(match["line"])) if len(files) == 1 else None
    if not root.endswith(".rs"):
        return None
    found = [
        (file, sources.index(file, declared).get((name,), 0))
        for first in _in_package(crate, root, sources)
        for file in [_of_module(first, modules)]
    ]
    if len(found) > 1:
        found = [one for one in found if one[1]]
    return found[0] if len(found) == 1 else None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Every function of a file, by its own name."""
    for match in _FUNCTION.finditer(text):
        yield (match["name"],), line_at(text, match.start("name"))


def _in_package(crate: str, file: str, sources: TestSources) -> list[str]:
    """A file named from the directory of its package; several if which that is cannot be told."""
    own = os.path.join(sources.directory, file)
    manifest = decode(read(os.path.join(sources.directory, "Cargo.toml")))
    if os.path.isfile(own) and not _WORKSPACE.search(manifest):
        return [own]
    found = sources.ending(file)
    named = [
        one
        for one in found
        if (match := _NAME.search(decode(read(one.removesuffix(file) + "Cargo.toml"))))
        and match["name"].replace("-", "_") == crate
    ]
    return named if len(named) == 1 else found


def _of_module(file: str, modules: list[str]) -> str:
    """The file that holds these modules, below a crate's first; the last of them may be written
    out in the one around it."""
    directory = os.path.dirname(file)
    for module in modules:
        for inner in (f"{module}.rs", os.path.join(module, "mod.rs")):
            if os.path.isfile(path := os.path.join(directory, inner)):
                file = path
        directory = os.path.join(directory, module)
    return file
