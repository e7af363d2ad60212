"""These tests determine the daemon's settings, and report values that are not in effect."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from buildd.config import user_config
from buildd.config.daemon_settings import DaemonSettings, remarks, settings, variable_remarks
from buildd.config.daemon_table import SETTINGS, DaemonTable, LogLevel
from buildd_cli.daemon.lifecycle import VARIABLES

DEFAULTS = DaemonSettings(
    idle_timeout=1800.0,
    idle_stop=1800.0,
    max_warm=8,
    max_runs=max(2, os.cpu_count() or 1),
    log_level=LogLevel.INFO,
    sources={setting.key: "default" for setting in SETTINGS},
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUILDD_CONFIG_DIR", str(tmp_path))
    return tmp_path / "config.toml"


def test_client_and_daemon_know_the_same_variables() -> None:
    assert sorted(VARIABLES) == sorted(setting.variable for setting in SETTINGS)


def test_every_setting_is_a_key_and_every_key_has_an_example() -> None:
    keys = [field.encode_name for field in msgspec.structs.fields(DaemonTable)]
    assert keys == [setting.key for setting in SETTINGS]
    described = msgspec.json.schema(DaemonTable)["$defs"]["DaemonTable"]["properties"]
    for key in keys:
        assert described[key]["description"].endswith(".")
        assert described[key]["examples"]


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("", {}, {}),
        (
            'idle-timeout = "8h"\nidle-stop = 45\nmax-warm = 0\nmax-runs = 3\nlog-level = "debug"',
            {},
            {
                "idle-timeout": (28800.0, "config.toml"),
                "idle-stop": (45.0, "config.toml"),
                "max-warm": (0, "config.toml"),
                "max-runs": (3, "config.toml"),
                "log-level": ("debug", "config.toml"),
            },
        ),
        (
            "",
            {
                "BUILDD_IDLE_TIMEOUT": "0.2",
                "BUILDD_IDLE_STOP": "2m",
                "BUILDD_MAX_WARM": "3",
                "BUILDD_MAX_RUNS": "1",
                "BUILDD_LOG": "WARNING",
            },
            {
                "idle-timeout": (0.2, "BUILDD_IDLE_TIMEOUT"),
                "idle-stop": (120.0, "BUILDD_IDLE_STOP"),
                "max-warm": (3, "BUILDD_MAX_WARM"),
                "max-runs": (1, "BUILDD_MAX_RUNS"),
                "log-level": ("warning", "BUILDD_LOG"),
            },
        ),
        (
            "max-warm = 4\nmax-runs = 3",
            {"BUILDD_MAX_WARM": "5", "BUILDD_MAX_RUNS": ""},
            {"max-warm": (5, "BUILDD_MAX_WARM"), "max-runs": (3, "config.toml")},
        ),
        (
            "max-warm = 4",
            {"BUILDD_MAX_WARM": "many", "BUILDD_MAX_RUNS": "0"},
            {"max-warm": (4, "config.toml")},
        ),
    ],
)
def test_a_variable_overrides_the_file_and_the_file_overrides_the_default(
    file: Path,
    text: str,
    variables: dict[str, str],
    expected: dict[str, tuple[object, str]],
) -> None:
    file.write_text(f"[daemon]\n{text}\n", "utf-8")
    used, _ = settings(variables)
    found = {setting.key: (used.value(setting), used.sources[setting.key]) for setting in SETTINGS}
    default = {setting.key: (DEFAULTS.value(setting), "default") for setting in SETTINGS}
    assert found == default | expected


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("BUILDD_MAX_WARM", "many", 'must be a whole number, not "many".'),
        ("BUILDD_MAX_WARM", "2.5", 'must be a whole number, not "2.5".'),
        ("BUILDD_MAX_WARM", "-1", "must be at least 0, not -1. 0 means no limit."),
        (
            "BUILDD_MAX_RUNS",
            "0",
            "must be at least 1, not 0. By default it is the number of processors.",
        ),
        (
            "BUILDD_IDLE_STOP",
            "nan",
            'must be a time, not nan. Write "45s", "30m", "8h", or a number of seconds.',
        ),
        (
            "BUILDD_LOG",
            "loud\033[2J",
            r'must be one of debug, info, warning, error, not "loud\x1b[2J".',
        ),
        ("BUILDD_LOG", "10", 'must be one of debug, info, warning, error, not "10".'),
    ],
)
def test_an_invalid_variable_is_reported_and_ignored(
    file: Path, variable: str, text: str, problem: str
) -> None:
    used, problems = settings({variable: text})
    assert used == DEFAULTS
    (line,) = problems
    assert line.startswith(f"{variable}=")
    assert line.endswith(f" is ignored: it {problem}")
    assert line.isprintable()
    assert [str(remark) for remark in variable_remarks(used, {variable: text})] == problems


def test_a_file_with_errors_is_reported_and_ignored(file: Path) -> None:
    file.write_text("[daemon]\nmax-warn = 4\nmax-runs = 3\n", "utf-8")
    used, problems = settings({"BUILDD_MAX_WARM": "5"})
    assert (used.max_warm, used.max_runs) == (5, DEFAULTS.max_runs)
    assert problems == [
        f"{file}:2: unknown key `max-warn` in [daemon]. Did you mean `max-warm`?",
    ]


RESTART = " Run `buildd daemon restart`."


@pytest.mark.parametrize(
    ("before", "started_with", "after", "variables", "reported"),
    [
        ("", {}, "", {}, []),
        ("max-warm = 4", {}, "max-warm = 4", {"BUILDD_MAX_WARM": "4"}, []),
        ("", {}, "", {"BUILDD_IDLE_STOP": "30m", "BUILDD_LOG": "INFO"}, []),
        (
            "",
            {},
            "",
            {"BUILDD_MAX_WARM": "4"},
            ["BUILDD_MAX_WARM=4 is not in effect: the running daemon uses 8."],
        ),
        (
            "idle-stop = 90",
            {},
            'idle-stop = "2h"',
            {},
            ["idle-stop = 2h in FILE is not in effect: the running daemon uses 90s."],
        ),
        ("idle-stop = 90", {}, 'idle-stop = "90s"', {}, []),
        (
            "max-warm = 4",
            {},
            "",
            {},
            ["max-warm is no longer in FILE: the running daemon uses 4."],
        ),
        (
            "max-warm = 4",
            {"BUILDD_MAX_WARM": "5"},
            "max-warm = 4",
            {},
            [
                (
                    "max-warm = 4 in FILE is not in effect: the running daemon uses 5, because "
                    "BUILDD_MAX_WARM was set when it was started."
                )
            ],
        ),
        (
            "max-warm = 4",
            {"BUILDD_MAX_WARM": "5"},
            "max-warm = 4",
            {"BUILDD_MAX_WARM": "5"},
            [],
        ),
        ("", {"BUILDD_MAX_WARM": "5"}, "", {}, []),
    ],
)
def test_values_that_are_not_in_effect_are_reported(
    file: Path,
    before: str,
    started_with: dict[str, str],
    after: str,
    variables: dict[str, str],
    reported: list[str],
) -> None:
    file.write_text(f"[daemon]\n{before}\n", "utf-8")
    used, _ = settings(started_with)
    file.write_text(f"[daemon]\n{after}\n", "utf-8")
    found = remarks(used, variables, user_config.read().daemon)
    assert [str(remark) for remark in found] == [
        line.replace("FILE", str(file)) + RESTART for line in reported
    ]
