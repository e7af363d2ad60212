"""What is built and run is what was consented to, whenever it is exchanged for something else."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon
from tests.support.exchange import exchanged_after_reading, exchanged_for_ever
from tests.support.project import ProjectFiles

pytestmark = pytest.mark.engine

Make = Callable[..., ProjectFiles]

REFUSED = "has changed since it was shown|not trusted in its present form"


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def unseen() -> str:
    """Marks all that nobody has consented to."""
    return f"unseen-{uuid.uuid4().hex}"


@pytest.fixture
def define(make_project: Make, daemon: Daemon) -> Callable[..., ProjectFiles]:
    """Make a trusted project whose only environment has these keys."""

    def make(keys: str, more: str = "", **files: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        for name, content in files.items():
            project.write(name.replace("_", "."), content)
        project.write("buildd.toml", f"[environments.build]\n{keys}\n{more}")
        daemon.trust(project.path)
        return project

    return make


def images_with(mark: str) -> list[str]:
    """The images that have this label, those without a name too."""
    client = docker.from_env()
    try:
        found = client.images.list(all=True, filters={"label": mark})
        return [str(image.id) for image in found]
    finally:
        client.close()


def attempt(client: Client, method: str, **parameters: object) -> bool:
    """Whether it was done; if not, then because something was exchanged."""
    try:
        client.request(method, **parameters)
    except ClientError as error:
        if not re.search(REFUSED, error.message):
            raise
        return False
    return True


@pytest.mark.parametrize("reading", range(1, 7))
def test_a_dockerfile_that_is_exchanged_after_any_reading_is_not_built(
    define: Callable[..., ProjectFiles], client: Client, unseen: str, reading: int
) -> None:
    project = define(
        'dockerfile = "Dockerfile"',
        Dockerfile=f"FROM {IMAGE}\n",
        other=f"FROM {IMAGE}\nLABEL {unseen}=1\n",
    )
    file, other = project.file("Dockerfile"), project.file("other")
    with exchanged_after_reading(file, reading, file, other):
        attempt(client, "buildd/up", project=project.path, rebuild=True)
    assert images_with(unseen) == []


def test_a_dockerfile_that_is_exchanged_all_the_time_is_not_built(
    define: Callable[..., ProjectFiles], client: Client, unseen: str
) -> None:
    project = define(
        'dockerfile = "Dockerfile"',
        Dockerfile=f"FROM {IMAGE}\n",
        other=f"FROM {IMAGE}\nLABEL {unseen}=1\n",
    )
    with exchanged_for_ever(project.file("Dockerfile"), project.file("other")):
        for _ in range(30):
            attempt(client, "buildd/up", project=project.path, rebuild=True)
    assert images_with(unseen) == []
    assert attempt(client, "buildd/up", project=project.path, rebuild=True)


@pytest.mark.parametrize("reading", range(1, 7))
def test_a_copied_file_that_consent_covers_is_the_one_that_was_shown(
    define: Callable[..., ProjectFiles], client: Client, unseen: str, reading: int
) -> None:
    project = define(
        'dockerfile = "Dockerfile"\ncontext = "."\nrebuild-on = ["tool.sh"]',
        Dockerfile=f"FROM {IMAGE}\nCOPY tool.sh /tool.sh\nRUN sh /tool.sh\n",
        tool_sh="true\n",
        other=f"echo {unseen} >/{unseen}\n",
    )
    file, other = project.file("tool.sh"), project.file("other")
    with exchanged_after_reading(file, reading, file, other):
        attempt(client, "buildd/up", project=project.path, rebuild=True)
    # In whatever image has been made, it is the file that was shown.
    look = ["sh", "-c", f"test ! -e /{unseen} && test $(cat /tool.sh) = true"]
    for image in images_with(f"buildd.project={project.path}"):
        engine = docker.from_env()
        try:
            engine.containers.run(image, look, remove=True)
        finally:
            engine.close()


def test_a_link_in_the_way_of_a_copied_file_leads_to_nothing_unseen(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define(
        'dockerfile = "Dockerfile"\ncontext = "."\nrebuild-on = ["tools/tool.sh"]',
        Dockerfile=f"FROM {IMAGE}\nCOPY tools/tool.sh /tool.sh\n",
        **{"tools/tool_sh": "true\n", "others/tool_sh": "false\n"},
    )
    os.rename(project.file("tools"), project.file("kept"))
    os.symlink("others", project.file("tools"))
    assert not attempt(client, "buildd/up", project=project.path)


@pytest.mark.parametrize("reading", range(1, 5))
def test_a_hook_s_script_that_is_exchanged_while_the_image_is_built_does_not_run(
    define: Callable[..., ProjectFiles], client: Client, unseen: str, reading: int
) -> None:
    project = define(
        'dockerfile = "Dockerfile"\non-create = "sh ./ready.sh"',
        Dockerfile=f"FROM {IMAGE}\nRUN true {unseen}\n",
        ready_sh="touch ready\n",
        other=f"touch {unseen}\n",
    )
    script, other = project.file("ready.sh"), project.file("other")
    with exchanged_after_reading(project.file("Dockerfile"), reading, script, other):
        attempt(client, "buildd/up", project=project.path)
    assert not os.path.exists(project.file(unseen))


def test_a_run_image_s_dockerfile_that_is_exchanged_is_not_built(
    define: Callable[..., ProjectFiles], client: Client, unseen: str
) -> None:
    project = define(
        f'image = "{IMAGE}"',
        '[images.run]\ndockerfile = "Dockerfile"\n',
        Dockerfile=f"FROM {IMAGE}\n",
        other=f"FROM {IMAGE}\nLABEL {unseen}=1\n",
    )
    for reading in range(1, 5):
        file, other = project.file("Dockerfile"), project.file("other")
        with exchanged_after_reading(file, reading, file, other):
            attempt(client, "buildd/image", project=project.path)
        assert images_with(unseen) == []


def test_a_secret_in_whose_place_a_link_was_put_is_not_given_to_a_build(
    define: Callable[..., ProjectFiles], client: Client, directory: str
) -> None:
    with open(f"{directory}/private", "w", encoding="ascii") as file:
        file.write("private")
    project = define(
        'dockerfile = "Dockerfile"\nsecrets = { token = "token" }',
        Dockerfile=f"FROM {IMAGE}\nRUN --mount=type=secret,id=token cat /run/secrets/token\n",
        token="mine",
    )
    os.unlink(project.file("token"))
    os.symlink(f"{directory}/private", project.file("token"))
    assert not attempt(client, "buildd/up", project=project.path)
    assert not any("private" in str(message) for message in client.seen)
