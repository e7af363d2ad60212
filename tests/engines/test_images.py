"""These tests build and pull images on a real engine, and check the errors."""

from __future__ import annotations

import base64
import io
import os
import shutil
from collections.abc import Callable

import docker
import pytest

from tests.conftest import IMAGE
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles
from tests.support.registry import registry

pytestmark = pytest.mark.engine

FROM = f"FROM {IMAGE}\n"


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


@pytest.fixture
def define(
    make_project: Callable[..., ProjectFiles], daemon: Daemon
) -> Callable[..., ProjectFiles]:
    """Make a trusted project with these keys of its environment, and a task that shows `/made`."""

    def make(keys: str, **files: str) -> ProjectFiles:
        project = make_project({}, engine="docker", trust=False)
        for name, content in files.items():
            project.write(name.replace("__", "/").replace("_", "."), content)
        toml = f'[environments.build]\n{keys}\n[tasks.build]\nrun = "cat /made"\n'
        project.write("buildd.toml", toml)
        daemon.trust(project.path)
        return project

    return make


def made(client: Client, project: ProjectFiles) -> str:
    """Return the output of the task, in an environment with the current definition."""
    client.request("buildd/up", project=project.path)
    client.seen.clear()
    client.request("buildd/run", project=project.path, task="build")
    return b"".join(
        base64.b64decode(message["params"]["data"])
        for message in client.seen
        if message.get("method") == "buildd/output"
    ).decode()


def places(client: Client, project: ProjectFiles) -> list[tuple[str, int]]:
    """Return the files and lines of the project's diagnostics."""
    shown = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    return [(diagnostic["file"], diagnostic["line"]) for diagnostic in shown]


@pytest.mark.parametrize(
    ("status", "code", "message", "remedy"),
    [
        (404, "MANIFEST_UNKNOWN", "its registry has no such image", "Check the name"),
        (401, "UNAUTHORIZED", "denies access", "docker login 127.0.0.1:"),
        (0, "", "its registry cannot be reached", "network"),
    ],
)
@pytest.mark.parametrize("how", ["image", "FROM"])
def test_the_error_says_why_an_image_cannot_be_pulled(
    define: Callable[..., ProjectFiles],
    client: Client,
    status: int,
    code: str,
    message: str,
    remedy: str,
    how: str,
) -> None:
    with registry(status or 200, code) as host:
        name = f"{host if status else 'localhost:1'}/no/such:1"
        if how == "image":
            project = define(f'image = "{name}"')
        else:
            project = define('dockerfile = "Dockerfile"', Dockerfile=f"ARG V\nFROM {name}\n")
        with pytest.raises(ClientError, match=f"cannot pull {name}: .*{message}") as caught:
            client.request("buildd/run", project=project.path, task="build")
    assert remedy in caught.value.remedy
    file = project.file("Dockerfile" if how == "FROM" else "buildd.toml")
    assert (caught.value.data["file"], caught.value.data["line"]) == (file, 2)
    assert places(client, project) == [(file, 2)]


@pytest.mark.parametrize("keys", ['image = "No/Such:1"', 'dockerfile = "Dockerfile"'])
def test_an_invalid_image_name_is_an_error_at_its_line(
    define: Callable[..., ProjectFiles], client: Client, keys: str
) -> None:
    project = define(keys, Dockerfile="\nFROM No/Such:1\n")
    with pytest.raises(ClientError, match=r"name (\(\w+\) )?must be lowercase") as caught:
        client.request("buildd/up", project=project.path)
    assert caught.value.data["line"] == 2
    assert "Check the name" in caught.value.remedy


