"""What an incremental build does not build again keeps its findings, and nothing else does."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable

import docker
import msgspec
import pytest

from buildd.model import Diagnostic, Related, Severity, Span
from buildd.output.incremental import IncrementalBuild, Known, still_valid
from tests.support.client import Client
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


def known(
    found: list[Diagnostic], since: float, until: float = 0.0, telling: str | None = None
) -> Known:
    return Known(found, since, until or since, telling)


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
    rebuilt = IncrementalBuild([known([warning("/p/lib.c")], 0)])
    rebuilt.feed(f"{log}\n")
    assert rebuilt.replaces(warning("/p/lib.c")) is is_built


@pytest.mark.parametrize("log", ["  CC lib.o", "  CALL check.sh", ""])
def test_a_task_that_told_once_tells_always(log: str) -> None:
    before = [known([warning("/p/lib.c")], 0, telling="make")]
    rebuilt = IncrementalBuild(before, "make")
    rebuilt.feed(f"{log}\n")
    assert rebuilt.replaces(warning("/p/lib.c")) is ("lib" in log)
    assert rebuilt.names_units(has_succeeded=False)
    assert not IncrementalBuild(before, "make -s").names_units(has_succeeded=True), (
        "another command may be silent"
    )


def test_whether_a_log_tells_is_known_where_nothing_was_found_before() -> None:
    rebuilt = IncrementalBuild()
    rebuilt.feed("a silent build\nsh -c 'true'\nmake: Nothing to be done for 'all'.\n")
    assert not rebuilt.names_units(has_succeeded=True)
    rebuilt.feed("gcc -c lib.c\n")
    assert rebuilt.names_units(has_succeeded=True)
    assert not rebuilt.names_units(has_succeeded=False), "a quiet tool may tell of failures alone"


def test_a_header_goes_with_the_unit_that_it_was_compiled_in() -> None:
    found = warning("/p/lib.h", included_by="/p/lib.c")
    rebuilt = IncrementalBuild([known([found], 0)])
    rebuilt.feed("gcc -c main.c\n")
    assert not rebuilt.replaces(found)
    rebuilt.feed("gcc -c lib.c\n")
    assert rebuilt.replaces(found)


def test_tools_that_always_look_at_everything_have_the_last_word() -> None:
    found = warning("/p/a.ts", source="tsc")
    rebuilt = IncrementalBuild([known([found], 0)])
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    assert rebuilt.replaces(found)


def test_a_file_that_has_changed_or_gone_keeps_nothing(directory: str) -> None:
    path = os.path.join(directory, "lib.c")
    rebuilt = IncrementalBuild([known([warning(path)], 0)])
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    of = warning(path)
    assert still_valid([known([of], 2e9)], rebuilt, []) == []
    with open(path, "w") as file:
        file.write("int a;\n")
    os.utime(path, (1000, 1000))
    assert still_valid([known([of], 2000)], rebuilt, []) == [of]
    assert still_valid([known([of], 2000)], rebuilt, [of]) == [], "it is there already"
    assert still_valid([known([of], 500)], rebuilt, []) == []
    assert still_valid([known([of], 500), known([of], 2000)], rebuilt, []) == [of], (
        "since the second"
    )
    assert still_valid([known([of], 2000), known([of], 2001)], rebuilt, []) == [of], "said once"


@pytest.mark.parametrize(
    ("rendered", "holds"),
    [
        ("lib.c:2:9: warning: w\n    2 |     int a;\n      |         ^", True),
        ("lib.c:2:9: warning: w\n\tint a;\n\t    ^", True),
        ("lib.c:2:9: warning: w\n    2 |     int b;\n      |         ^", False),
        ("lib.c:2:9: warning: w", False),
        ("", False),
    ],
)
def test_a_file_written_while_it_was_built_is_judged_by_its_line(
    directory: str, rendered: str, *, holds: bool
) -> None:
    path = os.path.join(directory, "lib.c")
    with open(path, "w") as file:
        file.write("\n\tint a;\n")
    os.utime(path, (1000, 1000))
    of = msgspec.structs.replace(warning(path), span=Span(file=path, line=2), rendered=rendered)
    before = [known([of], 999, until=1001)]
    rebuilt = IncrementalBuild(before)
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    assert (still_valid(before, rebuilt, []) == [of]) is holds
    assert still_valid([known([of], 998, until=999)], rebuilt, []) == [], "written after the build"


def test_a_line_that_is_beyond_the_end_does_not_hold(directory: str) -> None:
    path = os.path.join(directory, "lib.c")
    with open(path, "w") as file:
        file.write("int a;\n")
    of = msgspec.structs.replace(warning(path), span=Span(file=path, line=7), rendered="int a;")
    before = [known([of], 0, until=2e9)]
    rebuilt = IncrementalBuild(before)
    rebuilt.feed("make: Nothing to be done for 'all'.\n")
    assert still_valid(before, rebuilt, []) == []


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


GATED = """\
all: lib.o other.o gate main.o
%.o: %.c
\tgcc -Wall -c $<
gate:
\t@echo at the gate; until test -e open; do sleep 0.01; done
"""


def until_at_the_gate(client: Client) -> None:
    said = b""
    while b"at the gate" not in said:
        message = client.wait_for(lambda one: one.get("method") == "buildd/output")
        said += base64.b64decode(message["params"]["data"])


def cancelled(client: Client, daemon: Daemon, project: ProjectFiles) -> str:
    client.request("buildd/cancel", project=project.path)
    return "cancelled"


def lost(client: Client, daemon: Daemon, project: ProjectFiles) -> str:
    engine = docker.from_env()
    (container,) = engine.containers.list(filters={"label": f"buildd.project={project.path}"})
    container.kill()
    engine.close()
    return "lost"


def killed(client: Client, daemon: Daemon, project: ProjectFiles) -> str:
    daemon.kill()
    daemon.start()
    return "lost"


def restarted(client: Client, daemon: Daemon, project: ProjectFiles) -> str:
    cancelled(client, daemon, project)
    daemon.stop()
    daemon.start()
    return "cancelled"


@pytest.mark.parametrize(
    "end", [cancelled, killed, restarted, pytest.param(lost, marks=pytest.mark.engine)]
)
def test_what_a_run_has_compiled_that_was_broken_off_is_known_to_the_next(
    make_project: Make, daemon: Daemon, end: Callable[..., str]
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\n',
            "Makefile": GATED,
            "lib.c": "int lib(void) { int first; return 1; }\n",
            "other.c": "int other(void) { int other; return 1; }\n",
            "main.c": "int main(void) { return 0; }\n",
            "open": "",
        },
        engine="docker" if end is lost else "host",
    )

    def shown() -> list[str]:
        found = daemon.connect().request("buildd/diagnostics", project=project.path)["diagnostics"]
        return sorted(re.findall(r"variable .(\w+)", one["message"])[0] for one in found)

    def build() -> list[str]:
        result = daemon.connect().request("buildd/run", project=project.path, task="build")
        assert result["run"]["state"] == "finished"
        return shown()

    def break_off() -> None:
        client = daemon.connect()
        number = client.start("buildd/run", project=project.path, task="build")
        until_at_the_gate(client)
        how = end(client, daemon, project)
        if end is not killed:
            assert client.result(number)["run"]["state"] == how
        runs = daemon.connect().request("buildd/history", project=project.path)["runs"]
        assert runs[0]["run"]["state"] == how

    assert build() == ["first", "other"]
    os.unlink(os.path.join(project.path, "open"))
    project.write("lib.c", "int lib(void) { int second; return 1; }\n")
    break_off()
    assert shown() == ["first", "other"], "nothing of it shows, and what did goes on to"
    project.write("other.c", "int other(void) { return 0; }\n")
    break_off()
    project.write("open", "")
    assert build() == ["second"]
    assert build() == ["second"], "and the next one knows it from this one"


def test_what_is_saved_before_its_turn_in_a_build_keeps_what_that_build_found(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\n',
            "Makefile": GATED.replace("lib.o other.o gate main.o", "gate lib.o"),
            "lib.c": "int lib(void) { return 1; }\n",
        }
    )
    client = daemon.connect()
    number = client.start("buildd/run", project=project.path, task="build")
    until_at_the_gate(client)
    project.write("lib.c", WARNED.format("lib"))
    project.write("open", "")
    assert len(client.result(number)["diagnostics"]) == 1
    again = client.request("buildd/run", project=project.path, task="build")
    assert len(again["diagnostics"]) == 1, "make had no reason to compile it again"


def test_what_a_run_of_some_tests_has_compiled_is_known(make_project: Make, daemon: Daemon) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\nselect = "make {tests}"\n',
            "Makefile": MAKEFILE.format(""),
            "lib.c": "int lib(void) { return 1; }\n",
            "main.c": "int main(void) { return 0; }\n",
        }
    )
    client = daemon.connect()

    def build(**params: object) -> list[str]:
        result = client.request("buildd/run", project=project.path, task="build", **params)
        assert result["run"]["state"] == "finished"
        return [os.path.basename(one["file"]) for one in result.get("diagnostics", ())]

    assert build() == []
    project.write("lib.c", WARNED.format("lib"))
    assert build(tests=[["lib.o"]]) == ["lib.c"]
    assert build() == ["lib.c"], "make did not compile it again"


def test_what_a_run_of_some_tests_compiles_beside_a_whole_run_is_known(
    make_project: Make, daemon: Daemon
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\nselect = "make {tests}"\n',
            "Makefile": GATED,
            "lib.c": "int lib(void) { return 1; }\n",
            "other.c": "int other(void) { return 1; }\n",
            "main.c": "int main(void) { return 0; }\n",
        }
    )
    client, beside = daemon.connect(), daemon.connect()
    number = client.start("buildd/run", project=project.path, task="build")
    until_at_the_gate(client)
    project.write("lib.c", WARNED.format("lib"))
    beside.request("buildd/run", project=project.path, task="build", tests=[["lib.o"]])
    project.write("open", "")
    assert client.result(number)["run"]["state"] == "finished"
    again = client.request("buildd/run", project=project.path, task="build")
    assert len(again["diagnostics"]) == 1, "make did not compile it again"


def test_what_was_mended_and_compiled_elsewhere_goes(make_project: Make, daemon: Daemon) -> None:
    unused = "static int count;\n"
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\n[tasks.other]\nrun = "make lib.o"\n',
            "Makefile": MAKEFILE.format(""),
            "lib.c": f"{unused}int lib(void) {{ return 1; }}\n",
            "main.c": "int main(void) { return 0; }\n",
        }
    )
    client = daemon.connect()
    first = client.request("buildd/run", project=project.path, task="build")
    assert len(first["diagnostics"]) == 1
    project.write("lib.c", f"{unused}int lib(void) {{ return count; }}\n")
    client.request("buildd/run", project=project.path, task="other")
    again = client.request("buildd/run", project=project.path, task="build")
    assert "diagnostics" not in again, "its line is the same, but the file is not"


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
