"""A real Neovim with the plugin, driven through its own RPC: without a screen, or on one."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from tests.support.daemon import TIMEOUT, wait_until
from tests.support.screen import Screen

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = str(ROOT / "clients" / "neovim")
PROGRAMS = str(Path(sys.executable).parent)
NEWEST = os.path.join(PROGRAMS, "nvim")
OLDEST = str(ROOT / ".cache" / "neovim-0.10" / "nvim")
"""The oldest that the plugin supports; `make setup` brings it."""

_NOTES = """
notes = {}
vim.notify = function(message, level) table.insert(notes, { message = message, level = level }) end
"""


class Neovim:
    """One editor. `close` leaves no process behind."""

    def __init__(
        self,
        directory: str,
        environment: Mapping[str, str],
        *arguments: str,
        program: str = NEWEST,
        cwd: str = "/",
        before: str = "",
        screen: bool = False,
    ) -> None:
        """`before` is Lua that runs before any plugin; on a screen, messages are shown there."""
        home = os.path.join(directory, "home")
        os.makedirs(home, exist_ok=True)
        number = sum(name.startswith("nvim-") for name in os.listdir(directory))
        self._address = os.path.join(directory, f"nvim-{number}")
        self.errors = os.path.join(directory, f"errors-{number}")
        start = os.path.join(directory, f"init-{number}.lua")
        Path(start).write_text(before if screen else _NOTES + before, "utf-8")
        self.environment = {
            **environment,
            "PATH": f"{PROGRAMS}:{environment['PATH']}",
            "HOME": home,
            "TERM": "xterm-256color",
            **{f"XDG_{kind}_HOME": f"{home}/{kind}" for kind in ("CONFIG", "DATA", "STATE")},
        }
        command = [program, "--clean", "-n", "-i", "NONE", "--listen", self._address]
        command += ["--cmd", f"set runtimepath^={PLUGIN}", "--cmd", f"luafile {start}"]
        self.screen: Screen | None = None
        self.process: subprocess.Popen[bytes] | None = None
        if screen:
            self.screen = Screen(*command, *arguments, cwd=cwd, env=self.environment, columns=100)
        else:
            with open(self.errors, "wb") as errors:
                self.process = subprocess.Popen(
                    [*command, "--headless", *arguments],
                    cwd=cwd,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=errors,
                    stderr=errors,
                    start_new_session=True,
                )
        self._ids = itertools.count()
        self._socket = socket.socket(socket.AF_UNIX)
        # It waits itself, and says what for: this is for one that does not answer.
        self._socket.settimeout(2 * TIMEOUT)
        wait_until(self._connects)
        wait_until(lambda: bool(self.lua("return vim.v.vim_did_enter == 1")))
        self.pid: int = self.lua("return vim.fn.getpid()")

    def _connects(self) -> bool:
        if self.screen:
            self.screen.read()
        try:
            self._socket.connect(self._address)
        except OSError:
            assert self.process is None or self.process.poll() is None, self.printed()
            return False
        return True

    def lua(self, code: str, *arguments: object) -> Any:
        """What the Lua chunk returns; `...` are the arguments."""
        number = next(self._ids)
        request = [0, number, "nvim_exec_lua", [code, list(arguments)]]
        self._socket.sendall(msgspec.msgpack.encode(request))
        data = b""
        while True:
            piece = self._socket.recv(1 << 20)
            assert piece, "Neovim has gone\n" + self.printed()
            data += piece
            try:
                kind, answered, error, result = msgspec.msgpack.decode(data)
            except msgspec.DecodeError:
                continue  # there is more of it
            assert (kind, answered) == (1, number)
            assert error is None, error
            return result

    def until(self, condition: str, *arguments: object, timeout: float = TIMEOUT) -> Any:
        """Wait until the Lua expression holds; its value."""
        code = (
            "local arguments, found = { ... }, nil\n"
            f"local function look() local _ = arguments; found = {condition}; return found end\n"
            f"return {{ vim.wait({int(timeout * 1000)}, look, 5), found or false }}"
        )
        held, found = self.lua(code, *arguments)
        assert held, f"{self.state()}\nnever came to hold: {condition}"
        return found

    def state(self) -> str:
        """What helps to see why a test fails."""
        return str(
            self.lua(
                "return vim.inspect({ notes = notes, diagnostics = vim.diagnostic.get(),"
                " projects = require('buildd.project').all() })"
                ".. vim.api.nvim_exec2('messages', { output = true }).output"
            )
        )

    def command(self, text: str) -> None:
        """Execute an Ex command."""
        self.lua("vim.cmd(...)", text)

    def edit(self, file: str) -> None:
        self.lua("vim.cmd.edit(vim.fn.fnameescape(...))", file)

    def substitute(self, old: str, new: str) -> None:
        """Change the text of the current buffer, and write it."""
        self.lua(
            "local old, new = ...\n"
            "local lines = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\\n')\n"
            "local start, finish = lines:find(old, 1, true)\n"
            "lines = lines:sub(1, start - 1) .. new .. lines:sub(finish + 1)\n"
            "vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(lines, '\\n'))\n"
            "vim.cmd('silent write')",
            old,
            new,
        )

    def keys(self, keys: str) -> None:
        """Type, as a person does."""
        self.lua(
            "vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(..., true, false, true),"
            " 'xt', false)",
            keys,
        )

    def lines(self) -> list[str]:
        """The current buffer's."""
        found: list[str] = self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)")
        return found

    def notes(self) -> list[str]:
        """The messages that the user was shown."""
        found: list[str] = self.lua("return vim.tbl_map(function(n) return n.message end, notes)")
        return found

    def noted(self, text: str) -> str:
        """Wait for a message with this text; the message."""
        found: str = self.until(
            "vim.iter(notes):map(function(n) return n.message end)"
            ":find(function(m) return m:find(arguments[1], 1, true) end)",
            text,
        )
        return found

    def connected(self) -> None:
        """Wait until the current buffer's project is known."""
        self.until(
            "(function() local p = require('buildd.project').of_buffer(0 + vim.fn.bufnr())"
            " return p and p.status and true end)()"
        )

    def ended(self, runs: int = 1) -> None:
        """Wait until the current project's tasks have ended so many runs, and none is under way."""
        self.until(
            "(function() local status = require('buildd.project').here().status\n"
            "local tasks = status and status.tasks or {}\n"
            "for _, task in ipairs(tasks) do seen = seen or {}\n"
            " if task.last then seen[task.last.id] = true end\n"
            " if task.current then return false end end\n"
            "return vim.tbl_count(seen or {}) >= arguments[1] end)()",
            runs,
        )

    def watch_turns(self) -> None:
        """From now on, measure how long single turns of the main loop keep it from the keyboard."""
        self.lua(
            "local function cpu() local used, taken = vim.uv.getrusage(), 0\n"
            " for _, of in ipairs({ used.utime, used.stime }) do\n"
            "  taken = taken + of.sec + of.usec / 1e6 end\n"
            " return taken end\n"
            "longest, before = 0, cpu()\n"
            "vim.uv.new_timer():start(5, 5, vim.schedule_wrap(function()\n"
            " longest, before = math.max(longest, cpu() - before), cpu() end))"
        )

    def longest_turn(self) -> float:
        """Seconds of processor time, so that a busy machine does not matter."""
        return float(self.lua("return longest"))

    def printed(self) -> str:
        return Path(self.errors).read_text("utf-8", "replace") if self.process else ""

    def close(self) -> None:
        with suppress(OSError):  # it may have gone already
            self._socket.sendall(
                msgspec.msgpack.encode([2, "nvim_exec_lua", ["vim.cmd('qall!')", []]])
            )
        if self.screen:
            self.screen.end()
        if self.process:
            try:
                self.process.wait(TIMEOUT)
            except subprocess.TimeoutExpired:
                self.kill()
        self._socket.close()

    def kill(self) -> None:
        """End it as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
