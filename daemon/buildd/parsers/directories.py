"""Follows which directory a tool runs in, from what make and the shell print."""

from __future__ import annotations

import posixpath
import re

_MAKE = re.compile(
    r"(?:\S*make(?:\[\d+\])?|ninja|Waf|scons): (?P<verb>\S+) (?:.* )?"
    r"[`'‘’«\"“](?P<path>[^`'‘’»\"”]+)['’»\"”]\s*$"
)
HINTS = ("irectory", "make[", "make: ", "cd ")
"""Each line that names a directory holds one of these."""

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
"""Programs that echo commands, which run in the directory that the program was started in."""


class Directories:
    """Tracks the directory of a log's current command.

    Feed `read` the lines that may change it; `resolve` makes names absolute.
    """

    def __init__(self, directory: str) -> None:
        self._base = directory
        self._entered: list[str] = []
        self._changed = ""
        """The directory of the command that was echoed last, if that began with `cd`."""
        self._builder = ""
        """The directory in which the last echoed command started a program that echoes commands
        itself. It holds until make prints a directory.
        """
        self._shell = ""
        """The current directory of the shell that echoes its commands."""

    def resolve(self, name: str) -> str:
        """Returns the absolute path of a file name in a tool's output."""
        return posixpath.normpath(posixpath.join(self.current, name))

    @property
    def needs_every_line(self) -> bool:
        """Returns whether `read` needs every line now, not only those with a hint."""
        return bool(self._changed)

    def read(self, line: str) -> bool:
        """Returns whether the line does nothing but name a directory."""
        if ("irectory" in line or "make" in line[:12]) and self._read_make(line):
            return True
        if _COMMAND.match(line):
            self._command_echoed(line)
        return False

    @property
    def current(self) -> str:
        """Returns the directory that relative file names refer to now."""
        if self._changed:
            return self._changed
        return self._around

    @property
    def _around(self) -> str:
        """Returns the directory in which the next command starts."""
        return self._builder or (self._entered[-1] if self._entered else self._shell or self._base)

    def _read_make(self, line: str) -> bool:
        """Returns whether make enters or leaves a directory with this line."""
        match = _MAKE.match(line)
        if not match or (not match["path"].startswith(("/", ".")) and "irectory" not in line):
            return False
        path = posixpath.normpath(posixpath.join(self._shell or self._base, match["path"]))
        self._changed = self._builder = ""
        # Only English verbs are known. In other languages, naming an entered directory again leaves
        # it.
        leaves = match["verb"] == "Leaving" or (
            match["verb"] != "Entering" and path in self._entered
        )
        if not leaves:
            self._entered.append(path)
        elif path in self._entered:
            # Not always the newest one: parallel makes alternate.
            self._entered.reverse()
            self._entered.remove(path)
            self._entered.reverse()
        return True

    def _command_echoed(self, line: str) -> None:
        """Reads an echoed command; a `cd` at its start holds until the next one."""
        match = _CD.match(line)
        self._changed = ""
        if not match:
            return
        path = match["path"].strip("'\"")
        if match["prompt"] and (line.startswith("$") or match.end() == len(line)):
            # The shell stays there. A variable or a substitution in the path is unknown.
            if path.startswith(("$", "~", "-", "`")):
                return
            if self._entered and not line.startswith("$"):
                # A script that make runs: it holds until make prints again.
                self._builder = self.resolve(path)
            else:
                self._shell = posixpath.join(self._shell or self._base, path)
        elif match["rest"] and _BUILDER.match(match["rest"]):
            self._builder = ""
            self._builder = self.resolve(path)
        elif match["then"]:
            self._changed = self.resolve(path)
