"""zlib, lua and redis, broken in a source and in a header, as an editor sees it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import pytest
from lsprotocol import types

from tests.conftest import IMAGE
from tests.support.daemon import Daemon
from tests.support.editor import Editor, Seen

pytestmark = pytest.mark.engine

SOURCES = os.path.join(os.path.dirname(__file__), "..", "..", ".cache", "sources")

Start = Callable[..., Awaitable[Editor]]


class Real(NamedTuple):
    """A project, how it is built, and a line of a source and of a header that can be broken:
    `word` of it becomes `wrong`."""

    name: str
    command: str
    source: tuple[str, str, str]
    header: tuple[str, str, str]
    includer: str
    """A source that includes the header."""


PROJECTS = [
    Real(
        "zlib",
        "[ -f configure.log ] || ./configure >/dev/null; make libz.a",
        ("inflate.c", "state->mode = HEAD;", "state"),
        ("inftrees.h", "unsigned char op;", "unsigned char"),
        "inflate.c",
    ),
    Real(
        "lua",
        # Not with its Makefile, which Debian has made need libtool; and so no output tells that
        # the compiler ran in src.
        "echo '#define DEB_HOST_MULTIARCH' >src/lua5.4-deb-multiarch.h; "
        "cd src && gcc -O2 -Wall -DLUA_USE_LINUX -c lapi.c lstring.c",
        ("src/lapi.c", "lua_lock(L);", "lua_lock"),
        ("src/lstring.h", "LUAI_FUNC unsigned int luaS_hash", "unsigned int"),
        "src/lstring.c",
    ),
    Real(
        "redis",
        # Without the libraries that it brings along, which these two do not use.
        "make -C src MALLOC=libc DEPENDENCY_TARGETS= adlist.o sds.o",
        ("src/adlist.c", "list->head = list->tail = NULL;", "list"),
        ("src/adlist.h", "listNode *head;", "listNode"),
        "src/adlist.c",
    ),
]


@pytest.fixture(params=PROJECTS, ids=[real.name for real in PROJECTS])
def real(request: pytest.FixtureRequest, directory: str, daemon: Daemon) -> tuple[Real, str]:
    """A copy of the project, with a configuration, trusted."""
    chosen: Real = request.param
    path = os.path.join(directory, chosen.name)
    shutil.copytree(os.path.join(SOURCES, chosen.name), path, symlinks=True)
    with open(os.path.join(path, "buildd.toml"), "w", encoding="utf-8") as file:
        file.write(
            f'[environments.build]\nimage = "{IMAGE}"\n'
            f'[tasks.build]\nrun = "{chosen.command}"\non-save = ["**/*.c", "**/*.h"]\n'
        )
    daemon.remember(path)
    daemon.trust(path)
    return chosen, path


def broken(text: str, line: str, word: str) -> tuple[str, int, int]:
    """The text with the first `word` of the first such line misspelt; where, 0-based."""
    assert line in text
    at = text.index(line) + line.index(word)
    number = text.count("\n", 0, at)
    column = at - (text.rfind("\n", 0, at) + 1)
    return text[:at] + "wrong" + text[at + len(word) :], number, column


def read(file: str) -> str:
    with open(file, encoding="utf-8") as opened:
        return opened.read()


def errors(editor: Editor) -> list[str]:
    """The messages of every error that shows, in whatever file."""
    return [
        str(one.message)
        for found in editor.client.diagnostics.values()
        for one in found
        if one.severity == types.DiagnosticSeverity.Error
    ]


def has_no_errors(editor: Editor) -> bool:
    return not errors(editor)


def named(editor: Editor, file: str, word: str) -> list[Seen]:
    return [one for one in editor.shown(file) if word in one.message]


async def test_broken_and_mended_in_two_editors(
    real: tuple[Real, str], start_editor: Start
) -> None:
    project, path = real
    editors = [await start_editor(path) for _ in range(2)]
    first, second = editors
    result = await first.command("buildd.build")
    assert (result["state"], result["exitStatus"]) == ("finished", 0)
    assert not errors(first)
    for name, line, word in (project.source, project.header):
        file = os.path.join(path, name)
        good = read(file)
        bad, number, column = broken(good, line, word)
        first.open(file)
        first.save(file, bad)
        for editor in editors:
            shown = await editor.until(partial(named, editor, file, "wrong"))
            assert any(
                (one.line, one.start, one.end) == (number, column, column + 5) for one in shown
            ), shown
        second.save(file, good)
        for editor in editors:
            await editor.until(partial(has_no_errors, editor))
