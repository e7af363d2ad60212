"""Which directory a tool ran in, from what make and the shell say around it. Pure."""

from __future__ import annotations

import posixpath
import re

_MAKE = re.compile(
    r"(?:\S*make(?:\[\d+\])?|ninja): (?P<verb>\S+) (?:.* )?"
    r"[`'‘’«\"“](?P<path>[^`'‘’»\"”]+)['’»\"”]\s*$"
)
_CD = re.compile(r"(?:\+ )?\(?cd (?P<path>'[^']+'|\"[^\"]+\"|[^\s;&|]+)\s*(?:&&|;)")


class Directories:
    """Feed it the lines that may tell; `resolve` names relative to where the output now is."""

    def __init__(self, directory: str) -> None:
        self._base = directory
        self._entered: list[str] = []
        self._changed = ""
        """The directory of the command echoed last, where that began with `cd`."""

    def resolve(self, name: str) -> str:
        """The absolute path of a file's name in a tool's output."""
        return posixpath.normpath(posixpath.join(self.current, name))

    @property
    def current(self) -> str:
        if self._changed:
            return self._changed
        return self._entered[-1] if self._entered else self._base

    def make_says(self, line: str) -> bool:
        """Whether the line was make entering or leaving a directory."""
        match = _MAKE.match(line)
        if not match or (not match["path"].startswith(("/", ".")) and "irectory" not in line):
            return False
        path = posixpath.normpath(posixpath.join(self._base, match["path"]))
        self._changed = ""
        # Only English tells the verbs apart; in other languages, what was entered is left.
        leaves = match["verb"] == "Leaving" or (
            match["verb"] != "Entering" and path in self._entered
        )
        if not leaves:
            self._entered.append(path)
        elif path in self._entered:
            # Not always the newest one: parallel makes take turns.
            self._entered.reverse()
            self._entered.remove(path)
            self._entered.reverse()
        return True

    def command_echoed(self, line: str) -> None:
        """A command line was shown; a `cd` at its beginning holds until the next one."""
        match = _CD.match(line)
        self._changed = ""
        if match:
            self._changed = self.resolve(match["path"].strip("'\""))
