"""These tests keep several environments of one project, and of several projects, warm at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import IMAGE, OLDER_IMAGE
from tests.support.client import Client
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

RECURSION = "int f(int n)\n{\n    return f(n - 1);\n}\n"
"""Code for which only the newer gcc has a warning."""

BUILD = "gcc -Wall -c lib.c -o $NAME.o && gcc -dumpversion"


def made_in(client: Client, project: ProjectFiles, task: str) -> tuple[int, str, str]:
    """Run the task; return its exit status, the codes of its diagnostics, and its container."""
    result = client.request("buildd/run", project=project.path, task=task)
    (status,) = client.request("buildd/status", project=project.path)["projects"]
    environments = {environment["name"]: environment for environment in status["environments"]}
    environment = environments[result["run"]["environment"]]
    assert environment["state"] == "warm"
    codes = " ".join(diagnostic["code"] for diagnostic in result.get("diagnostics", []))
    return result["run"]["exitStatus"], codes, environment["container"]


def test_a_project_has_an_old_and_a_new_compiler(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    project = make_project({"lib.c": RECURSION}, engine="docker", trust=False)
    project.write(
        "buildd.toml",
        f'[environments.new]\nimage = "{IMAGE}"\nenv = {{ NAME = "new" }}\n'
        f'[environments.old]\nimage = "{OLDER_IMAGE}"\nenv = {{ NAME = "old" }}\n'
        f'[tasks.new]\nrun = "{BUILD}"\nenvironment = "new"\n'
        f'[tasks.old]\nrun = "{BUILD}"\nenvironment = "old"\n',
    )
    daemon.trust(project.path)
    client = daemon.connect()
    first = [made_in(client, project, name) for name in ("new", "old")]
    assert [made[:2] for made in first] == [(0, "-Winfinite-recursion"), (0, "")]
    # Both stay: neither replaces the other's container or diagnostics.
    assert [made_in(client, project, name) for name in ("new", "old")] == first
    assert first[0][2] != first[1][2]
    found = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert [diagnostic["code"] for diagnostic in found] == ["-Winfinite-recursion"]


def test_two_projects_have_conflicting_versions(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> None:
    projects = []
    for image in (IMAGE, OLDER_IMAGE):
        project = make_project({"lib.c": RECURSION}, engine="docker", trust=False)
        project.write(
            "buildd.toml",
            f'[environments.build]\nimage = "{image}"\nenv = {{ NAME = "lib" }}\n'
            f'[tasks.build]\nrun = "{BUILD}"\n',
        )
        daemon.trust(project.path)
        projects.append(project)
    client = daemon.connect()
    first = [made_in(client, project, "build") for project in projects]
    assert [made[:2] for made in first] == [(0, "-Winfinite-recursion"), (0, "")]
    assert [made_in(client, project, "build") for project in projects] == first
