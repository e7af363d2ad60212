"""This module finds tests in Rust: functions in a crate's modules, and documentation examples."""

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
    """Find a test whose path is crate, root file, modules, function.

    The path of a documentation example is crate, `doc tests`, `FILE - ITEM (line N)`.
    """
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
        for root_file in _in_package(crate, root, sources)
        for file in [_module_file(root_file, modules)]
    ]
    if len(found) > 1:
        found = [(file, line) for file, line in found if line]
    return found[0] if len(found) == 1 else None


def declared(text: str) -> Iterator[tuple[Names, int]]:
    """Yield every function of a file with its own name."""
    for match in _FUNCTION.finditer(text):
        yield (match["name"],), line_at(text, match.start("name"))


def _in_package(crate: str, file: str, sources: TestSources) -> list[str]:
    """Return the file at a path relative to its package's directory.

    If the package is not clear, all files that match are returned.
    """
    own = os.path.join(sources.directory, file)
    manifest = decode(read(os.path.join(sources.directory, "Cargo.toml")))
    if os.path.isfile(own) and not _WORKSPACE.search(manifest):
        return [own]
    candidates = sources.ending(file)
    of_crate = [
        candidate
        for candidate in candidates
        if (match := _NAME.search(decode(read(candidate.removesuffix(file) + "Cargo.toml"))))
        and match["name"].replace("-", "_") == crate
    ]
    return of_crate if len(of_crate) == 1 else candidates


def _module_file(file: str, modules: list[str]) -> str:
    """Return the file of a module, starting at the crate's root file.

    The last modules may be inline, without a file of their own.
    """
    directory = os.path.dirname(file)
    for module in modules:
        for inner in (f"{module}.rs", os.path.join(module, "mod.rs")):
            if os.path.isfile(path := os.path.join(directory, inner)):
                file = path
        directory = os.path.join(directory, module)
    return file
