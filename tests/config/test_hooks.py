"""These tests read hooks, and find the scripts that consent to them covers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.trust import consent
from buildd.model import Hook
from tests.config.support import plant

HEAD = '[environments.build]\nimage = "x"\nmount = "/src"\n'


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        ('"make"', ((Hook(command="make"),),)),
        ('["make", "a b"]', ((Hook(command=("make", "a b")),),)),
        ("[]", ()),
        ("{}", ()),
        ("{ a = {} }", ()),
        (
            '{ z = "1", a = ["2"], b = { d = "3", c = "4" } }',
            (
                (Hook(command="1", name=("z",)),),
                (Hook(command=("2",), name=("a",)),),
                (Hook(command="3", name=("b", "d")), Hook(command="4", name=("b", "c"))),
            ),
        ),
    ],
)
def test_steps(tmp_path: Path, value: str, steps: object) -> None:
    text = f"{HEAD}on-create = {value}\non-start = {value}\n"
    project = load.load(plant(str(tmp_path), {"buildd.toml": text}))
    environment = project.environments["build"]
    assert environment.on_create == environment.on_start == steps


@pytest.mark.parametrize(
    ("command", "scripts"),
    [
        ('"bash .devcontainer/setup.sh && make"', [".devcontainer/setup.sh"]),
        ('"./tool --fast; echo x"', ["tool"]),
        ('"/src/tool"', ["tool"]),
        ('"cd sub; ../tool"', []),
        ('["sh", "-c", "tools/../setup.py"]', ["setup.py"]),
        ('"cp README.md /tmp; /usr/bin/env; ../other.sh; missing.sh"', ["missing.sh"]),
        ('"echo it\'s ./tool"', ["tool"]),
        ('"sh ${containerWorkspaceFolder}/x"', []),
    ],
)
def test_scripts_of_hooks_are_part_of_the_trust(
    tmp_path: Path, command: str, scripts: list[str]
) -> None:
    files = {
        "buildd.toml": f"{HEAD}on-start = {command}\n",
        ".devcontainer/setup.sh": "",
        "tool": "#!/bin/sh\n",
        "setup.py": "",
        "README.md": "",
    }
    path = plant(str(tmp_path), files)
    os.chmod(f"{path}/tool", 0o755)
    assert load.load(path).files[1:] == tuple(f"{path}/{name}" for name in scripts)
    before = consent.digest(load.load(path))
    for name in scripts:
        plant(path, {name: "changed"})
        assert consent.digest(load.load(path)) != before


def test_the_origin_of_a_hook(tmp_path: Path) -> None:
    text = HEAD + "[environments.build.on-create]\na = '''\nx'''\nb = { c = 'y' }\n"
    project = load.load(plant(str(tmp_path), {"buildd.toml": text}))
    key = ("environments", "build", "on-create")
    assert load.key_origin(project, (*key, "b", "c"))[2:] == (7, 7)
    assert load.key_origin(project, (*key, "gone"))[2:] == (4, 21)
    plant(str(tmp_path), {"buildd.toml": "= no"})
    assert load.key_origin(project, key)[2:] == (1, 1)
