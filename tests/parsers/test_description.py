"""What is said of each name: the tools that it reads, by people who know them."""

from __future__ import annotations

import re

import pytest

from buildd.parsers import described
from buildd.parsers.registry import PARSERS


@pytest.mark.parametrize(
    ("name", "tools", "levels"),
    [
        (
            "cargo",
            "rustc, cargo, clippy; cargo test, cargo nextest, panics; rustc before 1.12",
            "structured, text, fix-its, tests",
        ),
        (
            "rustc",
            "rustc, cargo, clippy; rustc before 1.12; cargo test, cargo nextest, panics",
            "structured, text, fix-its, tests",
        ),
        (
            "maven",
            (
                "Maven: compiler plugins, POMs, goals; Maven Surefire and Failsafe; Checkstyle: "
                "text, and as its Maven and Gradle plugins print it; SpotBugs, FindBugs: text, and "
                "as Maven's plugin prints it; javac, Error Prone; kotlinc, its Gradle plugin, "
                "kapt, KSP; "
                "scalac, Scala 3, sbt, scala-maven-plugin"
            ),
            "text, tests",
        ),
        (
            "html-validate",
            (
                "html-validate (text); eslint (codeframe), html-validate (codeframe); "
                "eslint (stylish), stylelint"
            ),
            "structured, text",
        ),
        ("mypy", "mypy, dmypy", "structured, text"),
        ("pyflakes", "pyflakes", "text"),
        ("reek", "Reek; Reek (single line), only when named", "text"),
        (
            "sarif",
            "SARIF, JUnit, Checkstyle, PMD and other XML and the JSON of many tools",
            "structured",
        ),
        ("diff", "diff, git diff: what a patch holds is no finding", ""),
    ],
)
def test_all_tools_of_a_name_are_told_its_own_first(name: str, tools: str, levels: str) -> None:
    assert described(name) == (tools, tuple(filter(None, levels.split(", "))), True)


KINDS = {
    *("annotations", "config-log", "dotnet-trace", "json", "stacktrace", "teamcity", "yaml"),
    *("assert", "sanitizer", "shell", "kernel"),
    *("eda", "edg", "embedded"),
}
"""The names that are of a kind of tools or of output, and of no single tool."""

OTHERWISE = {
    "autotools": "autoconf",
    "boost": "Boost.Test",
    "elixir": "elixirc",
    "erlang": "erlc",
    "fortran": "Fortran",
    "fpc": "Free Pascal",
    "iverilog": "Icarus Verilog",
    "junit-text": "JUnit",
    "latex": "latexmk",
    "munit": "µnit",
    "node-test": "node --test",
    "phpcs": "PHP_CodeSniffer",
    "qml": "qmllint",
    "qtest": "Qt Test",
    "vstest": "dotnet test",
}
"""What a tool is called where its name here is another word."""


@pytest.mark.parametrize("name", sorted(PARSERS.keys() - KINDS))
def test_a_tool_s_name_is_among_what_is_said_of_it(name: str) -> None:
    tools, _, _ = described(name)
    wanted = re.escape(OTHERWISE.get(name, name))
    assert re.search(rf"(?i)(?<!\w){wanted}(?!\w)", tools)
