"""Reading a log of a million lines: beside Vim with gcc's patterns, grep, and a bare loop."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from buildd.output.parsing import OutputParser
from tests.support.client import Client
from tests.support.daemon import Daemon

LINES = 1_000_000
WIDTH = 78
EVERY = 100
"""Lines of a build between two diagnostics."""

VIM_PATTERNS = "%f:%l:%c: %trror: %m,%f:%l:%c: %tarning: %m,%f:%l: %trror: %m,%f:%l: %tarning: %m"
PATTERN = re.compile(rb"^(.+?):(\d+):(?:(\d+):)? (error|warning): (.*)$")
CHUNK = 1 << 16


def main() -> None:
    """Print the table."""
    with tempfile.NamedTemporaryFile(suffix=".log", dir="/tmp") as file:
        for piece in log(os.path.join(os.path.dirname(__file__), "..", "..", ".cache", "sources")):
            file.write(piece)
        file.flush()
        size = os.path.getsize(file.name)
        print(f"{LINES} lines, {size / 1e6:.0f} MB, a diagnostic every {EVERY} lines")
        times = {
            "vim :cgetfile, four patterns": vim(file.name),
            "grep -cE": grep(file.name),
            "python, one pattern": loop(file.name),
            "buildd, parsers = gcc": ours(file.name, ("gcc",)),
            "buildd, chosen by the output": ours(file.name, ()),
        }
        slow = times["vim :cgetfile, four patterns"]
        for name, took in times.items():
            print(f"{name:34} {took:7.2f} s {slow / took:7.1f} × vim's speed")
        print(f"{'memory of buildd parse':34} {memory(file.name, 1):7.1f} MB for a tenth of it,")
        print(f"{'':34} {memory(file.name, 10):7.1f} MB for all of it")


def log(sources: str) -> Iterator[bytes]:
    """The log of a real build, again and again, with a diagnostic in it now and then."""
    lua = next(Path(sources).glob("lua*"))
    made = subprocess.run(
        ["make", "-n", "-B", "-C", str(lua / "src"), "linux"], capture_output=True, check=True
    )
    # As long as lines are on average; otherwise the log would be three times as large.
    lines = [line[:WIDTH] for line in made.stdout.split(b"\n") if line]
    row = 0
    while row < LINES:
        piece = []
        for line in lines:
            piece.append(line)
            row += 1
            if row % EVERY == 0:
                name = f"l{row % 50021}.c"
                text = (
                    f"{name}:{row % 977}:{row % 71}: warning: unused variable 'v{row}' [-Wunused]"
                )
                piece.append(text.encode())
                row += 1
        yield b"\n".join(piece) + b"\n"


def vim(path: str) -> float:
    """Neovim's quickfix list, which is Vim's."""
    nvim = str(Path(sys.executable).with_name("nvim"))
    command = f"let &errorformat='{VIM_PATTERNS}' | cgetfile {path} | qa!"
    start = time.perf_counter()
    subprocess.run([nvim, "--headless", "--clean", "-c", command], check=True)
    return time.perf_counter() - start


def grep(path: str) -> float:
    start = time.perf_counter()
    pattern = r"^[^ :]+:[0-9]+:([0-9]+:)? (error|warning): "
    # Into a pipe: it stops at the first match if nobody reads the count.
    subprocess.run(["grep", "-cE", pattern, path], capture_output=True, check=True)
    return time.perf_counter() - start


def loop(path: str) -> float:
    start = time.perf_counter()
    with open(path, "rb") as file:
        found = sum(1 for line in file if PATTERN.match(line))
    assert found >= LINES // EVERY // 2
    return time.perf_counter() - start


def ours(path: str, parsers: tuple[str, ...]) -> float:
    OutputParser(parsers, "/").feed(b"warm up\n")
    start = time.perf_counter()
    reading = OutputParser(parsers, "/")
    with open(path, "rb") as file:
        while data := file.read(CHUNK):
            reading.feed(data)
    reading.finish()
    took = time.perf_counter() - start
    assert len(reading.diagnostics()) >= 9_000
    return took


def memory(path: str, tenths: int) -> float:
    """Megabytes that `buildd parse` takes for so many tenths of the log."""
    size = os.path.getsize(path) * tenths // 10
    executable = str(Path(sys.executable).with_name("buildd"))
    script = f"head -c {size} {path} | {executable} parse --format quickfix >/dev/null"
    before = os.fork()
    if before == 0:
        subprocess.run(["sh", "-c", script], check=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        Path(f"{path}.rss").write_text(str(used))
        os._exit(0)
    os.waitpid(before, 0)
    used = int(Path(f"{path}.rss").read_text())
    os.unlink(f"{path}.rss")
    return used / 1024


def stream(path: str, daemon: Daemon, editor: Client) -> float:
    """Seconds from a finding's being printed to its being published, the build still running."""
    client = daemon.connect()
    number = client.start("buildd/run", project=path, task="stream")
    editor.wait_for(
        lambda one: (
            one.get("method") == "textDocument/publishDiagnostics"
            and any("streamed" in found["message"] for found in one["params"]["diagnostics"])
        )
    )
    arrived = time.time()
    printed = float(Path(path, "stamp").read_text())
    client.request("buildd/cancel", project=path, task="stream")
    client.result(number)
    return arrived - printed


if __name__ == "__main__":
    main()
