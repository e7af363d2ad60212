"""The projects of a soak: a little C, whose files are right, doubtful or wrong at random."""

from __future__ import annotations

import random

BUILDD = """\
[environments.build]
{place}

[tasks.build]
run = "make -k"
on-save = ["*.c", "*.h"]
"""

MAKEFILE = """\
CFLAGS = -Wall -Wextra
all: one.o two.o three.o
%.o: %.c common.h
\t@touch $@.begun
\t$(CC) $(CFLAGS) -c $<
\t@touch -r $@.begun $@
"""
"""An object is as old as the beginning of its making. make itself takes what is saved while it is
compiled for compiled, which is not what is tried here."""

NAMES = ("one.c", "two.c", "three.c", "common.h")

_BODIES = (
    "return number;",
    "return number; /* right */",
    "int unused; return number;",
    "return numbr;",
    "return number",
)


def files(place: str) -> dict[str, str]:
    """What a project begins with; `place` is a line of its environment."""
    chance = random.Random(0)
    first = {name: text(name, chance) for name in NAMES}
    return {"buildd.toml": BUILDD.format(place=place), "Makefile": MAKEFILE, **first}


def text(name: str, chance: random.Random) -> str:
    """A file's content: right, with a warning, or with an error."""
    if name == "common.h":
        wrong = chance.random() < 0.2
        return f"int common(int number){'' if wrong else ';'}\n"
    stem = name.partition(".")[0]
    lines = "\n" * chance.randrange(3)
    return f'#include "common.h"\n{lines}int {stem}(int number) {{ {chance.choice(_BODIES)} }}\n'
