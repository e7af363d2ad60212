"""What a run writes itself does not start it for ever, and what a person changes is not missed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import pytest

from buildd.errors import BuilddError
from buildd.model import Run, RunState, Trigger
from buildd.watching.self_changes import ROUNDS, FileChange, SelfChanges
from tests.support.client import Client
from tests.support.daemon import Daemon, wait_until
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles

Make = Callable[..., ProjectFiles]


class Watching:
    """`buildd/watch` of the task `build`, whose command writes a line into `log` beside the
    project each time."""

    def __init__(self, daemon: Daemon, project: ProjectFiles) -> None:
        self.client: Client = daemon.connect()
        self.client.start("buildd/watch", project=project.path, tasks=["build"])
        self._project = project
        self._log = os.path.join(os.path.dirname(project.path), "log")

    def change(self, name: str, content: str) -> None:
        """Change a file as a person would: not in the very tick of the clock in which a run has
        just ended."""
        probe, now = f"{self._log}-clock", time.time()

        def ticked() -> bool:
            with open(probe, "w", encoding="utf-8"):
                return os.stat(probe).st_ctime > now

        wait_until(ticked)
        self._project.write(name, content)

    def ended(self, runs: int = 1) -> None:
        """Wait until so many more runs have ended."""
        for _ in range(runs):
            self.client.wait_for(lambda one: one.get("method") == "buildd/runEnded")

    def seen(self, method: str, text: str = "") -> int:
        """How many such messages have come."""
        return sum(
            one.get("method") == method and text in one["params"].get("message", "")
            for one in self.client.seen
        )

    @property
    def runs(self) -> int:
        with open(self._log, encoding="utf-8") as file:
            return len(file.readlines())


def task(*commands: str) -> str:
    return f"[tasks.build]\nrun = '''echo ran >>../log; {'; '.join(commands)}'''\n"


def test_objects_beside_their_sources(make_project: Make, daemon: Daemon) -> None:
    files = {"buildd.toml": task("make"), "Makefile": MAKEFILE, "lib.c": FIXED_C}
    project = make_project(files)
    watching = Watching(daemon, project)
    watching.ended(2)
    # The second run had nothing to make. What is changed from now on is built, at first followed
    # by such a run each time.
    for number in range(1, ROUNDS):
        watching.change("lib.c", f"{FIXED_C}int number = {number};\n")
        watching.ended(2 if number < ROUNDS - 1 else 1)
    before = watching.runs
    for number in range(3):
        watching.change("lib.c", f"{FIXED_C}int other = {number};\n")
        watching.ended()
    assert watching.runs == before + 3


def test_a_file_that_every_run_writes(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": task("echo more >>out"), "a.c": ""})
    watching = Watching(daemon, project)
    watching.ended(ROUNDS)
    for number in range(3):
        watching.change("a.c", str(number))
        watching.ended()
    assert watching.runs == ROUNDS + 3
    # A person's, for once.
    watching.change("out", "")
    watching.ended()


def test_another_name_each_time_is_stopped_and_said(make_project: Make, daemon: Daemon) -> None:
    project = make_project({"buildd.toml": task("mktemp -p . out.XXXXXX"), "a.c": ""})
    watching = Watching(daemon, project)
    for number in (1, 2):
        # The word comes while the last run is under way, or after it.
        watching.client.wait_for(
            lambda _, wanted=number: (  # type: ignore[misc]  # bound now
                watching.seen("buildd/runEnded") == wanted * ROUNDS
                and watching.seen("buildd/progress", "has run 3 times") == wanted
            )
        )
        assert watching.runs == number * ROUNDS
        watching.change("a.c", str(number))


def test_temporary_files_of_a_run_do_not_count(make_project: Make, daemon: Daemon) -> None:
    command = "t=$(mktemp -p .); echo text >$t; mv $t kept.XXXXXX; rm kept.XXXXXX"
    project = make_project({"buildd.toml": task(command), "a.c": ""})
    watching = Watching(daemon, project)
    watching.ended()
    for number in range(3):
        watching.change("a.c", str(number))
        watching.ended()
    assert watching.runs == 4


def test_what_a_person_changes_during_a_run_is_built_after_it(
    make_project: Make, daemon: Daemon
) -> None:
    wait = "until [ -e ../go ]; do sleep .02; done"
    project = make_project({"buildd.toml": task(wait)})
    source = project.write("a.c", "first")
    watching = Watching(daemon, project)
    watching.client.wait_for(lambda one: one.get("method") == "buildd/runStarted")
    subprocess.run(["touch", source], check=True)
    project.write("../go", "")
    first = watching.client.wait_for(lambda one: one.get("method") == "buildd/runEnded")
    assert first["params"]["run"]["state"] == "finished", "it was not cancelled for it"
    watching.ended()
    assert watching.runs == 2


NOW = time.time()


def ran(number: int, name: str = "build", *, at: float, until: float = 0.0) -> Run:
    return Run(
        id=str(number),
        project="/p",
        task=name,
        environment="e",
        command="make",
        trigger=Trigger.WATCH,
        state=RunState.FINISHED if until else RunState.RUNNING,
        started=NOW + at,
        ended=NOW + until if until else 0.0,
    )


def change(at: float, file: str = "a") -> FileChange:
    return FileChange(file, NOW + at, NOW + at, 0.0, is_deleted=False)


def test_news_that_come_late_are_of_their_own_time() -> None:
    echoes = SelfChanges()
    echoes.follow(ran(1, at=-5, until=-4))
    assert echoes.starts("build", change(-4.5)), "one more, after it"
    echoes.follow(ran(2, at=-3))
    assert not echoes.starts("build", change(-4.4)), "the second has seen that"
    assert not echoes.starts("build", change(-3.5)), "and that"
    assert echoes.starts("other", change(-3.5))


def test_a_run_of_one_task_starts_another_but_not_for_ever() -> None:
    echoes = SelfChanges()
    at = 0.0
    for number in range(2 * ROUNDS - 1):
        name, following = ("one", "other") if number % 2 else ("other", "one")
        at = number - 9.0
        echoes.follow(ran(number, name, at=at, until=at + 0.5))
        if number < 2 * ROUNDS - 2:
            assert echoes.starts(following, change(at + 0.2, str(number)))
    with pytest.raises(BuilddError, match="`one` has run 3 times"):
        echoes.starts("one", change(at + 0.2, "said"))
    assert not echoes.starts("one", change(at + 0.2, "said once"))
    assert echoes.starts("one", change(-0.1, "somebody's"))


def test_a_save_in_an_editor_is_certain() -> None:
    echoes = SelfChanges()
    for number in range(ROUNDS + 1):
        at = number - 10.0
        echoes.follow(ran(number, at=at, until=at + 0.5))
        assert echoes.starts("build", change(at + 0.2)) == (number < ROUNDS - 1)
    echoes.saved("a")
    echoes.follow(ran(9, at=-1, until=-0.5))
    assert echoes.starts("build", change(-0.7))
