"""These tests let a real shell fill in the variables in values of `env`."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from buildd.base.variables import host_variables, shell_word, without_variables

HOST = {"TOKEN": "it's $HOME", "EMPTY": ""}
INSIDE = {"PATH": "/usr/bin:/bin", "SPACED": "a  'b"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("plain $HOME `x` \"q\" 'r'", "plain $HOME `x` \"q\" 'r'"),
        ("${localEnv:TOKEN}", "it's $HOME"),
        ("<${localEnv:TOKEN}>", "<it's $HOME>"),
        ("${localEnv:NONE}", ""),
        ("${localEnv:NONE:a:b c}", "a:b c"),
        ("${localEnv:EMPTY:x}", ""),
        ("/opt/bin:${containerEnv:PATH}", "/opt/bin:/usr/bin:/bin"),
        ("${containerEnv:SPACED}", "a  'b"),
        ("${containerEnv:NONE}-", "-"),
        ('${containerEnv:NONE:$HOME "\\ `x`}', '$HOME "\\ `x`'),
        ("${containerEnv:PATH:x}${localEnv:NONE:y}", "/usr/bin:/biny"),
        ("${HOME}", "${HOME}"),
        ("${localEnv:}", "${localEnv:}"),
        ("${localEnv:a b}", "${localEnv:a b}"),
        ("${localEnv:$(touch x)}", "${localEnv:$(touch x)}"),
    ],
)
def test_values(value: str, expected: str) -> None:
    script = f'X={shell_word(value, HOST, shlex.quote)}; printf %s "$X"'
    shown = subprocess.run(["/bin/sh", "-c", script], env=INSIDE, capture_output=True, text=True)
    assert (shown.stdout, shown.stderr) == (expected, "")


def test_which_values_contain_variables() -> None:
    env = {"A": "1", "B": "${localEnv:X}${localEnv:Y:z}", "C": "${containerEnv:PATH}", "D": "${X}"}
    assert without_variables(env) == {"A": "1", "D": "${X}"}
    assert host_variables(env) == ["X", "Y"]
