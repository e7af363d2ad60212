"""These tests check that protocol.md and protocol/ say the same."""

from __future__ import annotations

import os
import re

import msgspec
import pytest

from buildd import errors, model, protocol
from buildd.model import Frozen
from buildd.server.methods import HANDLERS

PAGE = os.path.join(os.path.dirname(__file__), "..", "..", "protocol.md")

with open(PAGE, encoding="utf-8") as file:
    TEXT = file.read()

SECTIONS = dict(re.findall(r"(?ms)^### (\S+)\n(.*?)(?=^##|\Z)", TEXT))


def test_every_method_is_described_and_nothing_else() -> None:
    described = {title for title in SECTIONS if title.startswith("buildd/")}
    assert described == protocol.METHODS.keys() | protocol.NOTIFICATIONS.keys()


def test_every_method_has_a_handler() -> None:
    assert HANDLERS.keys() == protocol.METHODS.keys()


def fields(kind: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)]


@pytest.mark.parametrize("method", protocol.METHODS)
def test_every_parameter_and_result_field_is_named(method: str) -> None:
    kinds = protocol.METHODS[method]
    named = set(re.findall(r"`(\w+)`", SECTIONS[method]))
    wanted = set(fields(kinds.params))
    if "as in `buildd/" not in SECTIONS[method] and "as for `buildd/" not in SECTIONS[method]:
        wanted |= set(fields(kinds.result))
    assert wanted <= named, f"not described: {wanted - named}"


@pytest.mark.parametrize(
    "notification", ["buildd/changed", "buildd/output", "buildd/progress", "buildd/ready"]
)
def test_every_field_of_a_notification_is_named(notification: str) -> None:
    named = set(re.findall(r"`(\w+)`", SECTIONS[notification]))
    assert set(fields(protocol.NOTIFICATIONS[notification])) <= named


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        (protocol.ProjectStatus, "buildd/status"),
        (protocol.EnvironmentStatus, "buildd/status"),
        (protocol.TaskStatus, "buildd/status"),
        (model.Run, "buildd/run"),
        (protocol.WireDiagnostic, "buildd/diagnostics"),
        (protocol.WireRelated, "buildd/diagnostics"),
        (protocol.WireFix, "buildd/diagnostics"),
        (protocol.WireTest, "buildd/tests"),
        (model.Check, "buildd/doctor"),
    ],
)
def test_every_field_of_what_they_hold_is_named(kind: type[Frozen], section: str) -> None:
    named = set(re.findall(r"`(\w+)`", SECTIONS[section]))
    assert set(fields(kind)) <= named


def test_every_command_is_described_and_nothing_else() -> None:
    rows = re.findall(r"^\| `(buildd\.\w+)` \|", SECTIONS["Commands"], re.MULTILINE)
    assert set(rows) == protocol.COMMANDS.keys()


def test_every_error_code_is_described_once() -> None:
    rows = [int(row.replace("−", "-")) for row in re.findall(r"^\| (−\d+) \|", TEXT, re.MULTILINE)]
    assert len(rows) == len(set(rows))
    kinds = [
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.BuilddError)
    ]
    constants = [value for value in vars(errors).values() if isinstance(value, int)]
    assert {*kinds, *constants} <= set(rows)
