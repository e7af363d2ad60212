"""The project of the demonstration: a copy of a real one or a small one, and a line to break."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from typing import NamedTuple

from buildd.errors import BuilddError

SMALL = {
    "Makefile": "demo: main.o words.o\n\t$(CC) -o $@ main.o words.o\n\n"
    "%.o: %.c words.h\n\t$(CC) -Wall -Wextra -c $<\n",
    "words.h": "int count_words(const char *text);\n",
    "words.c": '#include "words.h"\n\nint count_words(const char *text)\n{\n    int count = 0;\n'
    "    for (int inside = 0; *text; text++) {\n        int letter = *text > ' ';\n"
    "        count += letter && !inside;\n        inside = letter;\n    }\n    return count;\n}\n",
    "main.c": '#include <stdio.h>\n#include "words.h"\n\nint main(int argc, char **argv)\n{\n'
    '    int status = argc > 1 ? count_words(argv[1]) : 0;\n    printf("%d\\n", status);\n'
    "    return status;\n}\n",
}

# `configure` is run only once.
_COMMAND = "[ -f .configured ] || { ./configure >/dev/null && touch .configured; }; make -j4"

_RETURN = re.compile(r"^[ \t]+return ([a-z_][a-z_0-9]{2,});", re.MULTILINE)
_SOURCE = re.compile(rb"(?<![\w./-])([\w./-]+\.c)(?![\w.])")


class Target(NamedTuple):
    """A word in a file that can be misspelt.

    `line` counts from 1. `text` is the file's whole text; `word` begins at its offset `at`.
    """

    file: str
    line: int
    text: str
    at: int
    word: str

    @property
    def wrong(self) -> str:
        """The misspelt word."""
        return f"{self.word}_misspelt"


def make_project(path: str, source: str | None, image: str) -> None:
    """Create the project at `path` unless it exists, and write its configuration.

    It builds in `image`, or on this machine if `image` is empty. `source` is the directory to copy;
    without one, the small project is written.
    """
    if not os.path.isdir(path):
        if source:
            _copy(os.path.abspath(source), path)
        else:
            os.mkdir(path)
            for name, text in SMALL.items():
                _write(os.path.join(path, name), text)
    where = f'image = "{image}"' if image else 'engine = "host"'
    command = _COMMAND if os.path.exists(os.path.join(path, "configure")) else "make -j4"
    _write(
        os.path.join(path, "buildd.toml"),
        f"[environments.build]\n{where}\n\n"
        f'[tasks.build]\nrun = \'{command}\'\non-save = ["**/*.c", "**/*.h"]\n',
    )


def compiled_sources(output: bytes) -> list[str]:
    """Return the C files that a build's output names, in order: those that were compiled."""
    return list(dict.fromkeys(name.decode() for name in _SOURCE.findall(output)))


def breakable(path: str, sources: Iterable[str]) -> Target:
    """Return a line that returns a variable, of the longest source that has one.

    Raises BuilddError if no source has one.
    """
    best: Target | None = None
    for name in sources:
        file = os.path.join(path, name)
        try:
            with open(file, encoding="utf-8") as opened:
                text = opened.read()
        except (OSError, UnicodeDecodeError):
            continue
        found = _RETURN.search(text)
        if found and (best is None or len(text) > len(best.text)):
            line = text.count("\n", 0, found.start(1)) + 1
            best = Target(file, line, text, found.start(1), found[1])
    if best is None:
        raise BuilddError(
            "the build compiled no C file with a line that can be broken",
            "Use another project with --source.",
        )
    return best


def spoil(target: Target) -> str:
    """Return the file's text with the word misspelt."""
    end = target.at + len(target.word)
    return target.text[: target.at] + target.wrong + target.text[end:]


def _copy(source: str, path: str) -> None:
    if not os.path.isdir(source):
        raise BuilddError(f"{source} is not a directory", "Give a C project with --source.")
    # `.git` is not needed, and may hold sockets, which cannot be copied.
    shutil.copytree(source, path, symlinks=True, ignore=shutil.ignore_patterns(".git"))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
