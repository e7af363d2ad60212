"""Neovims for each test that asks for them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.support.daemon import Daemon
from tests.support.neovim import NEWEST, OLDEST, Neovim
from tests.support.project import ProjectFiles

Start = Callable[..., Neovim]


@pytest.fixture(params=["newest", "oldest"])
def program(request: pytest.FixtureRequest) -> str:
    """Each Neovim in turn."""
    path = {"newest": NEWEST, "oldest": OLDEST}[request.param]
    if not os.path.exists(path):
        pytest.skip(f"set-up found no Neovim for {request.param}")
    return path


@pytest.fixture
def start(directory: str, daemon: Daemon) -> Iterator[Start]:
    """Start a Neovim on files of a project; it is closed at the end.

    A test fails if Neovim has printed an error.
    """
    editors: list[Neovim] = []

    def begin(
        project: ProjectFiles | None, *files: str, wait: bool = True, **options: object
    ) -> Neovim:
        if project:
            options = {"cwd": project.path, **options}
            files = tuple(map(project.file, files))
        environment = {**daemon.environment, **options.pop("environment", {})}  # type: ignore[dict-item]  # passed on
        editor = Neovim(directory, environment, *files, **options)  # type: ignore[arg-type]  # passed on
        editors.append(editor)
        if project and files and wait:
            editor.connected()
        return editor

    yield begin
    for editor in editors:
        editor.close()
    for editor in editors:
        assert "Error" not in editor.printed(), editor.printed()
