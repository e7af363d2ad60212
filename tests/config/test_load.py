"""These tests load the project of a directory."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import pytest

from buildd.config import load
from buildd.config.image_table import default_tag
from buildd.errors import ConfigError
from buildd.model import (
    Cache,
    EngineName,
    Environment,
    Limits,
    Mount,
    OnChange,
    Project,
    Pull,
    RunImage,
    Task,
)
from tests.config.support import data, plant

EXAMPLE = {
    "buildd.toml": data("", "example.toml"),
    "build.Dockerfile": "FROM scratch\n",
    "run.Dockerfile": "FROM scratch\n",
    "requirements.txt": "",
    "src/": "",
    "shared/token": "",
}

MINIMAL = '[environments.build]\nimage = "debian:12"\n'


@pytest.mark.parametrize("name", ["buildd.toml", "tasks.json"])
def test_a_named_pipe_in_a_file_s_place_does_not_block(tmp_path: Path, name: str) -> None:
    text = MINIMAL + '[tasks.build]\nrun = "make"\nmatchers = "tasks.json"\n'
    path = plant(str(tmp_path), {"buildd.toml": text, "tasks.json": "{}"})
    os.unlink(tmp_path / name)
    os.mkfifo(tmp_path / name)
    with pytest.raises(ConfigError):
        load.load(path)


def without_contents(project: Project) -> Project:
    return msgspec.structs.replace(project, contents={})


def test_every_key_reaches_the_model(tmp_path: Path) -> None:
    path = plant(str(tmp_path), EXAMPLE)
    assert without_contents(load.load(path)) == Project(
        path=path,
        config_file=f"{path}/buildd.toml",
        files=(
            f"{path}/buildd.toml",
            f"{path}/build.Dockerfile",
            f"{path}/requirements.txt",
            f"{path}/run.Dockerfile",
        ),
        environments={
            "build": Environment(
                name="build",
                dockerfile=f"{path}/build.Dockerfile",
                context=path,
                target="tools",
                build_args={"VERSION": "1.22"},
                secrets={"token": f"{path}/shared/token"},
                rebuild_on=(f"{path}/requirements.txt",),
                on_change=OnChange.ASK,
                pull=Pull.ALWAYS,
                project_target="/go/src",
                user="image",
                caches={
                    "gomod": Cache(path="/go/pkg/mod"),
                    "ccache": Cache(path="/ccache", shared=True),
                },
                mounts=(Mount(source=f"{path}/shared", target="/shared", read_only=True),),
                env={"CGO_ENABLED": "0"},
                limits=Limits(
                    memory=4 << 30,
                    cpus=1.5,
                    processes=500,
                    network=False,
                    cap_add=("NET_ADMIN", "SYS_NICE"),
                    gpus=-1,
                    shm_size=64 << 20,
                    tmpfs={"/scratch": 512 << 20, "/var/cache": 0},
                ),
                sudo=True,
                ssh_agent=True,
                init=False,
            ),
            "tools": Environment(name="tools", image="golang:1.22", project_target=path),
            "on.host": Environment(
                name="on.host",
                engine=EngineName.HOST,
                project_target=path,
                env={"LANG": "C"},
            ),
        },
        tasks={
            "build": Task(
                name="build",
                command="go build ./...",
                environment="build",
                on_save=("**/*.go",),
                debounce=0.15,
            ),
            "test": Task(
                name="test",
                command=("go", "test", "-json", "./..."),
                environment="tools",
                on_save=("**",),
                debounce=2.0,
                directory=f"{path}/src",
                env={"A": "1"},
            ),
            "native": Task(name="native", command="set -e\nmake\n", environment="on.host"),
        },
        images={
            "run": RunImage(
                name="run",
                dockerfile=f"{path}/run.Dockerfile",
                context=f"{path}/src",
                tag="example:latest",
                needs=("build",),
                target="slim",
                build_args={"WORD": "hello"},
            ),
            "debug": RunImage(
                name="debug",
                dockerfile=f"{path}/run.Dockerfile",
                context=path,
                tag=default_tag(path, "debug"),
            ),
        },
        default_environment="build",
    )


def test_defaults_are_those_of_the_model(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"buildd.toml": MINIMAL + '[tasks.t]\nrun = "make"\n'})
    project = load.load(path)
    assert project.environments["build"] == Environment(
        name="build", image="debian:12", project_target=path
    )
    assert project.tasks["t"] == Task(name="t", command="make", environment="build")


@pytest.mark.parametrize(
    ("directory", "tag"),
    [("/home/me/Hello World", "hello-world-run"), ("/src/a_b.c", "a-b-c-run"), ("/", "run")],
)
def test_the_default_tag_has_the_directory_s_name(directory: str, tag: str) -> None:
    assert default_tag(directory, "run") == tag


@pytest.mark.parametrize(
    ("environments", "default"),
    [(["x"], "x"), (["x", "build"], "build"), (["x", "y"], "")],
)
def test_default_environment(tmp_path: Path, environments: list[str], default: str) -> None:
    text = "".join(f'[environments.{name}]\nimage = "a"\n' for name in environments)
    path = plant(str(tmp_path), {"buildd.toml": text})
    assert load.load(path).default_environment == default


def test_parsers_of_the_registry_are_accepted(tmp_path: Path) -> None:
    from buildd.parsers.registry import PARSERS

    name = next(iter(PARSERS))
    text = f'{MINIMAL}[tasks.t]\nrun = "make"\nparsers = ["{name}"]\n'
    path = plant(str(tmp_path), {"buildd.toml": text})
    assert load.load(path).tasks["t"].parsers == (name,)


def test_home_is_expanded_in_mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = plant(str(tmp_path), {"home/data/": "", "p/x": ""})
    monkeypatch.setenv("HOME", f"{home}/home")
    text = MINIMAL + 'mounts = [{ source = "~/data", target = "/data" }]\n'
    path = plant(f"{tmp_path}/p", {"buildd.toml": text})
    mount = load.load(path).environments["build"].mounts[0]
    assert mount == Mount(source=f"{home}/home/data", target="/data")


def test_a_dockerfile_alone_is_a_project(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"build.Dockerfile": "FROM scratch\n"})
    file = f"{path}/build.Dockerfile"
    assert without_contents(load.load(path)) == Project(
        path=path,
        config_file=file,
        files=(file,),
        environments={
            "build": Environment(name="build", dockerfile=file, project_target=path),
        },
        default_environment="build",
    )


def test_a_task_can_start_in_a_mount(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"p/x": "", "other/deep/": ""})
    text = MINIMAL + (
        'mounts = [{ source = "../other", target = "/other" }]\n'
        '[tasks.t]\nrun = "make"\ndirectory = "../other/deep"\n'
    )
    project = load.load(plant(f"{path}/p", {"buildd.toml": text}))
    assert project.tasks["t"].directory == f"{path}/other/deep"


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"a = 1\n\xff", 2, 1, "is not UTF-8"),
        ("[x]\nä = '".encode() + b"\xe9'", 2, 6, "is not UTF-8"),
        (b"a = " + b"[" * 100_000, 1, 1, "cannot be read as TOML"),
        (b"a = " + b"9" * 10_000, 1, 1, "cannot be read as TOML"),
        (b"#" * (2 << 20), 1, 1, "is larger than 256 KiB"),
        (b"\n" + b"a." * 100_000 + b"a = 1", 2, 1, "more than 256 dots"),
        (b"a = \x00", 1, 5, "is not valid TOML"),
        (b"a = 'x'\ra = 1", 1, 8, "is not valid TOML"),
    ],
)
def test_rubbish(tmp_path: Path, content: bytes, line: int, column: int, message: str) -> None:
    path = os.path.realpath(tmp_path)
    with open(f"{path}/buildd.toml", "wb") as file:
        file.write(content)
    with pytest.raises(ConfigError, match=message) as raised:
        load.load(path)
    assert (raised.value.file, raised.value.line, raised.value.column) == (
        f"{path}/buildd.toml",
        line,
        column,
    )


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"buildd.toml": "\ufeff" + MINIMAL})
    assert load.load(path).default_environment == "build"


def test_a_removed_configuration_is_an_error(tmp_path: Path) -> None:
    path = os.path.realpath(tmp_path)
    with pytest.raises(ConfigError, match="no configuration") as raised:
        load.load(path)
    assert raised.value.file == f"{path}/buildd.toml"


def test_an_error_names_the_missing_file(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"buildd.toml": '[environments.x]\ndockerfile = "D"\n'})
    with pytest.raises(ConfigError) as raised:
        load.load(path)
    assert raised.value.missing == f"{path}/D"
    plant(path, {"D": "FROM scratch\n"})
    assert load.load(path).files == (f"{path}/buildd.toml", f"{path}/D")


def test_nothing_is_executed_or_written(tmp_path: Path) -> None:
    text = '[environments.h]\nengine = "host"\n[tasks.t]\nrun = "touch $HOME/x; touch x"\n'
    path = plant(str(tmp_path), {"buildd.toml": text})
    load.load(path)
    assert os.listdir(path) == ["buildd.toml"]


def test_load_is_quick(tmp_path: Path) -> None:
    path = plant(str(tmp_path), EXAMPLE)
    load.load(path)
    durations = []
    for _ in range(20):
        start = time.process_time()
        load.load(path)
        durations.append(time.process_time() - start)
    assert min(durations) < 0.05


def test_buildd_toml_wins_in_the_same_directory(tmp_path: Path) -> None:
    path = plant(str(tmp_path), {"buildd.toml": MINIMAL, "build.Dockerfile": ""})
    assert load.load(path).config_file == f"{path}/buildd.toml"


def test_a_project_crosses_the_wire(tmp_path: Path) -> None:
    project = load.load(plant(str(tmp_path), EXAMPLE))
    assert msgspec.json.decode(msgspec.json.encode(project), type=Project) == project
