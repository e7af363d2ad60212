"""Runs through the daemon, on each engine: output, queueing, cancelling, what can go wrong."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable

import pytest

from buildd.base.framing import frame
from buildd.diagnostics.positions import CHANGED
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, wait_until
from tests.support.project import BROKEN_C, FIXED_C, MAKEFILE, ProjectFiles

pytestmark = pytest.mark.ways

Make = Callable[..., ProjectFiles]

BUILD = {"buildd.toml": '[tasks.build]\nrun = "make"\n', "Makefile": MAKEFILE}


@pytest.fixture
def client(daemon: Daemon) -> Client:
    return daemon.connect()


def output(client: Client) -> bytes:
    pieces = [one["params"] for one in client.seen if one.get("method") == "buildd/output"]
    return b"".join(base64.b64decode(piece["data"]) for piece in pieces)


def test_a_build_gives_output_status_and_diagnostics_and_a_fix_clears_them(
    make_project: Make, client: Client, engine: str
) -> None:
    project = make_project({**BUILD, "lib.c": BROKEN_C}, engine=engine)
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["state"] == "finished"
    assert result["run"]["exitStatus"] == 2
    assert b"gcc -Wall -Wextra -c lib.c\n" in output(client)
    (error,) = (one for one in result["diagnostics"] if one["severity"] == "error")
    place = {key: error[key] for key in ("file", "line", "column", "endLine", "endColumn")}
    assert place == {
        "file": project.file("lib.c"),
        "line": 3,
        "column": 16,
        "endLine": 3,
        "endColumn": 21,
    }
    shown = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert shown == result["diagnostics"]

    project.write("lib.c", FIXED_C)
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 0
    assert result.get("diagnostics", []) == []
    assert client.request("buildd/diagnostics", project=project.path)["diagnostics"] == []


def test_nothing_runs_before_this_exact_configuration_is_trusted(
    make_project: Make, client: Client, daemon: Daemon
) -> None:
    files = {"buildd.toml": '[tasks.build]\nrun = "touch ran"\n'}
    project = make_project(files, trust=False)
    for method, extra in (
        ("buildd/run", {"task": "build"}),
        ("buildd/exec", {"command": ["touch", "ran"], "directory": project.path}),
        ("buildd/up", {}),
    ):
        with pytest.raises(ClientError, match="not trusted") as caught:
            client.request(method, project=project.path, **extra)
        assert caught.value.code == -32003
        assert "buildd trust" in caught.value.remedy
    assert not os.path.exists(project.file("ran"))

    daemon.trust(project.path)
    client.request("buildd/run", project=project.path, task="build")
    assert os.path.exists(project.file("ran"))

    project.write("buildd.toml", project.read("buildd.toml") + "\n# changed\n")
    with pytest.raises(ClientError, match="not trusted"):
        client.request("buildd/run", project=project.path, task="build")


def test_consent_to_what_has_changed_meanwhile_is_refused(
    make_project: Make, client: Client
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'}, trust=False)
    shown = client.request("buildd/trust", project=project.path)
    project.write("buildd.toml", project.read("buildd.toml").replace("true", "rm -rf /"))
    with pytest.raises(ClientError, match="has changed since"):
        client.request("buildd/grant", project=project.path, digest=shown["digest"])
    assert client.request("buildd/trust", project=project.path)["trusted"] is False


def test_one_runs_and_all_who_ask_meanwhile_share_the_next(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project(
        {
            "buildd.toml": "[tasks.build]\n"
            'run = "echo x >>ran; while [ ! -e go ]; do sleep .02; done"\n'
        }
    )
    first = daemon.connect()
    number = first.start("buildd/run", project=project.path, task="build")
    first.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    others = [daemon.connect() for _ in range(5)]
    numbers = [one.start("buildd/run", project=project.path, task="build") for one in others]
    for one in others:
        # Asked after the request of the same session, so the request has been taken.
        one.request("buildd/status", project=project.path)
    project.write("go", "")
    ran = first.result(number)["run"]["id"]
    shared = {one.result(n)["run"]["id"] for one, n in zip(others, numbers, strict=True)}
    assert len(shared) == 1
    assert ran not in shared
    assert project.read("ran") == "x\nx\n"


def test_a_request_that_is_cancelled_with_the_same_breath_is_answered(
    make_project: Make, client: Client
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "sleep 600"\n'})
    for number in range(1, 21):
        params = {"project": project.path, "task": "build"}
        asked = {"id": f"n{number}", "method": "buildd/run", "params": params}
        cancel = {"method": "$/cancelRequest", "params": {"id": f"n{number}"}}
        bodies = [json.dumps({"jsonrpc": "2.0", **one}).encode() for one in (asked, cancel)]
        client.socket.sendall(b"".join(map(frame, bodies)))
        answer = client.wait_for(lambda one, number=number: one.get("id") == f"n{number}")  # type: ignore[misc]  # bound now
        assert "result" in answer or answer["error"]["code"] == -32800
    assert client.request("buildd/status")["runs"] == 0


def test_cancelling_the_request_cancels_the_run_and_keeps_what_was_known(
    make_project: Make, client: Client, engine: str
) -> None:
    project = make_project(
        {
            **BUILD,
            "buildd.toml": '[tasks.build]\nrun = "make; [ ! -e slow ] || sleep 600"\n',
            "lib.c": BROKEN_C,
        },
        engine=engine,
    )
    before = client.request("buildd/run", project=project.path, task="build")["diagnostics"]
    project.write("slow", "")
    project.write("lib.c", FIXED_C)
    number = client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    client.notify("$/cancelRequest", id=number)
    result = client.result(number)
    assert result["run"]["state"] == "cancelled"
    shown = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    # The line is another now, which is said.
    assert [(one["line"], one["message"].removesuffix(CHANGED)) for one in shown] == [
        (one["line"], one["message"]) for one in before
    ], "a cancelled run clears nothing"


def test_a_client_that_vanishes_takes_its_run_with_it(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo $$ >pid; sleep 600"\n'})
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="build")
    wait_until(lambda: os.path.exists(project.file("pid")) and project.read("pid").strip() != "")
    client.close()
    other = daemon.connect()
    wait_until(lambda: other.request("buildd/status")["runs"] == 0)
    pid = int(project.read("pid"))
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"))


def test_a_client_that_vanishes_amid_output_is_missed_by_nobody(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "yes"\n'})
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/output")
    client.close()
    other = daemon.connect()
    wait_until(lambda: other.request("buildd/status")["runs"] == 0)


def test_output_of_any_kind_arrives_as_written(make_project: Make, client: Client) -> None:
    project = make_project(
        {
            "buildd.toml": "[tasks.build]\nrun = \"printf '\\\\377\\\\000\\\\033[31m'; "
            'head -c 3000000 /dev/zero"\n'
        }
    )
    result = client.request("buildd/run", project=project.path, task="build")
    assert output(client) == b"\xff\0\x1b[31m" + bytes(3_000_000)
    assert result["run"]["outputBytes"] == 3_000_007


def test_who_follows_the_log_can_run_without_the_output(make_project: Make, client: Client) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo here"\n'})
    result = client.request("buildd/run", project=project.path, task="build", output=False)
    assert result["run"]["outputBytes"] == len("here\n")
    assert output(client) == b""


def test_a_background_child_that_keeps_the_output_open_does_not_hold_the_run(
    make_project: Make, client: Client
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "sleep 600 & echo $! >pid"\n'})
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["state"] == "finished"
    assert b"still holds its output" in output(client)
    os.kill(int(project.read("pid")), 9)


def test_a_command_that_is_not_there_is_said(make_project: Make, client: Client) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = ["nosuch", "x"]\n'})
    result = client.request("buildd/run", project=project.path, task="build")
    assert result["run"]["exitStatus"] == 127
    assert output(client) == b"buildd: nosuch: command not found in the environment build\n"


def test_a_mistyped_task_names_those_there_are(make_project: Make, client: Client) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})
    with pytest.raises(ClientError, match="no task `biuld`") as caught:
        client.request("buildd/run", project=project.path, task="biuld")
    assert caught.value.remedy == "It has: build."


def test_a_broken_configuration_is_a_diagnostic_in_its_place_until_it_is_mended(
    make_project: Make, client: Client
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})
    good = project.read("buildd.toml")
    project.write("buildd.toml", good + "rnu = 1\n")
    with pytest.raises(ClientError, match="unknown key `rnu`") as caught:
        client.request("buildd/run", project=project.path, task="build")
    line = good.count("\n") + 1
    assert caught.value.data["line"] == line
    (shown,) = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
    assert (shown["file"], shown["line"]) == (project.file("buildd.toml"), line)
    project.write("buildd.toml", good)
    assert (
        client.request("buildd/run", project=project.path, task="build")["run"]["exitStatus"] == 0
    )
    assert client.request("buildd/diagnostics", project=project.path)["diagnostics"] == []


def test_no_project_is_said(directory: str, client: Client) -> None:
    with pytest.raises(ClientError, match=r"no buildd\.toml") as caught:
        client.request("buildd/run", project=directory, task="build")
    assert caught.value.code == -32009


@pytest.mark.ways("socket", "lsp")
def test_results_outlive_the_daemon(make_project: Make, daemon: Daemon) -> None:
    project = make_project({**BUILD, "lib.c": BROKEN_C})
    client = daemon.connect()
    result = client.request("buildd/run", project=project.path, task="build")
    daemon.kill()
    client = daemon.connect()
    assert (
        client.request("buildd/diagnostics", project=project.path)["diagnostics"]
        == result["diagnostics"]
    )
    client.request("buildd/logs", project=project.path)
    assert b"gcc -Wall" in output(client)


def test_logs_follow_runs_as_they_come(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "cat word"\n', "word": "one\n"})
    follower = daemon.connect()
    follower.start("buildd/logs", project=project.path, follow=True)
    follower.request("buildd/status")
    runner = daemon.connect()
    for word in ("one\n", "two\n"):
        project.write("word", word)
        runner.request("buildd/run", project=project.path, task="build")
        heard = follower.wait_for(lambda one: one.get("method") == "buildd/output")
        assert base64.b64decode(heard["params"]["data"]) == word.encode()


def test_a_run_that_starts_while_the_log_is_opened_is_in_it(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "echo here; exec sleep 60"\n'})
    client, follower = daemon.connect(), daemon.connect()
    for _ in range(3):
        run = client.start("buildd/run", project=project.path, task="build", output=False)
        number = follower.start("buildd/logs", project=project.path, task="build", follow=True)
        client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
        started = client.seen[-1]["params"]["id"]
        follower.wait_for(
            lambda one, started=started: (  # type: ignore[misc]  # the loop's own
                one.get("method") == "buildd/output" and one["params"]["run"] == started
            )
        )
        follower.notify("$/cancelRequest", id=number)
        client.notify("$/cancelRequest", id=run)
        client.result(run)


def test_status_answers_while_a_build_runs(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "sleep 600"\n'})
    client = daemon.connect()
    client.start("buildd/run", project=project.path, task="build")
    client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    status = daemon.connect().request("buildd/status")
    (task,) = status["projects"][0]["tasks"]
    assert task["current"]["state"] == "running"
    assert status["runs"] == 1


@pytest.mark.parametrize("name", ["host", pytest.param("docker", marks=pytest.mark.engine)])
def test_a_finding_in_a_system_header_shows_where_the_project_leads_to_it(
    make_project: Make, daemon: Daemon, name: str
) -> None:
    source = (
        "#include <algorithm>\n#include <list>\n"
        "void f(std::list<int> &l) { std::sort(l.begin(), l.end()); }\n"
    )
    project = make_project(
        {"buildd.toml": '[tasks.build]\nrun = "g++ -c a.cpp"\n', "a.cpp": source}, engine=name
    )
    result = daemon.connect().request("buildd/run", project=project.path, task="build")
    errors = [one for one in result["diagnostics"] if one["severity"] == "error"]
    assert errors
    for one in errors:
        assert (one["file"], one["line"]) == (project.file("a.cpp"), 3)
        assert one["message"].startswith("/usr/include/c++/")
