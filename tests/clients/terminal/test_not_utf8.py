"""Paths, arguments and output that are not valid UTF-8: JSON and LSP cannot carry them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from buildd_cli.commands import COMMANDS
from tests.support.client import ClientError
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

REFUSED = (
    "build",
    "cancel",
    "ci build",
    "clean",
    "diagnostics",
    "doctor",
    "down",
    "exec true",
    "exec -n true",
    "history",
    "image",
    "init",
    "logs",
    "parse",
    "run build",
    "shell",
    "shim bin sh",
    "status",
    "test",
    "tests",
    "trust",
    "try --image none build",
    "up",
    "verify build",
    "watch",
)
"""What is about a project."""

SERVED = {
    "clean --all --show": 0,
    "completion bash": 0,
    "daemon status": 3,
    "help build": 0,
    "lsp": 0,
    "status --all": 0,
    "__complete task": 0,
}
"""What works in any directory, with its exit status; `demo` too, which has its own tests."""


def run(
    daemon: Daemon, arguments: list[str | bytes], cwd: bytes
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [EXECUTABLE, *arguments],
        cwd=cwd,
        env=daemon.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT,
    )


@pytest.fixture
def odd(directory: str) -> bytes:
    """A project in a directory whose name is no UTF-8."""
    path = os.path.join(os.fsencode(directory), b"odd\xff")
    os.mkdir(path)
    Path(os.fsdecode(path), "buildd.toml").write_text(
        '[environments.build]\nengine = "host"\n[tasks.build]\nrun = "true"\n'
    )
    return path


def test_every_command_is_here() -> None:
    tried = {line.split()[0] for line in (*REFUSED, *SERVED)}
    assert set(COMMANDS) - tried == {"demo"}


@pytest.mark.parametrize("line", REFUSED)
def test_a_project_is_refused_with_the_reason(
    directory: str, daemon: Daemon, odd: bytes, line: str
) -> None:
    os.symlink(odd, os.path.join(directory, "link"))
    before = sorted(os.listdir(odd))
    words = line.split()
    for arguments, cwd in (
        (words, odd),
        (["-C", odd, *words], b"/"),
        (words, os.path.join(odd, b"..", b"link")),
    ):
        result = run(daemon, [*arguments], cwd)
        assert result.returncode == 125, result
        assert result.stderr.count(b"\n") == 1
        assert rb"/odd\xff is not valid UTF-8, and buildd cannot name it." in result.stderr
        assert b"Rename the directory" in result.stderr
    assert sorted(os.listdir(odd)) == before


@pytest.mark.parametrize(("line", "status"), SERVED.items())
def test_what_is_about_no_project_works(daemon: Daemon, odd: bytes, line: str, status: int) -> None:
    result = run(daemon, [*line.split()], odd)
    assert (result.returncode, b"UTF-8" in result.stderr) == (status, False), result


def test_an_argument_that_is_not_utf8_is_refused(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})
    here = os.fsencode(project.path)
    arguments: list[list[str | bytes]] = [
        ["exec", "echo", b"a\xff"],
        ["exec", "-e", b"A=\xff", "--", "true"],
        ["run", b"t\xff"],
    ]
    for words in arguments:
        result = run(daemon, words, here)
        assert result.returncode == 125
        assert b"is not valid UTF-8" in result.stderr
        assert result.stderr.count(b"\n") == 1
    smile = run(daemon, ["exec", "echo", "😀"], here)
    assert smile.stdout.decode() == "😀\n"


def test_a_directory_for_what_is_ours_is_refused_too(daemon: Daemon, odd: bytes) -> None:
    daemon.environment["BUILDD_STATE_DIR"] = os.fsdecode(odd)
    result = run(daemon, ["status"], b"/")
    assert result.returncode == 125
    assert b"is not valid UTF-8" in result.stderr
    assert b"Set BUILDD_RUNTIME_DIR and BUILDD_STATE_DIR" in result.stderr


@pytest.mark.parametrize("name", [b"odd\xff", b"\xff.c", b"deep/\xff/er"])
def test_names_in_a_project_harm_nobody(make_project: Make, daemon: Daemon, name: bytes) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "ls; cat deep/*/* *.c; exit 3"\n'})
    path = os.path.join(os.fsencode(project.path), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(name + b":1:1: error: \xff is wrong\n")
    os.symlink("/etc", os.path.join(os.fsencode(project.path), b"link\xfe"))
    daemon.trust(project.path)
    for words in (["build", "--json"], ["status", "--json"], ["diagnostics", "--json"]):
        result = run(daemon, [*words], os.fsencode(project.path))
        assert result.returncode == (3 if words[0] == "build" else 0), result
        json.loads(result.stdout)


def test_text_of_a_tool_that_is_no_unicode_is_shown_and_stored(
    make_project: Make, daemon: Daemon
) -> None:
    """A lone surrogate, escaped: valid JSON to some readers, and to no strict one."""
    odd = "x\ud800y"
    message = {"ruleId": odd, "severity": 2, "message": odd, "line": 1, "column": 1}
    report = json.dumps([{"filePath": f"/x/{odd}.js", "messages": [message]}])
    project = make_project(
        {"buildd.toml": '[tasks.build]\nrun = "cat log; exit 1"\n', "log": f"{report}\n"}
    )
    here = os.fsencode(project.path)
    result = run(daemon, ["build", "--json"], here)
    assert result.returncode == 1
    (found,) = json.loads(result.stdout)["diagnostics"]
    assert (found["message"], found["file"]) == ("x�y", "/x/x�y.js")
    history = json.loads(run(daemon, ["history", "--json"], here).stdout)
    assert [entry["errors"] for entry in history["runs"]] == [1]


def test_a_message_with_text_that_is_no_unicode(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "true"\n'})
    client = daemon.connect()
    with pytest.raises(ClientError, match="not valid Unicode") as raised:
        client.request("buildd/status", project=f"{project.path}\udcff")
    assert raised.value.code == -32602
    # In the text of a document it is allowed.
    client.seen.clear()
    client.request("initialize", capabilities={}, rootUri=f"file://{project.path}")
    document = {"uri": f"file://{project.path}/a.c", "languageId": "c", "version": 1}
    client.notify("textDocument/didOpen", textDocument={**document, "text": "\ud800"})
    client.request("shutdown")
    assert not [message for message in client.seen if message.get("error")]


def test_an_editor_is_told_once(daemon: Daemon, odd: bytes) -> None:
    client = daemon.connect()
    uri = f"file://{os.fsdecode(os.path.dirname(odd))}/odd%FF"
    client.request("initialize", capabilities={}, rootUri=uri)
    client.notify("initialized")
    for name in ("a.c", "b.c"):
        document = {"uri": f"{uri}/{name}", "languageId": "c", "version": 1, "text": ""}
        client.notify("textDocument/didOpen", textDocument=document)
    client.wait_for(lambda message: message.get("method") == "window/showMessage")
    client.request("shutdown")
    shown = [_shown(message) for message in client.seen if _shown(message)]
    assert len(shown) == 1
    assert "is not valid UTF-8" in shown[0]


def _shown(message: dict[str, object]) -> str:
    params = message.get("params")
    return str(params) if message.get("method") == "window/showMessage" else ""
