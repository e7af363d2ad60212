"""What an incremental build does not build again keeps its findings, and nothing else does."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from buildd.incremental import Rebuilt, kept
from buildd.model import Diagnostic, Related, Severity, Span
from tests.support.daemon import Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

WARNED = "int {0}(void) {{ int unused; return 1; }}\n"
MAKEFILE = """\
objects = lib.o main.o
prog: $(objects)
\tgcc -o prog $(objects)
%.o: %.c
\t{}gcc -Wall -c $<
clean:
\trm -f prog $(objects)
"""


def warning(file: str, source: str = "gcc", included_by: str = "") -> Diagnostic:
    related = (
        (Related(span=Span(file=included_by, line=1), message="included from here"),)
        if included_by
        else ()
    )
    return Diagnostic(
        span=Span(file=file, line=1),
        severity=Severity.WARNING,
        message="w",
        source=source,
        related=related,
    )


@pytest.mark.parametrize(
    ("log", "is_built"),
    [
        ("gcc -c lib.c", True),
        ("cc -O2 -c -o lib.o ../src/lib.c", True),
        ("  CC       lib.o", True),
        ("[3/9] Building C object CMakeFiles/x.dir/lib.c.o", True),
        ("gcc -c main.c\ngcc -o prog lib.o main.o", False),
        ("gcc -c main.c\nar rcs lib.a lib.o", False),
        ("gcc -c main.c\ngcc -o prog lib.o", False),
        (
            "gcc -c main.c\n/usr/bin/cc CMakeFiles/x.dir/lib.c.o CMakeFiles/x.dir/main.c.o -o x",
            False,
        ),
        ("make: 'lib.o' is up to date.", False),
        ("gcc -c mylib.c", False),
        ("gcc -c lib.cpp", False),
        ("gcc -c my-lib.c", False),
        ("make: Nothing to be done for 'all'.", False),
        ("ninja: no work to do.", False),
        ("a silent build", True),
        ("", True),
    ],
)
def test_what_a_log_says_was_built(log: str, *, is_built: bool) -> None:
    rebuilt = Rebuilt([warning("/p/lib.c")])
    rebuilt.feed(f"{log}\n")
    assert rebuilt.speaks_of(warning("/p/lib.c")) is is_built


def test_a_header_goes_with_the_unit_that_it_was_compiled_in() -> None:
    found = warning("/p/lib.h", included_by="/p/lib.c")
    rebuilt = Rebuilt([found])
    rebuilt.feed("gcc -c main.c\n")
    assert not rebuilt.speaks_of(found)
    rebuilt.feed("gcc -c lib.c\n")
    assert rebuilt.speaks_of(found)


def test_tools_that_always_look_at_everything_have_the_last_word() -> None:
    found = warning("/p/a.ts", source="tsc")
    rebuilt = Rebuilt([found])
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    assert rebuilt.speaks_of(found)


def test_a_file_that_has_changed_or_gone_keeps_nothing(directory: str) -> None:
    path = os.path.join(directory, "lib.c")
    rebuilt = Rebuilt([warning(path)])
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    assert kept([warning(path)], rebuilt, [], 2e9) == []
    with open(path, "w") as file:
        file.write("int a;\n")
    os.utime(path, (1000, 1000))
    assert kept([warning(path)], rebuilt, [], 2000) == [warning(path)]
    assert kept([warning(path)], rebuilt, [warning(path)], 2000) == [], "it is there already"
    assert kept([warning(path)], rebuilt, [], 500) == []


def test_a_real_make(make_project: Make, daemon: Daemon, engine: str) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\n[tasks.clean]\nrun = "make clean"\n',
            "Makefile": MAKEFILE.format(""),
            "lib.c": WARNED.format("lib"),
            "main.c": WARNED.format("main"),
        },
        engine=engine,
    )
    client = daemon.connect()

    def build(task: str = "build") -> list[str]:
        result = client.request("buildd/run", project=project.path, task=task)
        assert result["run"]["state"] == "finished"
        return sorted(os.path.basename(one["file"]) for one in result.get("diagnostics", ()))

    assert build() == ["lib.c", "main.c"]
    assert build() == ["lib.c", "main.c"], "nothing was compiled, and nothing is mended"
    project.write("main.c", "int main(void) { return 0; }\n")
    assert build() == ["lib.c"]
    project.write("lib.c", "int lib(void) { return 0; }\n")
    assert build() == []
    project.write("lib.c", WARNED.format("lib"))
    assert build() == ["lib.c"]
    assert build("clean") == []
    assert build() == ["lib.c"]

    daemon.kill()
    daemon.start()
    client = daemon.connect()
    project.write("main.c", "int main(void) { return 1; }\n")
    assert build() == ["lib.c"], "as an earlier daemon found"


def test_a_make_that_tells_nothing_is_believed(make_project: Make, daemon: Daemon) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make -s"\n',
            "Makefile": MAKEFILE.format("@"),
            "lib.c": WARNED.format("lib"),
            "main.c": WARNED.format("main"),
        }
    )
    client = daemon.connect()
    first = client.request("buildd/run", project=project.path, task="build")
    assert len(first["diagnostics"]) == 2
    project.write("main.c", "int main(void) { return 0; }\n")
    second = client.request("buildd/run", project=project.path, task="build")
    assert "diagnostics" not in second
