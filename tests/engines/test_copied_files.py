"""These tests find which files of its context a Dockerfile copies, and which need BuildKit."""

from __future__ import annotations

import textwrap

import pytest

from buildd.engines.image_definition.base_images import BaseImage
from buildd.engines.image_definition.copied_files import EVERYTHING, copied_files
from buildd.engines.image_definition.dockerfile import needs_buildkit, parse
from buildd.engines.image_definition.dockerignore import Ignore
from buildd.engines.image_definition.path_pattern import PathPattern


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("FROM a\nRUN b", ()),
        ("FROM a\nCOPY one two /x/", ("one", "two")),
        (
            "FROM a\nADD ./one/ /x\ncopy /two ../three four/../five /x/",
            ("one", "two", "three", "five"),
        ),
        ("FROM a\nCOPY --chown=1:1 --chmod=644 one /x", ("one",)),
        ("FROM a\nCOPY . /x", EVERYTHING),
        ("FROM a\nCOPY one /x\nCOPY / /x", EVERYTHING),
        ('FROM a\nCOPY ["a b", "c,d", "/x/"]', ("a b", "c,d")),
        ("FROM a\nCOPY 'a b' \"c d\" e\\ f /x/", ("a b", "c d", "e f")),
        ("FROM a\nCOPY *.c src/[ab]?.h /x/", ("*.c", "src/[ab]?.h")),
        ("FROM a\nCOPY one \\\n  # why\n\n  two \\\n  /x/\nCOPY three /x", ("one", "two", "three")),
        ("# escape=`\nFROM a\nCOPY one `\n  two c:\\", ("one", "two")),
        ("FROM a AS b\nCOPY one /x\nFROM b\nCOPY --from=b two /x", ("one",)),
        ("FROM a\nADD https://e.org/x.tar git@e.org:x.git one /x/", ("one",)),
        ("FROM a\nCOPY <<EOF one /x/\nCOPY two /x\nEOF\nCOPY three /x", ("one", "three")),
        ("FROM a\nRUN <<-'E1' cat; <<E2 cat\nCOPY a /\n\tE1\nCOPY b /\nE2\nCOPY c /", ("c",)),
        ("FROM a\nRUN cat <<<EOF\nCOPY one /", ("one",)),
        ("FROM a\nRUN x <<EOF\nCOPY one /", ("one",)),
        ("FROM a\nRUN --mount=target=/x,source=one make", ("one",)),
        ("FROM a\nRUN --mount=type=bind,target=/x make", EVERYTHING),
        ("FROM a\nRUN --mount=type=cache,target=/x --mount=from=b,target=/y make", ()),
        ("ARG D=one\nFROM a\nCOPY $D /x", EVERYTHING),
        ("ARG D=one\nFROM a\nARG D\nCOPY ${D} /x", ("one",)),
        ('FROM a\nENV D=one E="two three"\nCOPY $D/x ${E} /x/', ("one/x", "two three")),
        ("FROM a\nENV D one two\nCOPY ${D} /x/", ("one two",)),
        ("FROM a\nARG D\nCOPY ${D:-one} /x/", EVERYTHING),
        ("FROM a\nARG D=\nCOPY ${D:-one} ${D:+two}three ${D-four} /x/", ("one", "three", "")),
        ("FROM a\nENV D=$UNKNOWN\nCOPY $D /x/", EVERYTHING),
        ("FROM a AS b\nENV D=one\nFROM b\nCOPY $D /", ("one",)),
        ("FROM a AS b\nARG D=one\nFROM b\nCOPY $D /", EVERYTHING),
        ("FROM a\nENV D=one\nARG D=two\nCOPY $D /", ("one",)),
        ("FROM a\nARG D=two\nENV D=one\nCOPY $D /", ("one",)),
        ("FROM a\nENV D=$UNKNOWN\nARG D=two\nCOPY $D /", EVERYTHING),
        ("FROM a\nENV D=one\nENV D=two E=$D\nCOPY $E /", ("one",)),
        ("FROM a\nRUN --mount=type=ssh --mount=type=bind,target=/x,source=one make", ("one",)),
        ("FROM a\nCOPY '$D' \\$E /x/", ("$D", "$E")),
        ("FROM a\nONBUILD COPY one /", ()),
        ("FROM a AS b\nONBUILD COPY one /\nFROM b", ("one",)),
        ("# syntax=docker/dockerfile:1.7\nFROM a\nCOPY one /", ("one",)),
        ("# syntax=example.org/another\nFROM a\nCOPY one /", EVERYTHING),
        ("FROM a\r\nCOPY one \\\r\n two /x\r\n", ("one", "two")),
        ("\ufeffFROM a\nCOPY\tone\t/x", ("one",)),
        ("COPY", ()),
        ("FROM\nONBUILD\nCOPY [\nENV\nARG\nRUN --m", ()),
    ],
)
def test_copied_files(text: str, patterns: tuple[str, ...]) -> None:
    found = copied_files(parse(text), {}).patterns
    assert found == (EVERYTHING if "" in patterns else patterns)


