"""Parameters that no client sends: each gets an error that names it, and none fails the daemon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from buildd.protocol import METHODS
from buildd.protocol.runs import HISTORY_LIMIT
from buildd_cli.commands import history
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

BIG = 10**40
INVALID = -32602

REQUIRED = {
    "command": ["true"],
    "task": "build",
    "run": "0",
    "rows": 1,
    "columns": 1,
    "version": "0",
    "build": 0,
    "digest": "x",
    "belongings": [],
}

UNTRIED = {"buildd/stop", "buildd/events", "buildd/watch"}
"""The end of the daemon, and what does not end by itself."""


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def project(make_project: Callable[..., ProjectFiles]) -> ProjectFiles:
    return make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("buildd/exec", {"command": []}),
        ("buildd/exec", {"directory": "relative"}),
        ("buildd/exec", {"directory": ""}),
        ("buildd/exec", {"umask": -1}),
        ("buildd/exec", {"umask": 0o1000}),
        ("buildd/exec", {"umask": BIG}),
        ("buildd/exec", {"terminal": "/etc/passwd"}),
        ("buildd/history", {"limit": -1}),
        ("buildd/history", {"limit": BIG}),
        ("buildd/history", {"limit": 1 << 63}),
        ("buildd/resize", {"rows": -1}),
        ("buildd/resize", {"columns": 1 << 16}),
        ("buildd/hello", {"build": -1}),
        ("buildd/hello", {"build": BIG}),
        ("buildd/run", {"tests": [[]]}),
    ],
)
def test_a_parameter_out_of_bounds_is_refused_by_name(
    client: Client, project: ProjectFiles, method: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as raised:
        client.request(method, **{**_valid(method, project), **parameters})
    assert raised.value.code == INVALID
    (name,) = parameters
    assert f"`$.{name}" in raised.value.message


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("buildd/history", {"limit": 0}),
        ("buildd/history", {"limit": 1_000_000}),
        ("buildd/resize", {"rows": 0, "columns": 65535}),
        ("buildd/run", {"tests": []}),
    ],
)
def test_the_bounds_themselves_are_taken(
    client: Client, project: ProjectFiles, method: str, parameters: dict[str, Any]
) -> None:
    client.request(method, **{**_valid(method, project), **parameters})


@pytest.mark.parametrize("method", sorted(METHODS.keys() - UNTRIED))
def test_no_parameter_fails_the_daemon(client: Client, project: ProjectFiles, method: str) -> None:
    valid = _valid(method, project)
    for field in _fields(METHODS[method].params):
        for odd in _odd(field.type):
            with suppress(ClientError):
                client.request(method, **{**valid, field.encode_name: odd})
    errors = [message["error"] for message in client.seen if "error" in message]
    assert not [error for error in errors if "itself failed" in error["message"]]


@pytest.mark.parametrize("identifier", [BIG, -BIG, 1 << 64, 1.5, True, ["x"], "x" * 100_000])
def test_an_odd_id_gets_an_answer(client: Client, identifier: object) -> None:
    client.send({"id": identifier, "method": "buildd/status", "params": {}})
    client.wait_for(lambda message: message["id"] in (identifier, None))
    client.request("buildd/status")


def test_every_number_has_bounds() -> None:
    unbounded = [
        f"{method}: {field.encode_name}"
        for method in METHODS
        for field in _fields(METHODS[method].params)
        for number in _numbers(field.type)
        if number.ge is None or number.le is None
    ]
    assert unbounded == []


def test_the_terminal_command_knows_the_bound_of_the_history() -> None:
    assert history.MOST == HISTORY_LIMIT


def _valid(method: str, project: ProjectFiles) -> dict[str, Any]:
    valid: dict[str, Any] = {}
    for field in _fields(METHODS[method].params):
        if field.encode_name in ("project", "directory"):
            valid[field.encode_name] = project.path
        elif field.required:
            valid[field.encode_name] = REQUIRED[field.encode_name]
    return valid


def _fields(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    found = inspect.type_info(kind)
    assert isinstance(found, inspect.StructType)
    return found.fields


def _numbers(kind: inspect.Type) -> Iterator[inspect.IntType]:
    if isinstance(kind, inspect.IntType):
        yield kind
    elif isinstance(kind, inspect.UnionType):
        for part in kind.types:
            yield from _numbers(part)


def _odd(kind: inspect.Type) -> Iterator[object]:
    """Values of the right type that are of no use."""
    match kind:
        case inspect.IntType():
            yield from (-1, BIG, -BIG, 1 << 63, 1 << 64)
        case inspect.StrType():
            yield from ("\0", "a\0b", "\ud800", "../../..\0")
        case inspect.DictType():
            yield from ({"A": "\0"}, {"A=B": ""}, {"": ""}, {"\ud800": ""})
        case inspect.VarTupleType():
            yield from ([odd] for odd in _odd(kind.item_type))
        case inspect.UnionType():
            for part in kind.types:
                yield from _odd(part)
