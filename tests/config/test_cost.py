"""What a repository can make the daemon do before anybody has consented: little, always."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd.config import load
from buildd.config.text_file import LIMIT
from buildd.config.trust import consent
from tests.config.support import plant

MOST_SECONDS = 1.5
"""Of processor time. Most take a tenth of it; before there were limits, some took minutes."""

ENVIRONMENT = '[environments.a]\nimage = "x"\n'


def filled(head: str, unit: Callable[[int], str], tail: str = "", size: int = LIMIT) -> str:
    """As many units as a file may hold, between the head and the tail."""
    count = (size - len(head) - len(tail)) // len(unit(99_999))
    return head + "".join(map(unit, range(count))) + tail


TOML = {
    "wrong environments": filled("", lambda n: f"[environments.e{n:05}]\nimgae = 1\n"),
    "empty environments": filled("", lambda n: f"[environments.e{n:05}]\n"),
    "environments": filled("", lambda n: f'[environments.e{n:05}]\nimage = "x"\n'),
    "tasks": filled(ENVIRONMENT, lambda n: f'[tasks.t{n:05}]\nrun = "x"\n'),
    "unknown tables": filled("", lambda n: f"k{n:05} = 1\n"),
    "unknown keys": filled(ENVIRONMENT, lambda n: f"k{n:05} = 1\n"),
    "tasks in unknown environments": "".join(
        f'[environments.e{n:05}]\nimage = "x"\n' for n in range(50)
    )
    + "".join(f'[tasks.t{n:05}]\nrun = "x"\nenvironment = "e{n}"\n' for n in range(1000)),
    "tasks in no environment": "".join(f'[environments.e{n:05}]\nimage = "x"\n' for n in range(50))
    + "".join(f'[tasks.t{n:05}]\nrun = "x"\n' for n in range(1000)),
    "parsers": filled(
        f'{ENVIRONMENT}[tasks.t]\nrun = "x"\nparsers = [', lambda n: f'"p{n:05}",', "]"
    ),
    "needs": filled(
        f'{ENVIRONMENT}[images.i]\ndockerfile = "x"\nneeds = [', lambda n: f'"t{n:05}",', "]"
    ),
    "capabilities": filled(f"{ENVIRONMENT}cap-add = [", lambda n: f'"c{n:05}",', "]"),
    "files": filled(f"{ENVIRONMENT}rebuild-on = [", lambda n: f'"f{n:05}",', "]"),
    "numbers for files": filled(f"{ENVIRONMENT}rebuild-on = [", lambda n: "1,", "]"),
    "wrong mounts": filled(f"{ENVIRONMENT}mounts = [", lambda n: "{a=1},", "]"),
    "the same mount": filled(
        f"{ENVIRONMENT}mounts = [", lambda n: '{source="/",target="/t"},', "]"
    ),
    "array of tables": filled(ENVIRONMENT, lambda n: "[[environments.a.mounts]]\n"),
    "variables": filled(f"{ENVIRONMENT}[environments.a.env]\n", lambda n: f'".{n:05}" = "x"\n'),
    "hooks": filled(f"{ENVIRONMENT}[environments.a.on-create]\n", lambda n: f't{n:05} = "./x"\n'),
    "a long hook": f'{ENVIRONMENT}on-create = "{"a " * 120_000}"\n',
    "formats": filled(
        f'{ENVIRONMENT}[tasks.t]\nrun = "x"\nerrorformat = [', lambda n: f'"%f:%l:{n:05}%m",', "]"
    ),
    "patterns": filled(
        f'{ENVIRONMENT}[tasks.t]\nrun = "x"\non-save = [', lambda n: f'"*a*{n:05}",', "]"
    ),
    "dots": "\n".join(f"a{'.a' * 250}.b{n} = 1" for n in range(400)),
    "arrays in arrays": f"a = {'[' * 900}{']' * 900}\n",
    "a deep matcher": f'{ENVIRONMENT}[tasks.t]\nrun = "x"\n'
    f"problem-matchers = [{{ a = {'[' * 400}{']' * 400} }}]\n",
    "empty lines": "\n" * (LIMIT - 1),
    "a long key": f"{'a' * (LIMIT - 5)} = 1",
}

DEVCONTAINER = {
    "mounts": {"image": "x", "runArgs": [f"--volume=/:/a{n}" for n in range(12_000)]},
    "mount texts": {"image": "x", "mounts": [f"source=/,target=/a{n}" for n in range(9000)]},
    "unknown": {"image": "x", **{f"k{n}": 1 for n in range(20_000)}},
    "capabilities": {"image": "x", "capAdd": [f"c{n}" for n in range(20_000)]},
    "variables": {"image": "x", "containerEnv": {"A": "${localEnv:A}" * 18_000}},
}

TASKS = {
    "matchers": {"tasks": [{"label": "x", "problemMatcher": ["$tsc"] * 120_000}]},
    "distinct matchers": {
        "tasks": [{"label": "x", "problemMatcher": [f"${n}" for n in range(90_000)]}]
    },
    "labels": {"tasks": [{"label": f"x{n}", "problemMatcher": f"${n}"} for n in range(20_000)]},
}

YAML = {
    "keys": "a:\n" + "".join(f"  k{n}: [1, 2]\n" for n in range(4000)),
    "lists": f"a: [{'[],' * 21_000}]",
    "environments": "".join(f"k{n}:\n  image: x\n  foo: 1\n" for n in range(2500)),
    "too much": "".join(f"k{n}:\n  image: x\n  foo: 1\n" for n in range(9000)),
}

CASES: dict[str, dict[str, str]] = {
    **{f"toml: {name}": {"buildd.toml": text} for name, text in TOML.items()},
    **{
        f"devcontainer: {name}": {".devcontainer.json": json.dumps(value)}
        for name, value in DEVCONTAINER.items()
    },
    "devcontainer: deep": {".devcontainer.json": f'{{"image":"x","a":{"[" * 900}{"]" * 900}}}'},
    "devcontainer: many": {
        f".devcontainer/d{n}/devcontainer.json": '{"image": "x", "k": 1}' for n in range(1000)
    },
    **{
        f"tasks.json: {name}": {
            "buildd.toml": ENVIRONMENT
            + "".join(
                f'[tasks.t{n}]\nrun = "x"\nproblem-matchers = ["tasks.json"]\n' for n in range(1000)
            ),
            "tasks.json": json.dumps(value),
        }
        for name, value in TASKS.items()
    },
    **{f"yaml: {name}": {"dock.yaml": text} for name, text in YAML.items()},
    "submodules": {
        "buildd.toml": "".join(f'[environments.e{n}]\nimage = "x"\n' for n in range(50)),
        ".git/HEAD": "",
        ".gitmodules": "".join(f'[submodule "m{n}"]\n\tpath = m{n}\n' for n in range(300)),
        **{f"m{n}/.git": f"gitdir: ../.git/modules/m{n}\n" for n in range(300)},
        **{f".git/modules/m{n}/HEAD": "" for n in range(300)},
    },
    "many files": {
        "buildd.toml": '[environments.a]\ndockerfile = "f1"\nrebuild-on = ['
        + ",".join(f'"f{n}"' for n in range(2000))
        + "]\n",
        **{f"f{n}": "FROM x\n" for n in range(2000)},
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_configuration_costs_little(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BUILDD_CONFIG_DIR", str(tmp_path / "own"))
    path = plant(str(tmp_path / "project"), CASES[case])
    begun = time.process_time()
    project, errors = load.check(path)
    if project is not None:
        consent.digest(project)
        consent.grants(project)
        consent.summary(project)
    cost = time.process_time() - begun
    assert cost < MOST_SECONDS
    assert len(errors) <= 100
    assert sum(len(str(error)) for error in errors) < 1 << 20


def test_a_great_file_is_named_and_not_read_whole(tmp_path: Path) -> None:
    files = {"buildd.toml": '[environments.a]\ndockerfile = "great"\n', "great": ""}
    path = plant(str(tmp_path), files)
    os.truncate(f"{path}/great", 2 << 30)
    begun = time.process_time()
    project, (error,) = load.check(path)
    assert project is None
    assert error.message == f"it names {path}/great, which is greater than 64 MiB"
    assert time.process_time() - begun < MOST_SECONDS
