"""Imports between folders point one way, and each heavy dependency has one folder."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

import pytest

import buildd

ROOT = os.path.dirname(os.path.abspath(buildd.__file__))
CLIENT = os.path.join(ROOT, "..", "..", "clients", "terminal", "buildd_cli")

LAYERS = [
    {"__init__", "errors", "paths", "model"},
    {"base"},
    {"protocol"},
    {"reports"},
    {"parsers"},
    {"matchers"},
    {"files"},
    {"watching"},
    {"diagnostics"},
    {"testing"},
    {"config"},
    {"engines"},
    {"runner"},
    {"environments"},
    {"output"},
    {"runs"},
    {"trials"},
    {"projects"},
    {"lsp"},
    {"server"},
    {"__main__"},
]
"""The folders from low to high: a module imports only from its own row and the rows above it,
also where it imports for type checking only."""

HEAVY = {
    "docker": "engines/docker/",
    "lsprotocol": "lsp/",
    "pygls": "lsp/",
    "watchdog": "watching/file_watch.py",
    "inotify_simple": "watching/inotify.py",
}
"""The only place that imports each heavy dependency."""

PURE = (
    "model/",
    "parsers/",
    "matchers/",
    "reports/",
    "base/columns.py",
    "base/containment.py",
    "base/json_text.py",
    "base/lines.py",
    "base/words.py",
    "diagnostics/findings.py",
    "diagnostics/line_map.py",
    "files/mount_table.py",
    "trials/comparison.py",
)
"""Modules without I/O: data in, data out."""

SMALL = (
    "diagnostics/",
    "environments/",
    "lsp/",
    "output/",
    "projects/",
    "runs/",
    "server/",
    "trials/",
    "watching/",
)
"""Folders whose objects have at most `METHODS` methods, and whose modules `LINES` lines."""

METHODS = 20
LINES = 300


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder, _, files in os.walk(ROOT):
        for name in files:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, ROOT), ast.parse(file.read())


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules imported, those only for type checking too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "buildd":
                yield from (f"buildd.{alias.name}" for alias in node.names)
            else:
                yield node.module


MODULES = sorted(modules())


@pytest.mark.parametrize(("path", "tree"), MODULES, ids=[path for path, _ in MODULES])
def test_imports_point_down(path: str, tree: ast.Module) -> None:
    noun = path.removesuffix(".py").split(os.sep)[0]
    (floor,) = (index for index, layer in enumerate(LAYERS) if noun in layer)
    below = set().union(*LAYERS[: floor + 1]) | {"__version__"}
    for name in imports(tree):
        if name.startswith("buildd."):
            assert name.split(".")[1] in below, f"{path} reaches up to {name}"


@pytest.mark.parametrize(("path", "tree"), MODULES, ids=[path for path, _ in MODULES])
def test_each_heavy_dependency_has_one_folder(path: str, tree: ast.Module) -> None:
    for name in imports(tree):
        folder = HEAVY.get(name.split(".")[0])
        assert folder is None or path.startswith(folder), f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path, _ in MODULES if path.startswith(PURE)])
def test_the_pure_modules_know_no_event_loop_and_no_system(path: str) -> None:
    used = {name.split(".")[0] for name in imports(dict(MODULES)[path])}
    assert used.isdisjoint({"asyncio", "os", "io", "subprocess", "socket", "threading"})


@pytest.mark.parametrize(
    ("path", "tree"),
    [module for module in MODULES if module[0].startswith(SMALL)],
    ids=[path for path, _ in MODULES if path.startswith(SMALL)],
)
def test_no_object_and_no_module_has_too_many_duties(path: str, tree: ast.Module) -> None:
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        assert len(file.readlines()) <= LINES
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            methods = [
                child
                for child in node.body
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            assert len(methods) <= METHODS, f"{node.name} has {len(methods)} methods"
