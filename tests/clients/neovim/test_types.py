"""The plugin's types equal those of the protocol: methods, fields, and what is optional."""

from __future__ import annotations

import enum
import inspect
import re
import types
import typing
from pathlib import Path

import msgspec
import pytest

from buildd import protocol
from tests.support.neovim import PLUGIN

SOURCES = Path(PLUGIN, "lua", "buildd")
FILES = [SOURCES / "types.lua", *sorted(SOURCES.glob("types/*.lua"))]
TEXT = "\n".join(file.read_text("utf-8") for file in FILES)

WORDS = {str: "string", bytes: "string", bool: "boolean", int: "integer", float: "number"}


def in_lua(kind: object) -> str:
    """A Python annotation as LuaCATS writes it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return in_lua(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return "|".join(in_lua(argument) for argument in arguments if argument is not type(None))
    if origin is tuple:
        return in_lua(arguments[0]) + "[]"
    if origin is dict:
        return f"table<string, {in_lua(arguments[1])}>"
    assert inspect.isclass(kind)
    return WORDS.get(kind, f"buildd.{kind.__name__}")


def parts(kind: object) -> typing.Iterator[type]:
    """Return the Structs and enumerations in an annotation, and those in their fields."""
    for argument in typing.get_args(kind):
        yield from parts(argument)
    if inspect.isclass(kind) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in typing.get_type_hints(kind, include_extras=True).values():
            yield from parts(field)
    elif inspect.isclass(kind) and issubclass(kind, enum.Enum):
        yield kind


METHODS = protocol.METHODS.values()
ROOTS = [
    *(kind for method in METHODS for kind in (method.params, method.result)),
    *protocol.NOTIFICATIONS.values(),
]
KINDS = sorted({kind for root in ROOTS for kind in parts(root)}, key=lambda kind: kind.__name__)
FROM_CLIENT = {kind for method in METHODS for kind in parts(method.params)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_a_type_is_that_of_the_protocol(kind: type) -> None:
    if issubclass(kind, enum.Enum):
        values = "|".join(f'"{member.value}"' for member in kind)
        assert f"---@alias buildd.{kind.__name__} {values}\n" in TEXT
        return
    assert issubclass(kind, msgspec.Struct)
    found = re.search(rf"---@class buildd\.{kind.__name__}\n((?:---@field .*\n)*)", TEXT)
    assert found, f"buildd.{kind.__name__} is not there"
    hints = typing.get_type_hints(kind, include_extras=True)
    config = kind.__struct_config__
    wanted = [
        "---@field {}{} {}".format(
            field.encode_name,
            "" if field.required or not (config.omit_defaults or kind in FROM_CLIENT) else "?",
            in_lua(hints[field.name]),
        )
        for field in msgspec.structs.fields(kind)
    ]
    assert found.group(1).splitlines() == wanted


@pytest.mark.parametrize("name", protocol.METHODS)
def test_a_request_has_its_parameters_and_result(name: str) -> None:
    method = protocol.METHODS[name]
    wanted = (
        f'---@overload fun(project: buildd.Project, method: "{name}", '
        f"params: {in_lua(method.params)}, done: fun(result: {in_lua(method.result)}), "
        "failed?: fun(error: buildd.Failure)): fun()\n"
    )
    assert wanted in TEXT


@pytest.mark.parametrize("name", protocol.NOTIFICATIONS)
def test_a_notification_has_its_parameters(name: str) -> None:
    kind = in_lua(protocol.NOTIFICATIONS[name])
    assert f'---@field ["{name}"] fun(error: nil, params: {kind}, ' in TEXT


def test_nothing_else_is_there() -> None:
    methods = set(re.findall(r'method: "([^"]+)"', TEXT))
    assert methods == protocol.METHODS.keys()
    notifications = set(re.findall(r'---@field \["([^"]+)"\]', TEXT))
    assert notifications == protocol.NOTIFICATIONS.keys()
