"""An editor for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.daemon import Daemon
from tests.support.editor import Editor

Start = Callable[..., Awaitable[Editor]]


@pytest.fixture
async def start_editor(daemon: Daemon) -> AsyncIterator[Start]:
    """Start an editor on folders; closed at the end."""
    editors: list[Editor] = []

    async def start(*folders: str, **options: object) -> Editor:
        editor = await Editor.start(daemon, *folders, **options)  # type: ignore[arg-type]  # passed on
        editors.append(editor)
        return editor

    yield start
    for editor in editors:
        await editor.close()
