"""The ways in which tests reach a daemon are what they say."""

from __future__ import annotations

import logging
import os

import pytest

from tests.support.daemon import Daemon, wait_until
from tests.support.ways import Bridged, InProcess


@pytest.mark.ways
def test_where_the_daemon_is(daemon: Daemon) -> None:
    status = daemon.connect().request("buildd/status")
    assert (status["pid"] == os.getpid()) == isinstance(daemon, InProcess)
    assert status["socket"] == daemon.socket_path
    assert status["log"] == daemon.log_path


@pytest.mark.ways("lsp")
def test_the_bridge_is_all_that_its_client_has(daemon: Bridged) -> None:
    client, other = daemon.connect(), daemon.connect()
    wait_until(lambda: other.request("buildd/status")["sessions"] == 2)
    assert client.request("buildd/status")["sessions"] == 2
    bridge = daemon.bridges.pop(0)
    bridge.kill()
    bridge.communicate()
    assert client.receive() is None
    wait_until(lambda: other.request("buildd/status")["sessions"] == 1)


@pytest.mark.ways("in-process")
def test_a_failure_in_process_is_seen(daemon: InProcess) -> None:
    daemon.connect()
    logging.getLogger("buildd.server.session").error("on purpose")
    assert daemon.failures() == ["on purpose"]
    daemon.failures().clear()


@pytest.mark.ways("in-process")
def test_variables_are_given_back(daemon: InProcess) -> None:
    before = dict(os.environ)
    daemon.connect()
    assert os.environ["BUILDD_RUNTIME_DIR"] == os.path.dirname(daemon.socket_path)
    daemon.stop()
    assert dict(os.environ) == before