TWO = "FROM a AS one\nCOPY 1 /\nFROM b AS Two\nCOPY 2 /\nFROM c\nCOPY 3 /"


@pytest.mark.parametrize(
    ("target", "patterns"),
    [("one", "1"), ("two", "12"), ("1", "12"), ("", "123"), ("nothing", "123")],
)
def test_stages_after_the_target_do_not_count(target: str, patterns: str) -> None:
    assert copied_files(parse(TWO), {}, target).patterns == tuple(patterns)


def test_build_arguments_override_defaults() -> None:
    text = "ARG B=a\nFROM $B AS s\nARG D=one\nCOPY $D /\nFROM s\nFROM scratch\nFROM --platform=p q"
    found = copied_files(parse(text), {"B": "other:2", "D": "two"})
    assert found.patterns == ("two",)
    assert found.bases == ((2, "other:2"),)


def test_variables_and_triggers_of_known_base_images_count() -> None:
    text = "FROM a:1 AS b\nARG D=mine\nCOPY $D /\nFROM b\nCOPY $E /"
    assert copied_files(parse(text), {}).patterns == EVERYTHING
    bases = {
        "a:1": BaseImage(env={"D": "theirs", "E": "more"}, triggers=("COPY needs.txt /", "RUN x"))
    }
    assert copied_files(parse(text), {}, bases=bases).patterns == ("needs.txt", "theirs", "more")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a\nRUN b\nCOPY --from=x --chown=1 a b", None),
        ("FROM a\nRUN --mount=type=cache,target=/x b", (2, "RUN --mount")),
        ("FROM a\nCOPY --link a b", (2, "COPY --link")),
        ("FROM a\n\nRUN <<E\nb\nE", (3, "a heredoc in RUN")),
        ("# syntax=example.org/x\nFROM a", (1, "# syntax=example.org/x")),
    ],
)
def test_what_needs_buildkit(text: str, what: tuple[int, str] | None) -> None:
    assert needs_buildkit(parse(text)) == what


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.c", ["a.c", ".c"], ["a/b.c", "a.h"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "b"]),
        ("**/*.o", ["a.o", "x/y/a.o"], ["a.c"]),
        ("x/**", ["x/a", "x/a/b"], ["y/a"]),
        ("[a-c]?[^x]", ["ab1", "c.y"], ["d.y", "abx", "ab"]),
        (r"\*[\]]", ["*]"], ["a]"]),
        ("[", ["["], ["a"]),
        ("[z-a]", ["[z-a]"], ["b"]),
        ("a+(b)", ["a+(b)"], ["aab"]),
    ],
)
def test_patterns(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in matching if not PathPattern(pattern).fullmatch(path)] == []
    assert [path for path in others if PathPattern(pattern).fullmatch(path)] == []


@pytest.mark.parametrize(
    ("lines", "excluded", "included"),
    [
        ("a\n\n# b\n", ["a", "a/x"], ["b", "x/a"]),
        ("/a/\n", ["a", "a/x"], ["b"]),
        ("*\n!src\nsrc/*.o\n", ["x", "src/a.o"], ["src", "src/a.c", "src/deep/a.o"]),
        ("!src/keep\nsrc\n", ["src", "src/keep"], []),
        ("a\n!a/b\n", ["a", "a/x"], ["a/b", "a/b/c"]),
    ],
)
def test_ignore_files(lines: str, excluded: list[str], included: list[str]) -> None:
    ignore = Ignore(textwrap.dedent(lines).splitlines())

    def excludes(path: str) -> bool:
        matches, parent = ignore.no_matches, ""
        for part in path.split("/"):
            parent = f"{parent}/{part}".lstrip("/")
            matches = ignore.matches(parent, matches)
        return ignore.excludes(matches)

    assert [path for path in excluded if not excludes(path)] == []
    assert [path for path in included if excludes(path)] == []
