"""`buildd demo`: show the whole workflow on the screen."""

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
from buildd_cli.daemon.connection import Connection, DaemonError
from buildd_cli.daemon.lifecycle import connect, connect_running, stop
from buildd_cli.demo.editor import DemoEditor
from buildd_cli.demo.project import breakable, compiled_sources, make_project, spoil
from buildd_cli.output.diagnostics import diagnostics_text
from buildd_cli.output.terminal import BOLD, DIM, GREEN, Style, table

HELP = """
Show the whole workflow on a small C project, with the time that each step takes.

It starts a container, builds the project, breaks a line and saves, shows the compiler's error as an
editor gets it, repairs the line, and checks that the error disappears. It works on a copy with its
own daemon, and removes everything at the end.

examples:
  buildd demo                                   a small project, in the image gcc:13
  buildd demo --source ~/src/zlib --image debian-with-gcc
  buildd demo --engine host                     without a container

exit status: 0 if the right diagnostics appeared and disappeared; 125 if not.
"""

DEFAULT_IMAGE = "gcc:13"
NO_ENGINE = -32004


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--source",
        metavar="DIR",
        help="copy this C project, which has a Makefile (default: a small one of our own)",
    )
    parser.add_argument("--image", help=f"the image to build in (default: {DEFAULT_IMAGE})")
    parser.add_argument(
        "--engine",
        choices=["docker", "host"],
        help="where to build; `host` is this machine, without a container",
    )
    parser.add_argument("--keep", action="store_true", help="keep the copy, and print its path")


def run(arguments: argparse.Namespace) -> int:
    """Play the demonstration; clean up in any case."""
    directory = os.path.realpath(tempfile.mkdtemp(prefix="buildd-demo-"))
    # A separate daemon, so that the demonstration shows a first start and leaves yours alone.
    os.environ["BUILDD_RUNTIME_DIR"] = os.path.join(directory, "run")
    os.environ["BUILDD_STATE_DIR"] = os.path.join(directory, "state")
    try:
        _Demo(directory, arguments).play()
    finally:
        _clean_up(directory, keep=arguments.keep)
    return 0


class _Demo:
    """One demonstration. `times` collects the name and the seconds of each step."""

    def __init__(self, directory: str, arguments: argparse.Namespace) -> None:
        self.times: list[tuple[str, float]] = []
        self._arguments = arguments
        self._path = os.path.join(directory, "project")
        self._style = Style(sys.stdout)
        # Show the source excerpts even if the output goes to a file.
        self._style.terminal = True

    def play(self) -> None:
        """Do all steps, and print the times."""
        arguments = self._arguments
        image = "" if arguments.engine == "host" else arguments.image or DEFAULT_IMAGE
        with self._step("copy the project"):
            make_project(self._path, arguments.source, image)
        with self._step("start the daemon"):
            connection = connect()
        with self._step("trust the configuration"):
            self._trust(connection)
        with self._step("start the environment"):
            self._warm_up(connection, chosen=bool(arguments.engine or arguments.image))
        with self._step("build for the first time"):
            output = self._build(connection)
        with self._step("build again, with nothing to do"):
            self._build(connection)
        target = breakable(self._path, compiled_sources(output))
        with self._step("open an editor"):
            editor = DemoEditor(connect(), self._path)
            editor.open(target.file)
        spoiled = spoil(target)
        self._print(f"breaking line {target.line} of {os.path.relpath(target.file, self._path)}")
        with self._step("from the save to the diagnostic in the editor"):
            found = editor.save_until(
                target.file, spoiled, lambda shown: any(target.wrong in d["message"] for d in shown)
            )
        print(diagnostics_text(found, self._style, self._path), end="", flush=True)
        self._print("repairing the line")
        with self._step("from the save until the diagnostic disappears"):
            editor.save_until(target.file, target.text, lambda shown: not shown)
        print()
        for row in table([(name, seconds(took)) for name, took in self.times], "  "):
            print(row)

    def _trust(self, connection: Connection) -> None:
        summary = connection.request("buildd/trust", project=self._path)
        for line in summary["lines"]:
            self._print(line)
        names = [grant["name"] for grant in summary.get("grants", ())]
        connection.request(
            "buildd/grant", project=self._path, digest=summary["digest"], grants=names
        )

    def _warm_up(self, connection: Connection, *, chosen: bool) -> None:
        def on_notification(method: str, params: dict[str, str]) -> None:
            if method == "buildd/progress":
                self._print(params["message"])

        try:
            status = connection.request("buildd/up", on_notification, project=self._path)
        except DaemonError as error:
            if chosen or error.code != NO_ENGINE:
                raise
            self._print(f"{error.message}: building on this machine instead")
            make_project(self._path, self._arguments.source, "")
            self._trust(connection)
            status = connection.request("buildd/up", on_notification, project=self._path)
        where = f"container {status['container']}" if status.get("container") else "this machine"
        self._print(f"warm: {status.get('image') or status['engine']}, {where}")

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
                f"the project does not build unchanged: {run.get('error') or run['state']}",
                "See its output above, or use another project with --source.",
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

    def _print(self, text: str) -> None:
        print(self._style.paint(f"    {text}", DIM), flush=True)


def _clean(connection: Connection, project: str) -> None:
    """Cancel the project's runs, and remove what buildd has created for it."""
    connection.request("buildd/cancel", project=project)
    while connection.request("buildd/status", project=project)["runs"]:
        time.sleep(0.01)
    created = connection.request("buildd/belongings", project=project)
    ids = [item["id"] for item in created.get("belongings", ())]
    connection.request("buildd/clean", belongings=ids)


def _clean_up(directory: str, *, keep: bool) -> None:
    """Remove the container, stop the daemon, and remove the copy unless `keep`."""
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
        print(f"kept the copy in {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)
