"""Requests that the engine answers bit by bit while it works: a build, a pull. Blocks."""

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


@contextmanager
def streaming(ask: Callable[[APIClient], Any]) -> Iterator[Events]:
    """What the engine tells in answer to what `ask` asks of it. However the context is left, and
    wherever in it is waited when the work is interrupted, the engine sees us go and gives up."""
    api = client(STREAM_TIMEOUT).api
    exchange = _Exchange(api)
    api.auth = exchange.begins  # what is called with every request that is about to be sent
    api.hooks["response"].append(exchange.answered)
    try:
        with ended_by(exchange.leave):
            yield cast("Events", ask(api))
    finally:
        api.auth = None
        api.hooks["response"].remove(exchange.answered)
        exchange.close()


class _Exchange:
    """A request and its answer."""

    def __init__(self, api: APIClient) -> None:
        self._api = api
        self._connection: Any = None
        self._answer: requests.Response | None = None

    def begins(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Note which connection the request will be sent over: the client is one thread's own, so
        that it is the one which its pool would give now."""
        adapter = cast("Any", self._api.get_adapter(str(request.url)))
        pool = adapter.get_connection_with_tls_context(
            request, self._api.verify, cert=self._api.cert
        )
        # There is no public way to a connection that has not answered yet, and an engine that
        # waits for a registry does not for long.
        self._connection = pool._get_conn()  # noqa: SLF001
        pool._put_conn(self._connection)  # noqa: SLF001
        return request

    def answered(self, answer: requests.Response, *_: object, **__: object) -> None:
        self._answer = answer

    def leave(self) -> None:
        """End whatever waits for the engine. Of no use before there is a connection: may be called
        again and again."""
        with suppress(AttributeError, OSError):
            self._connection.sock.shutdown(SHUT_RDWR)
        if self._answer is not None:
            with suppress(OSError, RuntimeError):  # it is at its end
                self._answer.raw.shutdown()

    def close(self) -> None:
        if self._answer is not None:
            self._answer.close()
