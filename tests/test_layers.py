"""The house: imports point one way, and each heavy dependency has one room."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator

import pytest

import buildd

ROOT = os.path.dirname(os.path.abspath(buildd.__file__))
CLIENT = os.path.join(ROOT, "..", "..", "clients", "terminal", "buildd_cli")

LAYERS = [
    {"__init__", "errors"},
    {"paths", "model", "regular", "failpoint"},
    {"state", "logs"},
    {"listen", "protocol", "columns", "text", "framing", "percent", "variables"},
    {"parsers", "matchers", "reports", "selection", "run_log"},
    {"findings", "joint", "queue", "slots", "warmth", "ignored", "echoes"},
    {"store", "built", "shift", "git_layout", "tree", "news", "search", "declarations"},
    {"incremental"},
    {"config", "places", "watch", "touched", "runner", "engines", "reading", "links"},
    {
        "configuration",
        "environment",
        "gone",
        "hooks",
        "preparation",
        "renewal",
        "runners",
        "shortage",
        "triggers",
    },
    {"run_output"},
    {"earlier"},
    {"task_reader"},
    {"run", "explain"},
    {"watcher"},
    {"checkout", "comparison", "outputs", "trials"},
    {"trial"},
    {"results"},
    {"project_runs"},
    {"project"},
    {"projects", "diagnose", "belongings", "images"},
    {"debug", "lsp", "methods", "cleaning", "session", "streams"},
    {"server"},
    {"__main__"},
]
"""From the ground up: a module may import what stands on its own floor or below."""

ROOMS = {
    "docker": "engines/docker",
    "pygls": "lsp/",
    "lsprotocol": "lsp/",
    "watchdog": "watch.py",
    "inotify_simple": "touched.py",
}

PURE = (
    "model/",
    "parsers/",
    "matchers/",
    "reports/",
    "columns.py",
    "text.py",
    "findings.py",
    "shift.py",
    "comparison.py",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder, _, files in os.walk(ROOT):
        for name in files:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    yield os.path.relpath(path, ROOT), ast.parse(file.read())


def imports(tree: ast.Module, *, at_run_time: bool = True) -> Iterator[str]:
    """The modules imported, those only for type checking left out."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and at_run_time:
            skipped.update(child for statement in node.body for child in ast.walk(statement))
    for node in ast.walk(tree):
        if node in skipped:
            continue
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
def test_each_heavy_dependency_has_one_room(path: str, tree: ast.Module) -> None:
    for name in imports(tree, at_run_time=False):
        room = ROOMS.get(name.split(".")[0])
        assert room is None or path.startswith(room), f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path, _ in MODULES if path.startswith(PURE)])
def test_the_pure_modules_know_no_event_loop_and_no_system(path: str) -> None:
    used = {name.split(".")[0] for name in imports(dict(MODULES)[path])}
    assert used.isdisjoint({"asyncio", "os", "io", "subprocess", "socket", "threading"})
