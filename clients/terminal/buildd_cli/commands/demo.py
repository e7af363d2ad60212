"""`buildd demo`: the main job from beginning to end, on the screen."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from buildd.base.words import seconds
from buildd.errors import BuilddError
from buildd_cli.connection import Connection, DaemonError
from buildd_cli.daemon import connect, connect_running, stop
from buildd_cli.demo.editor import DemoEditor
from buildd_cli.demo.project import breakable, compiled_sources, make_project, spoil
from buildd_cli.render import diagnostics_text
from buildd_cli.terminal import BOLD, DIM, GREEN, Style, table

HELP = """
Do the main job from beginning to end, as an editor would, and show each step with its time: have
a warm container, build a C project in it, break a line of it, save, see the compiler's error as
the editor's diagnostic, repair it, save, see it gone. Works on a copy, with a daemon of its own,
and leaves nothing behind.

examples:
  buildd demo                                   a small project, in the image gcc:13
  buildd demo --source ~/src/zlib --image debian-with-gcc
  buildd demo --engine host                     without a container

exit status: 0 if the diagnostics came, were right, and went; 125 where it failed.
"""

DEFAULT_IMAGE = "gcc:13"
NO_ENGINE = -32004


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--source", metavar="DIR", help="a C project with a Makefile to copy")
    parser.add_argument("--image", help=f"what to build in (default: {DEFAULT_IMAGE})")
    parser.add_argument("--engine", choices=["docker", "host"], help="where to build")
    parser.add_argument("--keep", action="store_true", help="keep the copy, and say where it is")


def run(arguments: argparse.Namespace) -> int:
    """Show it; tidy up, whatever happens."""
    directory = os.path.realpath(tempfile.mkdtemp(prefix="buildd-demo-"))
    # Its own daemon, so that it shows a first start, and yours notices nothing.
    os.environ["BUILDD_RUNTIME_DIR"] = os.path.join(directory, "run")
    os.environ["BUILDD_STATE_DIR"] = os.path.join(directory, "state")
    try:
        _Demo(directory, arguments).play()
    finally:
        _tidy_up(directory, keep=arguments.keep)
    return 0


class _Demo:
    """One showing; `times` collects what each step took."""

    def __init__(self, directory: str, arguments: argparse.Namespace) -> None:
        self.times: list[tuple[str, float]] = []
        self._arguments = arguments
        self._path = os.path.join(directory, "project")
        self._style = Style(sys.stdout)
        # The excerpts are the point, also where the output goes to a file.
        self._style.terminal = True

    def play(self) -> None:
        arguments = self._arguments
        image = "" if arguments.engine == "host" else arguments.image or DEFAULT_IMAGE
        with self._step("copy the project"):
            make_project(self._path, arguments.source, image)
        with self._step("start the daemon"):
            connection = connect()
        with self._step("consent to what it would run"):
            self._trust(connection)
        with self._step("have the environment warm"):
            self._warm_up(connection, chosen=bool(arguments.engine or arguments.image))
        with self._step("build it for the first time"):
            output = self._build(connection)
        with self._step("build it again, all made"):
            self._build(connection)
        target = breakable(self._path, compiled_sources(output))
        with self._step("open an editor"):
            editor = DemoEditor(connect(), self._path)
            editor.open(target.file)
        spoiled = spoil(target)
        self._say(f"breaking line {target.line} of {os.path.relpath(target.file, self._path)}")
        with self._step("from save to the editor's diagnostic"):
            found = editor.save_until(
                target.file, spoiled, lambda shown: any(target.wrong in d["message"] for d in shown)
            )
        print(diagnostics_text(found, self._style, self._path), end="", flush=True)
        self._say("repairing it")
        with self._step("from save to the diagnostic gone"):
            editor.save_until(target.file, target.text, lambda shown: not shown)
        print()
        for row in table([(name, seconds(took)) for name, took in self.times], "  "):
            print(row)

    def _trust(self, connection: Connection) -> None:
        summary = connection.request("buildd/trust", project=self._path)
        for line in summary["lines"]:
            self._say(line)
        names = [grant["name"] for grant in summary.get("grants", ())]
        connection.request(
            "buildd/grant", project=self._path, digest=summary["digest"], grants=names
        )

    def _warm_up(self, connection: Connection, *, chosen: bool) -> None:
        def on_notification(method: str, params: dict[str, str]) -> None:
            if method == "buildd/progress":
                self._say(params["message"])

        try:
            status = connection.request("buildd/up", on_notification, project=self._path)
        except DaemonError as error:
            if chosen or error.code != NO_ENGINE:
                raise
            self._say(f"{error.message}: the host stands in")
            make_project(self._path, self._arguments.source, "")
            self._trust(connection)
            status = connection.request("buildd/up", on_notification, project=self._path)
        where = f"container {status['container']}" if status.get("container") else "this machine"
        self._say(f"warm: {status.get('image') or status['engine']}, {where}")

    def _build(self, connection: Connection) -> bytes:
        import base64

        output = bytearray()

        def on_notification(method: str, params: dict[str, str]) -> None:
            if method == "buildd/output":
                output.extend(base64.b64decode(params["data"]))

        result = connection.request("buildd/run", on_notification, project=self._path, task="build")
        run = result["run"]
        if run.get("exitStatus") != 0:
            sys.stderr.write(output[-4000:].decode(errors="replace"))
            raise BuilddError(
                f"the project does not build as it is: {run.get('error') or run['state']}",
                "Its output is above; name another one with --source.",
            )
        return bytes(output)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        print(self._style.paint(f"==> {name}", BOLD), flush=True)
        start = time.monotonic()
        yield
        took = time.monotonic() - start
        self.times.append((name, took))
        print(f"    {self._style.paint('done', GREEN)} in {seconds(took)}", flush=True)

    def _say(self, text: str) -> None:
        print(self._style.paint(f"    {text}", DIM), flush=True)


def _clean(connection: Connection, project: str) -> None:
    """End its runs, and remove its container."""
    connection.request("buildd/cancel", project=project)
    while connection.request("buildd/status", project=project)["runs"]:
        time.sleep(0.01)
    left = connection.request("buildd/belongings", project=project)
    ids = [one["id"] for one in left.get("belongings", ())]
    connection.request("buildd/clean", belongings=ids)


def _tidy_up(directory: str, *, keep: bool) -> None:
    """Remove the container, end the daemon, remove the copy."""
    try:
        if running := connect_running():
            connection, _ = running
            path = os.path.join(directory, "project")
            if os.path.isdir(path):
                _clean(connection, path)
            stop(connection, force=True)
    except BuilddError as error:
        print(f"buildd: {error}", file=sys.stderr)
    if keep:
        print(f"kept: {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)
