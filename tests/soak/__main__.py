"""Runs the soak, and compares."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.conftest import IMAGE
from tests.soak.editor import Editor
from tests.soak.projects import NAMES, files, text
from tests.soak.slow import ask_slowly
from tests.support.client import Client, ClientError
from tests.support.daemon import Daemon, listens, wait_until
from tests.support.leftovers import Holdings, held_now
from tests.support.project import ProjectFiles

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

CALM = 0.3
"""The last part of the time, in which nothing is killed: what grows in it is a leak."""


class Soak:
    """The state of one soak."""

    def __init__(self, directory: str, options: argparse.Namespace) -> None:
        self._options = options
        self._chance = random.Random(options.seed)
        self._directory = directory
        self._end = time.monotonic() + options.minutes * 60
        self._calm = self._end - options.minutes * 60 * CALM
        self._counts: dict[str, int] = {}
        self._failures: list[str] = []
        self._is_calm = threading.Event()
        """Nothing is killed any more."""
        self._configuring = threading.Lock()
        """Consent is to what was shown: nobody else may write between the two."""
        self._may_act = threading.Event()
        self._may_act.set()
        state = os.path.join(directory, "s")
        self.daemon = Daemon(os.path.join(directory, "r"), state)
        # All at once: those that take turns are another test's.
        self.daemon.environment["BUILDD_MAX_WARM"] = "0"
        host = os.environ.get("BUILDD_TEST_ENGINE") == "host"
        place = 'engine = "host"' if host else f'image = "{IMAGE}"'
        self.projects = [self._project(number, place) for number in range(options.projects)]

    def run(self) -> int:
        """Everything; the exit status."""
        self.daemon.start()
        for project in self.projects:
            self.daemon.trust(project.path)
        clients = [
            threading.Thread(target=self._client, args=(random.Random(self._chance.random()),))
            for _ in range(self._options.clients)
        ]
        clients.append(threading.Thread(target=self._slow_client))
        for client in clients:
            client.start()
        self._break_things()
        self._is_calm.set()
        before, rss = self._when_calm()
        for client in clients:
            client.join()
        print("the clients have left; comparing", flush=True)
        grown = (self._memory() - rss) >> 20
        differing = [one.path for one in self.projects if not self._agrees(one)]
        beyond = held_now(self.daemon).beyond(before)
        print(f"{sum(self._counts.values())} actions: {self._counts}")
        print(
            f"in the calm part: {grown} MiB more memory; held beyond: {dict(beyond) or 'nothing'}"
        )
        print(f"projects whose diagnostics are not those of a fresh build: {differing or 'none'}")
        print(f"failures: {self._failures or 'none'}")
        return 1 if differing or self._failures or beyond or grown > 32 else 0

    def _project(self, number: int, place: str) -> ProjectFiles:
        path = os.path.join(self._directory, f"p{number}")
        project = ProjectFiles(path, {}, engine="host", image="")
        for name, content in files(place).items():
            project.write(name, content)
        self.daemon.remember(path)
        return project

    # --- what the clients do

    def _client(self, chance: random.Random) -> None:
        editor: Editor | None = None
        may_fail = True
        while time.monotonic() < self._end:
            try:
                self._may_act.wait()
                if editor is None:
                    may_fail = not self._is_calm.is_set()
                    editor = Editor(self.daemon, chance.choice(self.projects))
                    self._count("connect")
                if self._act(editor, chance):
                    editor = None
            except (OSError, ValueError) as error:
                if not may_fail:
                    self._failures.append(repr(error))
                editor = None
                threading.Event().wait(0.2)  # the daemon was killed, and is started again
            except (AssertionError, ClientError) as error:
                self._failures.append(repr(error))
                editor = None
        if editor:
            editor.leave()

    def _slow_client(self) -> None:
        """Until the end, and until it has been answered: now that nobody kills the daemon."""
        is_answered = False
        while not (is_answered and time.monotonic() >= self._end):
            may_fail = not self._is_calm.is_set()
            try:
                ask_slowly(self.daemon.socket_path)
                self._count("ask, one byte a second")
                is_answered = True
            except OSError as error:
                if not may_fail:
                    self._failures.append(f"one byte a second: {error!r}")
                    return
                threading.Event().wait(0.2)  # the daemon was killed, and is started again
            except AssertionError as error:
                self._failures.append(repr(error))
                return

    def _act(self, editor: Editor, chance: random.Random) -> bool:
        """Do something; whether the client has left."""
        what = chance.choices(("save", "run", "configure", "leave"), (12, 5, 1, 2))[0]
        self._count(what)
        threading.Event().wait(chance.random() * 0.3)
        match what:
            case "save":
                name = chance.choice(NAMES)
                editor.save(name, text(name, chance))
            case "run":
                editor.run("build", chance=chance)
            case "configure":
                with self._configuring:
                    known = editor.project.read("buildd.toml").partition("#")[0]
                    editor.project.write("buildd.toml", f"{known}# {chance.random()}\n")
                    self.daemon.trust(editor.project.path)
            case _:
                editor.leave()
                return True
        return False

    def _break_things(self) -> None:
        """Kill the daemon and containers now and then, until the calm part begins."""
        while time.monotonic() < self._calm:
            threading.Event().wait(5 + self._chance.random() * 5)
            if self._chance.random() < 0.4:
                self._count("kill the daemon")
                self.daemon.kill()
                self.daemon.start()
            elif os.environ.get("BUILDD_TEST_ENGINE") != "host":
                self._count("kill a container")
                project = self._chance.choice(self.projects)
                kill = "docker ps -q -f label=buildd.project=$0 | xargs -r docker kill"
                subprocess.run(["sh", "-c", kill, project.path], check=False, capture_output=True)

    def _when_calm(self) -> tuple[Holdings, int]:
        """What is held and how much memory is used with every environment warm and nobody at
        work."""
        self._may_act.clear()
        for project in self.projects:
            # Not by hand: what that compiled, no run of the task would speak of.
            self._build(project).close()
            # A daemon that was killed last has not had an editor yet, nor watched anything.
            Editor(self.daemon, project).leave()
        found = held_now(self.daemon), self._memory()
        self._may_act.set()
        return found

    def _count(self, what: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1

    # --- what is compared

    def _agrees(self, project: ProjectFiles) -> bool:
        """Whether what shows after one more run is what a build from nothing finds."""
        client = self._build(project)
        before = _times(project)
        runs = client.request("buildd/history", project=project.path, limit=12)["runs"]
        warm = client.request("buildd/diagnostics", project=project.path)["diagnostics"]
        client.close()
        for place in Path(project.path).glob("*.o"):
            place.unlink()
        fresh = self._fresh(project)
        if _names(warm) != _names(fresh):
            print(f"{project.path}:\n  warm {_names(warm)}\n  fresh {_names(fresh)}")
            self._show(runs, before)
        return _names(warm) == _names(fresh)

    def _build(self, project: ProjectFiles) -> Client:
        """Have the task run once nothing else does; who asked for it."""
        with self._configuring:
            self.daemon.trust(project.path)
        client = self.daemon.connect()
        wait_until(lambda: client.request("buildd/status")["runs"] == 0, 120)
        client.request("buildd/run", project=project.path, task="build")
        return client

    def _fresh(self, project: ProjectFiles) -> list[dict[str, Any]]:
        command = [EXECUTABLE, "exec", "--", "sh", "-c", "make -k 2>&1"]
        built = subprocess.run(
            command, cwd=project.path, env=self.daemon.environment, capture_output=True, check=False
        )
        found = subprocess.run(
            [EXECUTABLE, "parse", "--format", "json"],
            input=built.stdout,
            cwd=project.path,
            capture_output=True,
            check=False,
        )
        diagnostics: list[dict[str, Any]] = json.loads(found.stdout)
        return diagnostics

    def _show(self, runs: list[dict[str, Any]], files: dict[str, float]) -> None:
        """Why they differ, for whoever is to find out: what was saved, built and said, in order."""
        told = [(time, f"{name} written") for name, time in files.items()]
        for one in runs:
            run = one["run"]
            path = next(Path(self._directory).glob(f"s/projects/*/runs/{run['id']}.log"), None)
            text = path.read_text(errors="replace") if path else "(no output)"
            told.append((run.get("started", run["created"]), f"{run['id']} began"))
            told.append((run["ended"], f"{run['id']} {run['state']}, having said:\n{text}"))
        for when, what in sorted(told):
            print(f"  {when:.3f} {what}")

    def _memory(self) -> int:
        client = self.daemon.connect()
        memory: int = client.request("buildd/status")["memory"]
        client.close()
        return memory


def _times(project: ProjectFiles) -> dict[str, float]:
    """When each file was written last."""
    return {path.name: path.stat().st_mtime for path in Path(project.path).iterdir()}


def _names(diagnostics: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """What a person would call the same."""
    return sorted(
        {(os.path.basename(one["file"]), one["line"], one["message"]) for one in diagnostics}
    )


def main() -> int:
    """As the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--projects", type=int, default=20)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    directory = tempfile.mkdtemp(prefix="bs-", dir="/tmp")
    os.chmod(directory, 0o755)
    soak = Soak(directory, options)
    try:
        return soak.run()
    finally:
        if listens(soak.daemon.socket_path):
            soak.daemon.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