def test_errors_in_a_dockerfile_have_a_remedy(
    define: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    keys = 'dockerfile = "Dockerfile"\ncontext = "sub"'
    project = define(keys, Dockerfile=f"{FROM}RNU true\n", sub__x="")
    with pytest.raises(ClientError, match="RNU") as caught:
        client.request("buildd/up", project=project.path)
    assert (caught.value.data["line"], caught.value.remedy) == (2, "Did you mean `RUN`?")
    project.write("Dockerfile", f"{FROM}COPY y /\n")
    daemon.trust(project.path)
    with pytest.raises(ClientError, match="COPY failed") as caught:
        client.request("buildd/up", project=project.path)
    assert caught.value.remedy.startswith(f"The engine gets the files in {project.file('sub')}")
    shutil.rmtree(project.file("sub"))
    with pytest.raises(ClientError, match=r"does not exist"):
        client.request("buildd/up", project=project.path)


@pytest.mark.parametrize("keys", ['image = "no/such:1"', 'dockerfile = "Dockerfile"'])
def test_pull_never_fails_without_asking_the_registry(
    define: Callable[..., ProjectFiles], client: Client, keys: str
) -> None:
    project = define(f'{keys}\npull = "never"', Dockerfile="FROM no/such:1\n")
    with pytest.raises(ClientError, match="`pull` is `never`"):
        client.request("buildd/up", project=project.path)


def test_a_local_image_is_used_if_the_registry_fails(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    engine = docker.from_env()
    try:
        engine.images.get(IMAGE).tag("localhost:1/buildd-test/here", "1")
        project = define('image = "localhost:1/buildd-test/here:1"\npull = "always"')
        assert client.request("buildd/up", project=project.path)["state"] == "warm"
    finally:
        engine.images.remove("localhost:1/buildd-test/here:1")
        engine.close()
    messages = [message["params"]["message"] for message in client.seen if "params" in message]
    assert any("so the local image is used" in message for message in messages)


def test_target_arguments_and_context_reach_the_build(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define(
        'dockerfile = "Dockerfile"\ncontext = "."\ntarget = "one"\nbuild-args = { WORD = "yes" }',
        Dockerfile=FROM.rstrip()
        + " AS one\nARG WORD=no\nCOPY *.txt /\nRUN cat /a.txt >/made; echo $WORD >>/made\n"
        "FROM one\nRUN echo two >/made\n",
        a_txt="from the context\n",
        b_txt="",
        _dockerignore="b.*\n",
    )
    assert made(client, project) == "from the context\nyes\n"


def test_files_that_the_base_image_s_triggers_copy_count(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    base = f"buildd-test/onbuild:{os.getpid()}"
    engine = docker.from_env()
    try:
        text = f"{FROM}ENV WHERE=other.txt\nONBUILD COPY needs.txt /made\n"
        engine.images.build(fileobj=io.BytesIO(text.encode()), tag=base)
        project = define(
            'dockerfile = "Dockerfile"\ncontext = "."',
            Dockerfile=f"FROM {base}\nCOPY $WHERE /other\nRUN cat /other >>/made\n",
            needs_txt="one\n",
            other_txt="two\n",
            unused_txt="",
        )
        assert made(client, project) == "one\ntwo\n"
        before = container(client, project)
        project.write("unused.txt", "never counts")
        assert made(client, project) == "one\ntwo\n"
        assert container(client, project) == before
        project.write("needs.txt", "three\n")
        assert made(client, project) == "three\ntwo\n"
        project.write("other.txt", "four\n")
        assert made(client, project) == "three\nfour\n"
    finally:
        engine.images.remove(base)
        engine.close()


def container(client: Client, project: ProjectFiles) -> str:
    status = client.request("buildd/status", project=project.path)
    return str(status["projects"][0]["environments"][0]["container"])


def test_a_secret_is_used_but_stored_nowhere(
    define: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    secret = "kLm8-very-secret"
    project = define(
        'dockerfile = "Dockerfile"\nsecrets = { token = "token" }',
        Dockerfile=f"{FROM}RUN --mount=type=secret,id=token wc -c </run/secrets/token >/made; "
        "cat /run/secrets/token\n",
        token=f"{secret}\n",
    )
    assert made(client, project).strip() == str(len(secret) + 1)
    assert not [message for message in client.seen if secret in str(message)]
    with open(daemon.log_path, encoding="utf-8") as log:
        assert secret not in log.read()
    engine = docker.from_env()
    try:
        labels: dict[str, str | list[str] | bool] = {"label": f"buildd.project={project.path}"}
        (image,) = engine.images.list(filters=labels)
        assert secret not in str(image.attrs) + str(image.history())
    finally:
        engine.close()


def test_an_error_of_buildkit_has_its_line_too(
    define: Callable[..., ProjectFiles], client: Client
) -> None:
    project = define(
        'dockerfile = "Dockerfile"\nsecrets = { token = "token" }',
        Dockerfile=f"{FROM}RUN true\n\n# why\nRUN echo before && \\\n    exit 3\n",
        token="secret",
    )
    with pytest.raises(ClientError, match="does not build") as caught:
        client.request("buildd/up", project=project.path)
    assert caught.value.data["line"] == 5


def test_the_diagnostic_stays_until_the_image_builds(
    define: Callable[..., ProjectFiles], client: Client, daemon: Daemon
) -> None:
    project = define('dockerfile = "Dockerfile"', Dockerfile=f"{FROM}RUN exit 3\n")
    with pytest.raises(ClientError, match="does not build"):
        client.request("buildd/up", project=project.path)
    assert places(client, project) == [(project.file("Dockerfile"), 2)]
    project.write("Dockerfile", f"{FROM}RUN exit 0\n")
    daemon.trust(project.path)
    client.request("buildd/up", project=project.path)
    assert places(client, project) == []


def test_a_feature_of_buildkit_is_an_error_without_buildkit(
    define: Callable[..., ProjectFiles], daemon: Daemon, directory: str
) -> None:
    os.mkdir(f"{directory}/bin")
    daemon.environment["PATH"] = f"{directory}/bin"
    project = define(
        'dockerfile = "Dockerfile"', Dockerfile=f"{FROM}RUN --mount=type=cache,target=/c true\n"
    )
    with pytest.raises(ClientError, match="RUN --mount needs BuildKit") as caught:
        daemon.connect().request("buildd/up", project=project.path)
    assert caught.value.data["line"] == 2
    assert "buildx" in caught.value.remedy
