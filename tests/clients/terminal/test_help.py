"""The help, the arguments and the completion of all commands, and what starting one imports."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable

import pytest

from buildd.config.trust import grants
from buildd_cli.arguments import all_parsers, parse
from buildd_cli.commands import COMMANDS
from buildd_cli.completion import zsh
from tests.support.daemon import TIMEOUT

Command = Callable[..., "subprocess.CompletedProcess[str]"]

SLOW = {"argparse", "enum", "importlib", "json", "re", "socket", "subprocess", "threading"}
"""Modules whose import takes longer than a warm `buildd exec` may."""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("run build --json one --quiet two", {"task": "build", "tests": ["one", "two"]}),
        ("run --json build one", {"task": "build", "tests": ["one"]}),
        ("test one --json two", {"tests": ["one", "two"]}),
        ("watch a --quiet b", {"tasks": ["a", "b"]}),
        ("history --limit 3 build", {"task": "build", "limit": 3}),
        ("shim dir --env e gcc", {"directory": "dir", "names": ["gcc"]}),
        ("shim --env e dir gcc cc", {"directory": "dir", "names": ["gcc", "cc"]}),
        ("run build -- --odd", {"task": "build", "tests": ["--odd"]}),
        ("exec -w src ls --json", {"command": ["ls", "--json"]}),
    ],
)
def test_options_and_names_come_in_any_order(line: str, expected: dict[str, object]) -> None:
    name, *words = line.split()
    found = vars(parse(all_parsers()[name], words))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(name: str) -> None:
    parser = all_parsers()[name]
    summary, _, when = (parser.description or "").partition("\n\n")
    assert summary.endswith("."), "the first paragraph says what it does"
    assert "\n" not in summary
    assert when, "the second one says when to use it"
    assert parser.epilog
    assert f"  buildd {name}" in parser.epilog or name == "lsp"
    assert "\nexit status: " in parser.epilog
    for line in f"{parser.description}\n{parser.epilog}".splitlines():
        assert len(line) <= 100
    for action in parser._actions:
        assert action.help, f"{action.option_strings or action.dest} is not explained"


def test_trust_explains_every_grant() -> None:
    public = (value for key, value in vars(grants).items() if key.isupper() and key[0] != "_")
    names = {value for value in public if isinstance(value, str)}
    explained = all_parsers()["trust"].epilog or ""
    assert {name for name in names if f"\n  {name} " not in explained} == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(command: Command, shell: str) -> None:
    script = command("completion", shell).stdout
    for name in ("build", "exec", "diagnostics", "daemon"):
        assert name in script
    if shell != "fish":
        # What bash can parse of zsh's script is all of its syntax.
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=TIMEOUT)


def test_a_completion_script_quotes_every_summary() -> None:
    quoted = [shlex.split(line) for line in zsh().splitlines() if line.startswith("        'down:")]
    assert quoted == [[f"down:{COMMANDS['down']}"]]


def test_exec_imports_nothing_slow() -> None:
    code = "import buildd_cli.main, buildd_cli.commands.exec, sys; print(*sys.modules)"

    def imported(statement: str) -> set[str]:
        # -S: what the site's own files import is not ours.
        paths = f"import sys; sys.path[:] = {sys.path}; {statement}"
        run = [sys.executable, "-I", "-S", "-c", paths]
        return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())

    assert imported(code) & SLOW == set()
