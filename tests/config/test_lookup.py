"""These tests find tasks, environments and images by name."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from buildd.config.lookup import environment_named, image_named, task_named
from buildd.errors import UnknownNameError
from buildd.model import Environment, Project, RunImage, Task

EMPTY = Project(path="/p", config_file="/p/buildd.toml", files=(), environments={})
FULL = msgspec.structs.replace(
    EMPTY,
    environments={name: Environment(name=name) for name in ("gcc", "clang")},
    tasks={name: Task(name=name, command="make", environment="gcc") for name in ("build", "test")},
    images={
        name: RunImage(name=name, dockerfile="/p/Dockerfile", context="/p", tag=name)
        for name in ("run", "debug")
    },
)
FOREIGN = msgspec.structs.replace(
    EMPTY,
    config_file="/p/.devcontainer/devcontainer.json",
    environments={"build": Environment(name="build")},
    default_environment="build",
)

NO_TOML = "need a buildd.toml: `buildd init --from .devcontainer/devcontainer.json` writes one."

Lookup = Callable[[Project, str], object]


@pytest.mark.parametrize(
    ("look_up", "project", "name", "message", "remedy"),
    [
        (task_named, FULL, "biuld", "has no task `biuld`", "It has: build, test."),
        (
            task_named,
            EMPTY,
            "test",
            "has no task `test`",
            "Add `[tasks.test]` with `run = …` to it.",
        ),
        (
            task_named,
            FOREIGN,
            "build",
            "has no task `build`",
            f"Tasks {NO_TOML}",
        ),
        (
            environment_named,
            FULL,
            "gc",
            "has no environment `gc`",
            "It has: gcc, clang. Name one with `--env`.",
        ),
        (
            environment_named,
            FULL,
            "",
            "has several environments",
            "It has: gcc, clang. Name one with `--env`.",
        ),
        (image_named, FULL, "rnu", "has no image `rnu`", "It has: run, debug."),
        (image_named, FULL, "", "has several images", "It has: run, debug."),
        (image_named, EMPTY, "", "has no image", "Add `[images.run]` with `dockerfile = …` to it."),
        (
            image_named,
            FOREIGN,
            "app",
            "has no image `app`",
            f"Images {NO_TOML}",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_valid_ones(
    look_up: Lookup, project: Project, name: str, message: str, remedy: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        look_up(project, name)
    assert caught.value.message == f"{project.config_file} {message}"
    assert caught.value.remedy == remedy


def test_names_and_defaults_are_found() -> None:
    assert task_named(FULL, "test") is FULL.tasks["test"]
    assert environment_named(FULL, "clang") is FULL.environments["clang"]
    assert environment_named(FOREIGN) is FOREIGN.environments["build"]
    assert image_named(FULL, "debug") is FULL.images["debug"]
