"""Whether something was touched, asked and answered at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.watching.inotify import TouchedDirectories
from tests.support.daemon import TIMEOUT


@pytest.mark.parametrize(
    "touch",
    [
        lambda path: (path / "new").write_text(""),
        lambda path: (path / "old").write_text("another"),
        lambda path: (path / "old").unlink(),
        lambda path: (path / "old").chmod(0o600),
        lambda path: (path / "old").rename(path / "new"),
        lambda path: (path / "folder").mkdir(),
    ],
    ids=["create", "write", "remove", "mode", "rename", "directory"],
)
async def test_the_answer_holds_what_happened_before_the_question(
    tmp_path: Path, touch: Callable[[Path], object]
) -> None:
    (tmp_path / "old").write_text("")
    told = asyncio.Event()
    watch = TouchedDirectories(told.set)
    try:
        watch.add(str(tmp_path))
        assert watch.take(), "what was before it began is not known"
        assert not watch.take()
        touch(tmp_path)
        assert watch.take()
        assert not watch.take()
    finally:
        watch.close()


async def test_it_tells_by_itself_too(tmp_path: Path) -> None:
    told = asyncio.Event()
    watch = TouchedDirectories(told.set)
    try:
        watch.add(str(tmp_path))
        watch.take()
        (tmp_path / "new").write_text("")
        await asyncio.wait_for(told.wait(), TIMEOUT)
        assert watch.take()
    finally:
        watch.close()


async def test_reading_is_no_touch_and_what_is_not_there_is_not_watched(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("text")
    watch = TouchedDirectories(lambda: None)
    try:
        for one in (".", "missing", "old"):
            watch.add(os.path.join(tmp_path, one))
        watch.take()
        (tmp_path / "old").read_text()
        os.listdir(tmp_path)
        assert not watch.take()
    finally:
        watch.close()


async def test_where_the_system_does_not_tell_everything_may_be_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inotify_simple.INotify.add_watch", fail)
    watch = TouchedDirectories(lambda: None)
    try:
        watch.add(str(tmp_path))
        assert watch.take()
        assert watch.take()
    finally:
        watch.close()
