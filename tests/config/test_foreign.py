"""Other tools' files: the data files hold a directory, and what is made of it."""

from __future__ import annotations

import os

import pytest

from buildd.config import load
from buildd.config.init import scaffold
from buildd.config.load import find_project
from buildd.config.trust import consent
from buildd.errors import BuilddError
from buildd.model import Project
from tests.config.support import data, data_files, plant, sections

_EXPECTED = "expected "


@pytest.fixture
def directory(directory: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Always of the same name and length: both are part of what is read and shown."""
    made = f"{directory}/project"
    os.mkdir(made)
    monkeypatch.setenv("HOME", f"{made}/home")
    return made


@pytest.mark.parametrize("name", data_files("foreign", ".txt"))
def test_what_is_converted_is_as_expected_and_means_what_the_original_means(
    name: str, directory: str
) -> None:
    parts = sections(data("foreign", f"{name}.txt"))
    plant(directory, {name: text for name, text in parts.items() if name[:9] != _EXPECTED})
    (file,) = load.standing(directory)
    original, errors = load.check(directory)
    if original is None:
        told = "".join(f"{one.line}:{one.column} {one.message} => {one.remedy}\n" for one in errors)
        assert told.replace(directory, "PROJECT") == parts["expected errors"]
        assert {one.file for one in errors} == {file}
        return
    assert not errors
    converted = scaffold.convert(directory, file)
    shown = converted.files["buildd.toml"].replace(directory, "PROJECT")
    shown = shown.replace(os.path.dirname(directory), "ABOVE")
    assert shown == parts["expected buildd.toml"]
    scaffold.write(directory, converted)
    assert means(load.load(directory), file) == means(original, file)


def test_the_strongest_stands(directory: str) -> None:
    image = '{ "image": "x" }'
    files = {
        "build.Dockerfile": "FROM x\n",
        "dock.yaml": "schema_version: '0.1'\nenvironments: { build: {} }\n",
        ".devcontainer/two/devcontainer.json": image,
        ".devcontainer.json": image,
        ".devcontainer/devcontainer.json": image,
        "buildd.toml": '[environments.x]\nimage = "x"\n',
    }
    for name, text in files.items():
        plant(directory, {name: text})
        assert load.load(directory).config_file == f"{directory}/{name}"
        assert find_project(f"{directory}/src/x.c") == directory
    os.unlink(f"{directory}/buildd.toml")
    assert [os.path.relpath(file, directory) for file in load.standing(directory)] == [
        ".devcontainer/devcontainer.json",
        ".devcontainer/two/devcontainer.json",
    ]


def test_several_devcontainers_are_environments_by_name(directory: str) -> None:
    names = (
        ".devcontainer",
        ".devcontainer/old gcc",
        ".devcontainer/broken",
        ".devcontainer/clang",
    )
    plant(directory, {f"{name}/devcontainer.json": '{ "image": "x" }' for name in names})
    plant(directory, {".devcontainer/broken/devcontainer.json": "{\n"})
    project = load.load(directory)
    assert list(project.environments) == ["build", "clang", "old-gcc"]
    assert project.default_environment == "build"
    (remark,) = project.remarks
    assert remark.span.file == f"{directory}/.devcontainer/broken/devcontainer.json"
    assert "it is not JSON" in remark.message
    assert set(project.files) == {f"{directory}/{name}/devcontainer.json" for name in names}


def test_where_a_hook_of_another_tool_is(directory: str) -> None:
    text = '{\n  "image": "x",\n  "postCreateCommand": {\n    "one": "make"\n  }\n}\n'
    plant(directory, {".devcontainer.json": text})
    key = ("environments", "build", "on-create", "postCreateCommand")
    project = load.load(directory)
    assert load.place(project, (*key, "one")) == (
        f"{directory}/.devcontainer.json",
        "postCreateCommand.one",
        4,
        5,
    )


def test_what_is_filled_in_from_this_machine_must_be_granted(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_TEST_TOKEN", "secret")
    text = """{ "image": "x:${localEnv:BUILDD_TEST_TOKEN}", "mounts": [
        "type=bind,source=${localEnv:HOME},target=/home/x" ] }"""
    plant(directory, {".devcontainer.json": text, "home/x": ""})
    project = load.load(directory)
    assert project.environments["build"].image == "x:secret"
    grants = [(one.name, one.detail) for one in consent.grants(project) if one.name != "root"]
    assert grants == [("host-variables", "is given what is in your variable BUILDD_TEST_TOKEN")]
    assert any("secret" in line for line in consent.summary(project))


def test_remarks_are_part_of_what_is_shown(directory: str) -> None:
    plant(directory, {".devcontainer.json": '{ "image": "x",\n"features": { "a": {} } }'})
    (line,) = [one for one in consent.summary(load.load(directory)) if "features" in one]
    assert line.startswith(".devcontainer.json:2: `features` are not installed")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"x.json": "{"}, "it is not JSON"),
        ({"x.json": "{}"}, "nothing to make an environment of"),
        ({"x.txt": ""}, "cannot be converted"),
        ({}, "cannot be"),
    ],
)
def test_what_cannot_be_converted(directory: str, files: dict[str, str], said: str) -> None:
    plant(directory, files)
    with pytest.raises(BuilddError, match=said):
        scaffold.convert(directory, f"{directory}/{next(iter(files), 'x.json')}")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 50_000, "9" * 5_000, "\0", '{"a": "\\ud800"}', "// x", "/* x", ""],
)
def test_rubbish_is_an_error(directory: str, text: str) -> None:
    plant(directory, {".devcontainer.json": text})
    project, errors = load.check(directory)
    assert project is None
    assert all(str(error).isprintable() for error in errors)


def test_a_bomb_of_aliases_is_an_error(directory: str) -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    plant(directory, {"dock.yaml": "\n".join(lines)})
    _, (error,) = load.check(directory)
    assert "more than 10000 values" in error.message


def means(project: Project, file: str) -> object:
    """What is done, whether that is written in `file` or not."""
    files = set(project.files) - {project.config_file, file}
    return project.path, project.environments, project.default_environment, files
