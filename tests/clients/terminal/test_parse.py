"""`buildd parse`, its output formats, and the user's own patterns in a project."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from buildd.reports import FORMATS
from tests.support.daemon import TIMEOUT, Daemon
from tests.support.project import ProjectFiles

Make = Callable[..., ProjectFiles]

EXECUTABLE = str(Path(sys.executable).with_name("buildd"))

LOG = """\
gcc -Wall -c a.c
In file included from b.c:1:
a.h:3:7: warning: unused variable 'é, x: 100%' [-Wunused-variable]
    3 |   int x;
      |       ^
a.c:4:25: error: expected ';' before 'x'
elsewhere/c.rs:1:1: error: other
"""


def parse(
    log: str, *arguments: str, cwd: str = "/", check: bool = True
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EXECUTABLE, "parse", *arguments],
        input=log,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=check,
        timeout=TIMEOUT,
    )


def found(log: str, *arguments: str) -> Any:
    return json.loads(parse(log, "--directory", "/src", "--format", "json", *arguments).stdout)


def places(log: str, *arguments: str) -> list[tuple[str, int, int, str, str]]:
    return [
        (
            diagnostic["file"],
            diagnostic["line"],
            diagnostic["column"],
            diagnostic["severity"],
            diagnostic["message"],
        )
        for diagnostic in found(log, *arguments)
    ]


def test_text_and_exit_status(tmp_path: Path) -> None:
    (tmp_path / "build.log").write_text(LOG)
    result = parse("", "build.log", "--fail", cwd=str(tmp_path), check=False)
    assert result.returncode == 1
    assert "a.c:4:25: error: expected ';' before 'x' [gcc]\n" in result.stdout
    assert result.stdout.endswith("2 errors, 1 warning\n")
    assert parse("all is well\n", "--fail").stdout == "no diagnostics\n"


def test_json_is_what_diagnostics_print() -> None:
    first = found(LOG)[0]
    assert first["file"] == "/src/a.h"
    assert (first["line"], first["column"]) == (3, 7)
    assert first["related"][0]["file"] == "/src/b.c"
    assert first["code"] == "-Wunused-variable"
    assert "    3 |   int x;" in first["rendered"]


@pytest.mark.parametrize("form", ["sarif", "quickfix"])
def test_what_is_printed_can_be_read_again(form: str) -> None:
    printed = parse(LOG, "--directory", "/src", "--format", form).stdout
    assert places(printed) == [
        place if form == "sarif" or "[-W" in place[4] else (*place[:4], place[4])
        for place in places(LOG)
    ]


def test_sarif_names_tools_rules_and_the_notes() -> None:
    document = json.loads(parse(LOG, "--directory", "/src", "--format", "sarif").stdout)
    assert document["version"] == "2.1.0"
    run = document["runs"][0]
    assert run["tool"]["driver"]["rules"] == [{"id": "-Wunused-variable"}]
    result = run["results"][0]
    assert result["ruleIndex"] == 0
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a.h", "uriBaseId": "PROJECT"}
    assert result["relatedLocations"][0]["message"]["text"] == "included from here"


def test_github_and_gitlab() -> None:
    lines = parse(LOG, "--directory", "/src", "--format", "github").stdout.splitlines()
    assert lines[0] == (
        "::warning title=gcc -Wunused-variable,file=a.h,line=3,endLine=3,col=7,endColumn=7"
        "::unused variable 'é, x: 100%25'"
    )
    issues = json.loads(parse(LOG + LOG, "--directory", "/src", "--format", "gitlab").stdout)
    assert [issue["severity"] for issue in issues] == ["minor", "major", "major"]
    assert len({issue["fingerprint"] for issue in issues}) == 3
    moved = LOG.replace("a.c:4:", "a.c:9:")
    later = json.loads(parse(moved, "--directory", "/src", "--format", "gitlab").stdout)
    assert {issue["fingerprint"] for issue in later} == {issue["fingerprint"] for issue in issues}


def test_a_finding_of_no_file_names_none() -> None:
    log = "/usr/bin/ld: cannot find -lfoo: No such file or directory\n"

    def printed(form: str) -> str:
        return parse(log, "--directory", "/src", "--format", form).stdout

    assert printed("quickfix") == "error: cannot find -lfoo: No such file or directory\n"
    assert printed("github").startswith("::error title=ld::cannot find -lfoo")
    assert "locations" not in json.loads(printed("sarif"))["runs"][0]["results"][0]
    assert json.loads(printed("gitlab"))[0]["location"]["path"] == "."
    case = next(ElementTree.fromstring(printed("junit")).iter("testcase"))
    assert case.get("name") == "ld"


def test_junit_of_tests_and_of_diagnostics() -> None:
    root = ElementTree.fromstring(parse(LOG, "--directory", "/src", "--format", "junit").stdout)
    suites = {suite.get("name"): suite.get("failures") for suite in root}
    assert suites["gcc"] in ("2", "3")
    log = (
        "--- PASS: TestA (0.10s)\n--- FAIL: TestB (0.20s)\n"
        "    b_test.go:3: no\x01good\nFAIL\tp\t1s\n"
    )
    root = ElementTree.fromstring(parse(log, "--format", "junit").stdout)
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["TestA"].get("time") == "0.100"
    assert cases["TestB"].find("failure") is not None


def test_every_form_takes_an_empty_log_and_a_strange_one() -> None:
    strange = "a.c:1:1: error: \x1b[31m]]>\x00<&\ud7ff\n" * 2
    for form in FORMATS:
        parse("", "--format", form)
        text = parse(strange, "--format", form).stdout
        if form in ("json", "sarif", "gitlab"):
            json.loads(text)
        elif form == "junit":
            ElementTree.fromstring(text)


def test_own_patterns_and_no_others() -> None:
    log = "odd|a.c|7|broken\n" + LOG
    assert places(log, "--errorformat", "odd|%f|%l|%m") == [("/src/a.c", 7, 1, "error", "broken")]
    both = places(log, "--errorformat", "odd|%f|%l|%m", "--parser", "gcc")
    assert len(both) == 4
    tsc = "src/a.ts(3,5): error TS2304: Cannot find name 'x'.\n"
    assert places(tsc, "--problem-matcher", "$tsc") == [
        ("/src/src/a.ts", 3, 5, "error", "Cannot find name 'x'.")
    ]


def test_a_problem_matcher_from_a_file(tmp_path: Path) -> None:
    matcher = {
        "fileLocation": ["relative", "${workspaceFolder}"],
        "pattern": {"regexp": "^(\\w+)@(\\d+): (.*)$", "file": 1, "line": 2, "message": 3},
    }
    (tmp_path / "tasks.json").write_text(
        "// with comments\n" + json.dumps({"tasks": [{"label": "x", "problemMatcher": [matcher]}]})
    )
    path = str(tmp_path / "tasks.json")
    assert places("abc@4: no\n", "--problem-matcher", path) == [("/src/abc", 4, 1, "error", "no")]
    (tmp_path / "tasks.json").write_text("{")
    wrong = parse("", "--problem-matcher", path, check=False)
    assert wrong.returncode == 125
    assert "not JSON" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--parser", "gccc"], "Did you mean `gcc`?"),
        (["--errorformat", "%f%f"], "%f"),
        (["--problem-matcher", "$nothing"], "$nothing"),
        (["/no/such/log"], "No such file"),
        (["--format", "pdf"], "pdf"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], words: str) -> None:
    result = parse("", *arguments, check=False)
    assert result.returncode == 125
    assert words in result.stderr


def test_the_list_names_each_parser_with_its_levels() -> None:
    rows = parse("", "--list").stdout.splitlines()
    assert any(
        row.startswith("gcc ") and row.endswith("(structured, text, fix-its)") for row in rows
    )
    assert rows == sorted(rows)


def test_a_task_s_own_patterns(make_project: Make, daemon: Daemon) -> None:
    tasks = {"tasks": [{"label": "file", "problemMatcher": "$tsc"}]}
    project = make_project(
        {
            "buildd.toml": (
                '[tasks.odd]\nrun = "cat log"\nerrorformat = "odd|%f|%l|%m"\n'
                '[tasks.file]\nrun = "cat log"\nproblem-matchers = [".vscode/tasks.json"]\n'
                '[tasks.inline]\nrun = "cat log"\n[[tasks.inline.problem-matchers]]\n'
                'pattern = { regexp = "^odd.(.*?).(\\\\d+).(.*)$", file = 1, line = 2, '
                "message = 3 }\n"
            ),
            ".vscode/tasks.json": json.dumps(tasks),
            "log": "odd|a.c|7|broken\na.ts(3,5): error TS1: what\n",
        }
    )
    client = daemon.connect()

    def run(task: str) -> list[tuple[str, int, str]]:
        result = client.request("buildd/run", project=project.path, task=task)
        return [
            (diagnostic["file"], diagnostic["line"], diagnostic["message"])
            for diagnostic in result["diagnostics"]
        ]

    broken = (project.file("a.c"), 7, "broken")
    assert run("odd") == [broken]
    assert run("inline") == [broken]
    assert run("file") == [(project.file("a.ts"), 3, "what")]
    summary = client.request("buildd/trust", project=project.path)
    assert project.file(".vscode/tasks.json") in summary["files"]
