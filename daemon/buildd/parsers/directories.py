"""Which directory a tool ran in, from what make and the shell say around it. Pure."""

from __future__ import annotations

import posixpath
import re

_MAKE = re.compile(
    r"(?:\S*make(?:\[\d+\])?|ninja|Waf|scons): (?P<verb>\S+) (?:.* )?"
    r"[`'‘’«\"“](?P<path>[^`'‘’»\"”]+)['’»\"”]\s*$"
)
HINTS = ("irectory", "make[", "make: ", "cd ")
"""Each line that tells a directory holds one of these."""

_COMMAND = re.compile(
    r"\t(?:cp|mv|rm|ln|install|mkdir|chmod|find|dpkg\S*|dh_\S+) |   dh_|(?:[+$] |\t)?\(?(?:cd |"
    r"\S*(?:cc|\+\+|gcc|clang|ar|ranlib|libtool|ld)(?:-[\d.]+)? )"
)
_CD = re.compile(
    r"(?P<prompt>[+$] )?\t?\(?cd (?P<path>'[^']+'|\"[^\"]+\"|[^\s;&|]+)"
    r"(?P<then>\s*(?:&&|;)(?P<rest>.*))?"
)
_BUILDER = re.compile(
    r"\s*(?:\w+=\S* )*(?:\S*/)?(?:ninja|samu|meson (?:compile|test)|"
    r"cmake --build)\b"
)
"""Who echoes commands that run where it was started itself."""


class Directories:
    """`read` the lines that may tell; `resolve` names relative to where the output now is."""

    def __init__(self, directory: str) -> None:
        self._base = directory
        self._entered: list[str] = []
        self._changed = ""
        """The directory of the command echoed last, where that began with `cd`."""
        self._builder = ""
        """The directory where the command echoed last has started what echoes others; until make
        speaks."""
        self._shell = ""
        """Where the shell is that shows what it runs."""

    def resolve(self, name: str) -> str:
        """The absolute path of a file's name in a tool's output."""
        return posixpath.normpath(posixpath.join(self.current, name))

    @property
    def is_attentive(self) -> bool:
        """Whether `read` needs every line now, and not only those with a hint."""
        return bool(self._changed)

    def read(self, line: str) -> bool:
        """Whether the line is nothing but news of a directory."""
        if ("irectory" in line or "make" in line[:12]) and self._make_says(line):
            return True
        if _COMMAND.match(line):
            self._command_echoed(line)
        return False

    @property
    def current(self) -> str:
        if self._changed:
            return self._changed
        return self._around

    @property
    def _around(self) -> str:
        """Where the next command starts."""
        return self._builder or (self._entered[-1] if self._entered else self._shell or self._base)

    def _make_says(self, line: str) -> bool:
        """Whether the line was make entering or leaving a directory."""
        match = _MAKE.match(line)
        if not match or (not match["path"].startswith(("/", ".")) and "irectory" not in line):
            return False
        path = posixpath.normpath(posixpath.join(self._shell or self._base, match["path"]))
        self._changed = self._builder = ""
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

    def _command_echoed(self, line: str) -> None:
        """A command line was shown; a `cd` at its beginning holds until the next one."""
        match = _CD.match(line)
        self._changed = ""
        if not match:
            return
        path = match["path"].strip("'\"")
        if match["prompt"] and (line.startswith("$") or match.end() == len(line)):
            # It stays there. What a variable holds, or where it came from, is not told.
            if path.startswith(("$", "~", "-", "`")):
                return
            if self._entered and not line.startswith("$"):
                # A script that make runs: until make speaks again.
                self._builder = self.resolve(path)
            else:
                self._shell = posixpath.join(self._shell or self._base, path)
        elif match["rest"] and _BUILDER.match(match["rest"]):
            self._builder = ""
            self._builder = self.resolve(path)
        elif match["then"]:
            self._changed = self.resolve(path)
