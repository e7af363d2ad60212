"""These tests translate paths between the host and a container."""

from __future__ import annotations

import msgspec
import pytest

from buildd.files.path_map import diagnostic_to_host, text_to_host, to_container, to_host
from buildd.model import Diagnostic, Edit, Fix, Mount, Related, Severity, Span

MOUNTS = (
    Mount(source="/home/me/project", target="/src"),
    Mount(source="/home/me/project/vendor", target="/vendor"),
    Mount(source="/home/me/other", target="/src/other"),
)


@pytest.mark.parametrize(
    ("host", "container"),
    [
        ("/home/me/project", "/src"),
        ("/home/me/project/a/b.c", "/src/a/b.c"),
        ("/home/me/project/vendor/x.c", "/vendor/x.c"),  # the longest mount
        ("/home/me/project-two/a.c", None),  # whole components
        ("/home/me/other/a.c", "/src/other/a.c"),
        ("/etc/passwd", None),
    ],
)
def test_to_container(host: str, container: str | None) -> None:
    assert to_container(host, MOUNTS) == container
    if container is not None:
        assert to_host(container, MOUNTS) == host


@pytest.mark.parametrize(
    "path", ["/usr/include/stdio.h", "/srcs/a.c", "/", "/src/../etc/passwd", "/vendor/a/../../x"]
)
def test_a_path_outside_the_mounts_is_not_on_the_host(path: str) -> None:
    assert to_host(path, MOUNTS) is None


def test_without_mounts_the_paths_are_the_same() -> None:
    assert to_host("/any/where.c", ()) == to_container("/any/where.c", ()) == "/any/where.c"


def test_a_mount_of_the_root() -> None:
    assert to_host("/a/b", (Mount(source="/mnt", target="/"),)) == "/mnt/a/b"
    assert to_container("/", (Mount(source="/", target="/host"),)) == "/host"


@pytest.mark.parametrize(
    ("text", "on_host"),
    [
        ("see /src/a.c:3", "see /home/me/project/a.c:3"),
        (
            "'/src/a.c' and (/vendor/b.h)",
            "'/home/me/project/a.c' and (/home/me/project/vendor/b.h)",
        ),
        ("/src", "/home/me/project"),
        ("in /src.", "in /home/me/project."),
        ("/src/other/x, /src/others/x", "/home/me/other/x, /home/me/project/others/x"),
        ("gcc -I/src/include -L /src", "gcc -I/home/me/project/include -L /home/me/project"),
        ("file:///src/a.c", "file:///home/me/project/a.c"),
        ("DIR=/src/a:/src/b", "DIR=/home/me/project/a:/home/me/project/b"),
        # Other paths that look alike.
        ("/srcs/a.c /src.old/a.c /src-2 /usr/src/a.c ./src/a.c ~/src", ""),
        ("https://example.org/src/a.c", ""),
        ("$ROOT/src/a.c", ""),
    ],
)
def test_paths_in_a_text(text: str, on_host: str) -> None:
    assert text_to_host(text, MOUNTS) == (on_host or text)
    assert text_to_host(text, ()) == text
    assert text_to_host(text, (Mount(source="/src", target="/src"),)) == text


def diagnostic(file: str, *related: tuple[str, str]) -> Diagnostic:
    return Diagnostic(
        span=Span(file=file, line=7, column=3),
        severity=Severity.ERROR,
        message="wrong",
        source="gcc",
        related=tuple(Related(span=Span(file=at, line=2), message=m) for at, m in related),
    )


def test_a_diagnostic_in_a_container_s_header_moves_to_the_include() -> None:
    found = diagnostic_to_host(
        diagnostic("/usr/include/x.h", ("/src/main.c", "included from here")), MOUNTS, "/config"
    )
    assert found.span.file == "/home/me/project/main.c"
    assert found.span.line == 2
    assert found.message == "/usr/include/x.h:7: wrong"


def test_a_diagnostic_without_any_place_on_the_host_moves_to_the_fallback() -> None:
    found = diagnostic_to_host(diagnostic("/usr/include/x.h"), MOUNTS, "/p/buildd.toml")
    assert (found.span.file, found.span.line) == ("/p/buildd.toml", 1)
    assert "/usr/include/x.h:7" in found.message


def test_notes_outside_the_host_become_part_of_the_message() -> None:
    found = diagnostic_to_host(
        diagnostic("/src/a.c", ("/usr/include/x.h", "declared here"), ("/src/b.h", "and here")),
        MOUNTS,
        "/config",
    )
    assert found.message == "wrong\n/usr/include/x.h:2: declared here"
    assert [note.span.file for note in found.related] == ["/home/me/project/b.h"]


def test_paths_in_messages_are_translated() -> None:
    reported = diagnostic("/src/a.c", ("/src/b.h", "from /src/c.h"), ("/usr/x.h", "see /src/d.h"))
    reported = msgspec.structs.replace(reported, message="no /vendor/x", rendered="/src/a.c:7: no")
    found = diagnostic_to_host(reported, MOUNTS, "/config")
    assert found.message == ("no /home/me/project/vendor/x\n/usr/x.h:2: see /home/me/project/d.h")
    assert found.related[0].message == "from /home/me/project/c.h"
    assert found.rendered == "/home/me/project/a.c:7: no"


def test_a_fix_that_edits_a_file_outside_the_host_is_dropped() -> None:
    def fix(*files: str) -> Fix:
        edits = tuple(Edit(span=Span(file=file, line=1), text="") for file in files)
        return Fix(title="", edits=edits)

    reported = msgspec.structs.replace(
        diagnostic("/src/a.c"), fixes=(fix("/src/a.c", "/src/b.c"), fix("/src/a.c", "/usr/x.h"))
    )
    (kept,) = diagnostic_to_host(reported, MOUNTS, "/config").fixes
    assert [edit.span.file for edit in kept.edits] == [
        "/home/me/project/a.c",
        "/home/me/project/b.c",
    ]
