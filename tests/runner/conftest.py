"""These fixtures start runners for the tests of runner/."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from buildd.runner.attached import AttachedRunner
from buildd.runner.base import Runner
from buildd.runner.supervisor import Supervisor
from tests.runner.support import SHELLS, start_container, start_supervisor


@pytest.fixture(params=SHELLS)
async def supervisor(request: pytest.FixtureRequest, directory: str) -> AsyncIterator[Supervisor]:
    """Start a supervisor under each shell."""
    async with start_supervisor(request.param, directory) as made:
        yield made


@pytest.fixture(params=[*SHELLS, pytest.param("exec", marks=pytest.mark.engine)])
async def runner(
    request: pytest.FixtureRequest, directory: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Runner]:
    """Make a runner of each kind: a supervisor under each shell, and one that uses execs."""
    if request.param != "exec":
        async with start_supervisor(request.param, directory) as made:
            yield made
        return
    async with start_container(directory, monkeypatch) as attach:
        attached = await AttachedRunner.start(os.path.join(directory, "run"), attach, "a test")
        yield attached
        await attached.stop()
