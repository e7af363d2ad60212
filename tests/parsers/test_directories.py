"""Checks which directory relative names refer to, after what shells, make and ninja print."""

from __future__ import annotations

import pytest

from tests.parsers import captured

_ERROR = "x.c:1:1: error: odd"

_CASES = {
    "a traced cd holds": (["+ cd build", "+ make", _ERROR], "/src/build/x.c"),
    "and below it make's": (
        ["+ cd build", "make[1]: Entering directory '/src/build/sub'", _ERROR],
        "/src/build/sub/x.c",
    ),
    "and again once make has left": (
        [
            "+ cd build",
            "make[1]: Entering directory '/src/build/sub'",
            "make[1]: Leaving directory '/src/build/sub'",
            _ERROR,
        ],
        "/src/build/x.c",
    ),
    "a script that make runs stays in it": (
        [
            "make[1]: Entering directory '/src/sub'",
            "+ cd /elsewhere",
            "make[1]: Leaving directory '/src/sub'",
            _ERROR,
        ],
        "/src/x.c",
    ),
    "a prompt's cd holds": (["$ cd lib && make", "$ cd $HOME", _ERROR], "/src/lib/x.c"),
    "ninja's commands run where it was started": (
        ["\tcd obj && LC_ALL=C.UTF-8 ninja -j2 -v", "[1/3] cc -c ../x.c", f"../{_ERROR}"],
        "/src/x.c",
    ),
    "but for the one that goes elsewhere": (
        ["cd obj && ninja -v", "[1/3] cd /else && /usr/bin/cmake -E touch a", _ERROR],
        "/else/x.c",
    ),
    "a command's cd is its own": (["cd sub && cc -c x.c", "cc -c x.c", _ERROR], "/src/x.c"),
    "debhelper's too": (["\tcd debian/a && md5sum b", "\tinstall -d debian/c", _ERROR], "/src/x.c"),
}


@pytest.mark.parametrize("name", _CASES)
def test_a_relative_name_refers_to(name: str) -> None:
    lines, file = _CASES[name]
    found = captured.read("".join(f"{line}\n" for line in lines).encode()).diagnostics
    assert [diagnostic.span.file for diagnostic in found] == [file]
