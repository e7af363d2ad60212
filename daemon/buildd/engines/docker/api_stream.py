"""This module reads answers that the engine streams while it works, as for a build or a pull.

It blocks: call it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import Any, cast

import requests
from docker import APIClient

from buildd.engines.docker.client import STREAM_TIMEOUT, client
from buildd.engines.docker.interruptible import ended_by

Events = Iterable[dict[str, Any]]
"""The JSON objects of a streamed answer."""


@contextmanager
def streaming(ask: Callable[[APIClient], Any]) -> Iterator[Events]:
    """Make a request with `ask`, and yield the events of the engine's answer.

    When the context ends, or the work is interrupted, the connection is closed at once, also while
    somebody waits for it. The engine then stops its work.
    """
    api = client(STREAM_TIMEOUT).api
    exchange = _Exchange(api)
    api.auth = exchange.on_request  # requests calls this with every request that it will send
    api.hooks["response"].append(exchange.on_response)
    try:
        with ended_by(exchange.disconnect):
            yield cast("Events", ask(api))
    finally:
        api.auth = None
        api.hooks["response"].remove(exchange.on_response)
        exchange.close()


class _Exchange:
    """A request and its response."""

    def __init__(self, api: APIClient) -> None:
        self._api = api
        self._connection: Any = None
        self._response: requests.Response | None = None

    def on_request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Store the connection over which the request will be sent.

        The client belongs to one thread, so it is the connection that its pool returns now.
        """
        adapter = cast("Any", self._api.get_adapter(str(request.url)))
        pool = adapter.get_connection_with_tls_context(
            request, self._api.verify, cert=self._api.cert
        )
        # There is no public way to get a connection before its response, and an engine that waits
        # for a registry may not respond for long.
        self._connection = pool._get_conn()  # noqa: SLF001
        pool._put_conn(self._connection)  # noqa: SLF001
        return request

    def on_response(self, response: requests.Response, *_: object, **__: object) -> None:
        self._response = response

    def disconnect(self) -> None:
        """End whatever waits for the engine.

        It has no effect before there is a connection, so it can be called repeatedly.
        """
        with suppress(AttributeError, OSError):
            self._connection.sock.shutdown(SHUT_RDWR)
        if self._response is not None:
            with suppress(OSError, RuntimeError):  # the response has ended
                self._response.raw.shutdown()

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
