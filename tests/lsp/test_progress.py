"""Work-done progress with a percentage: the tool's own, or what the last run lets one expect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.support.daemon import Daemon
from tests.support.editor import Editor
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]
Start = Callable[..., Awaitable[Editor]]

# Four steps, one after the other, each of which waits until the test lets it go.
NINJA = """\
rule wait
  command = while [ ! -e go$in ]; do sleep .02; done; touch $out
build a: wait 1
build b: wait 2 | a
build c: wait 3 | b
build d: wait 4 | c
"""


def percentages(editor: Editor) -> list[int]:
    reports = [one for group in editor.client.progress_reports.values() for one in group]
    told = [getattr(one, "percentage", None) for one in reports]
    return [one for one in told if one is not None]


@pytest.mark.engine
async def test_what_ninja_tells_is_shown(make_project: Make, start_editor: Start) -> None:
    files = {"buildd.toml": '[tasks.build]\nrun = "ninja"\n', "build.ninja": NINJA}
    project = make_project(files | dict.fromkeys("1234", ""), engine="docker")
    editor = await start_editor(project.path)
    running = asyncio.create_task(editor.command("buildd.build"))
    for step, percentage in enumerate((25, 50, 75), 1):
        project.write(f"go{step}", "")
        await editor.until(lambda wanted=percentage: wanted in percentages(editor))  # type: ignore[misc]  # bound now
    project.write("go4", "")
    await running
    await editor.until(lambda: editor.ended_runs() == 1)
    assert percentages(editor) == sorted(percentages(editor))


async def test_without_the_tool_s_word_the_last_duration_counts(
    make_project: Make, start_editor: Start
) -> None:
    run = "while [ ! -e go ]; do sleep .02; done; rm go"
    project = make_project({"buildd.toml": f'[tasks.build]\nrun = "{run}"\non-save = true\n'})
    editor = await start_editor(project.path)
    editor.save(project.file("buildd.toml"))
    # The first one is silent: nothing is known of how long it takes.
    await editor.until(lambda: len(editor.client.progress_reports) == 1)
    project.write("go", "")
    await editor.until(lambda: editor.ended_runs() == 1)
    assert percentages(editor) == []
    editor.save(project.file("buildd.toml"))
    shown = await editor.until(lambda: percentages(editor))
    assert 0 < shown[0] <= 99
    project.write("go", "")
    await editor.until(lambda: editor.ended_runs() == 2)


async def test_an_editor_that_comes_late_sees_how_far_it_is_and_its_end(
    make_project: Make, start_editor: Start
) -> None:
    run = "echo '[1/2] first'; until [ -e go ]; do sleep .02; done"
    project = make_project({"buildd.toml": f'[tasks.build]\nrun = "{run}"\n'})
    first = await start_editor(project.path)
    running = asyncio.create_task(first.command("buildd.build"))
    await first.until(lambda: 50 in percentages(first))
    late = await start_editor(project.path)
    await late.until(lambda: 50 in percentages(late))
    (reports,) = late.client.progress_reports.values()
    assert [getattr(one, "message", None) for one in reports] == [None, "running"]
    project.write("go", "")
    await running
    await late.until(lambda: late.ended_runs() == 1)


async def test_the_failure_of_an_ad_hoc_command_is_not_shown(
    make_project: Make, start_editor: Start, daemon: Daemon
) -> None:
    project = make_project({"buildd.toml": '[tasks.build]\nrun = "exit 3"\n'})
    editor = await start_editor(project.path)
    await editor.command("buildd.status", project.path)
    assert await asyncio.to_thread(run_ad_hoc, daemon, project, ["false"]) == 1
    await editor.command("buildd.build")
    failures = await editor.until(
        lambda: [one.message for one in editor.client.messages if "names no place" in one.message]
    )
    assert len(failures) == 1
    assert "build failed with exit status 3" in failures[0]


def run_ad_hoc(daemon: Daemon, project: ProjectFiles, command: list[str]) -> int:
    """Run a command as `buildd exec` does; its exit status."""
    client = daemon.connect()
    params = {"project": project.path, "directory": project.path, "command": command}
    number = client.start("buildd/exec", stdin=False, **params)
    pipes = client.wait_for(lambda one: one.get("method") == "buildd/ready")["params"]
    with open(pipes["stdout"], "rb") as output, open(pipes["stderr"], "rb") as errors:
        assert output.read() + errors.read() == b""
    return int(client.result(number)["run"]["exitStatus"])
