"""These tests read and convert other tools' files; data files have a directory and the result."""

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
    """Make a directory of a fixed name and length, because the results contain both."""
    path = f"{directory}/project"
    os.mkdir(path)
    monkeypatch.setenv("HOME", f"{path}/home")
    return path


@pytest.mark.parametrize("name", data_files("foreign", ".txt"))
def test_a_converted_file_is_as_expected_and_has_the_same_meaning(
    name: str, directory: str
) -> None:
    parts = sections(data("foreign", f"{name}.txt"))
    plant(directory, {name: text for name, text in parts.items() if name[:9] != _EXPECTED})
    (file,) = load.configuration_files(directory)
    original, errors = load.check(directory)
    if original is None:
        text = "".join(
            f"{error.line}:{error.column} {error.message} => {error.remedy}\n" for error in errors
        )
        assert text.replace(directory, "PROJECT") == parts["expected errors"]
        assert {error.file for error in errors} == {file}
        return
    assert not errors
    converted = scaffold.convert(directory, file)
    shown = converted.files["buildd.toml"].replace(directory, "PROJECT")
    shown = shown.replace(os.path.dirname(directory), "ABOVE")
    assert shown == parts["expected buildd.toml"]
    scaffold.write(directory, converted)
    assert meaning(load.load(directory), file) == meaning(original, file)


def test_the_precedence_of_configuration_files(directory: str) -> None:
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
    files_left = load.configuration_files(directory)
    assert [os.path.relpath(file, directory) for file in files_left] == [
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
    assert "the file is not valid JSON" in remark.message
    assert set(project.files) == {f"{directory}/{name}/devcontainer.json" for name in names}


def test_the_origin_of_another_tool_s_hook(directory: str) -> None:
    text = '{\n  "image": "x",\n  "postCreateCommand": {\n    "one": "make"\n  }\n}\n'
    plant(directory, {".devcontainer.json": text})
    key = ("environments", "build", "on-create", "postCreateCommand")
    project = load.load(directory)
    assert load.key_origin(project, (*key, "one")) == (
        f"{directory}/.devcontainer.json",
        "postCreateCommand.one",
        4,
        5,
    )


def test_values_of_host_variables_must_be_granted(
    directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILDD_TEST_TOKEN", "secret")
    text = """{ "image": "x:${localEnv:BUILDD_TEST_TOKEN}", "mounts": [
        "type=bind,source=${localEnv:HOME},target=/home/x" ] }"""
    plant(directory, {".devcontainer.json": text, "home/x": ""})
    project = load.load(directory)
    assert project.environments["build"].image == "x:secret"
    assert [(grant.name, grant.detail) for grant in consent.grants(project)] == [
        ("host-variables", "gets the values of your variables: BUILDD_TEST_TOKEN")
    ]
    assert any("secret" in line for line in consent.summary(project))


def test_remarks_are_part_of_the_summary(directory: str) -> None:
    plant(directory, {".devcontainer.json": '{ "image": "x",\n"features": { "a": {} } }'})
    (line,) = [line for line in consent.summary(load.load(directory)) if "features" in line]
    assert line.startswith(".devcontainer.json:2: `features` are not installed")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"x.json": "{"}, "the file is not valid JSON"),
        ({"x.json": "{}"}, "the file names no image"),
        ({"x.txt": ""}, "cannot convert"),
        ({}, "cannot be read"),
    ],
)
def test_files_that_cannot_be_converted(
    directory: str, files: dict[str, str], message: str
) -> None:
    plant(directory, files)
    with pytest.raises(BuilddError, match=message):
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


def meaning(project: Project, file: str) -> object:
    """Return what the project does, without the name of its configuration file."""
    files = set(project.files) - {project.config_file, file}
    return project.path, project.environments, project.default_environment, files
