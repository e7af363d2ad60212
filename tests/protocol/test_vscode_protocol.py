"""These tests check that the VS Code extension's types are those of the daemon's protocol/."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from buildd import errors, model, protocol

SOURCES = Path(__file__).parents[2] / "clients" / "vscode" / "src"
FILES = [SOURCES / "protocol.ts", *sorted(SOURCES.glob("protocol/*.ts"))]
TEXT = "\n".join(file.read_text("utf-8") for file in FILES)

INTERFACES = {
    name: (base, dict(re.findall(r"^  (\w+)(\??):", body, re.MULTILINE)))
    for name, base, body in re.findall(
        r"^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}", TEXT, re.MULTILINE | re.DOTALL
    )
}
"""Each interface's base, and its fields, with `?` if they may be left out."""

NAMES = {
    "Hello": "HelloParams",
    "Grant": "GrantAsked",
    "WireDiagnostic": "Diagnostic",
    "WireRelated": "Related",
    "WireEdit": "Edit",
    "WireFix": "Fix",
    "WireTest": "Test",
    "WireDeclaration": "Declaration",
}
"""Types that have another name in the extension."""


def interface(kind: type[msgspec.Struct]) -> str:
    return NAMES.get(kind.__name__, kind.__name__)


def structs() -> list[type[msgspec.Struct]]:
    """Return every type that crosses the wire, nested ones too."""
    found: list[type[msgspec.Struct]] = []

    def add(kind: object) -> None:
        if isinstance(kind, msgspec.inspect.StructType):
            if kind.cls in found:
                return
            found.append(kind.cls)
            for field in kind.fields:
                add(field.type)
        for name in ("item_type", "value_type"):
            if inner := getattr(kind, name, None):
                add(inner)
        for name in ("types", "item_types"):
            for inner in getattr(kind, name, ()):
                add(inner)

    for method in protocol.METHODS.values():
        add(msgspec.inspect.type_info(method.params))
        add(msgspec.inspect.type_info(method.result))
    for kind in protocol.NOTIFICATIONS.values():
        add(msgspec.inspect.type_info(kind))
    found.remove(protocol.Nothing)
    return found


def declared(call: str) -> dict[str, str]:
    """Return the declared names, each with the text between its angle brackets."""
    found = re.findall(rf'= {call}<([^>]*)>\(\s*"([^"]*)"', TEXT)
    assert len(found) == len({name for _, name in found})
    return {name: types for types, name in found}


def test_every_method_is_declared_once_with_its_types() -> None:
    assert declared("method") == {
        name: f"{interface(method.params)}, {interface(method.result)}"
        for name, method in protocol.METHODS.items()
    }


def test_every_notification_is_declared_once_with_its_type() -> None:
    assert declared("notification") == {
        name: interface(kind) for name, kind in protocol.NOTIFICATIONS.items()
    }


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_the_fields_are_the_same_and_the_same_may_be_left_out(kind: type[msgspec.Struct]) -> None:
    base, fields = INTERFACES[interface(kind)]
    if base:
        fields = INTERFACES[base][1] | fields
    omits = kind.__struct_config__.omit_defaults
    assert fields == {
        field.encode_name: "?" if omits and not field.required else ""
        for field in msgspec.structs.fields(kind)
    }


def test_no_interface_is_left_over() -> None:
    of_the_extension = {"Failure", "Place"}
    assert INTERFACES.keys() == of_the_extension | {interface(kind) for kind in structs()}


def test_the_states_are_the_same() -> None:
    assert set(re.findall(r'^  \| "(\w+)"', TEXT, re.MULTILINE)) == set(model.RunState)
    for values in (model.Trigger, model.Severity, model.Tag, model.TestState):
        assert " | ".join(f'"{value}"' for value in values) in TEXT


def test_the_error_codes_are_the_daemon_s() -> None:
    codes = {name: int(code) for name, code in re.findall(r"const ([A-Z_]+) = (-\d+);", TEXT)}
    assert codes == {
        "NOT_TRUSTED": errors.UntrustedError.code,
        "NO_PROJECT": errors.NoProjectError.code,
        "CANCELLED": errors.REQUEST_CANCELLED,
    }
