"""This module makes the command that runs only some of a task's tests.

A task's `select` is such a command, with `{tests}` for the names. Without it, the arguments that
the test tool needs are appended to the task's command. Everything here is pure.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

from buildd.errors import UnknownNameError
from buildd.model import Command, Task

Paths = Sequence[tuple[str, ...]]
"""Paths of tests, each as in `TestResult.path`."""


def select_command(task: Task, source: str, tests: Paths) -> Command:
    """Return the command that runs only these tests of the task.

    `source` is the tool that reported the tests, as in `TestResult.source`. Raises
    UnknownNameError if the task has no `select` and the tool is not in ARGUMENTS.
    """
    if task.select:
        arguments = NAMES.get(source, _last_names)(tests)
        return task.select.replace("{tests}", shlex.join(arguments))
    if source not in ARGUMENTS:
        raise UnknownNameError(
            f"buildd does not know how {source or 'the tool'} runs single tests",
            f"Add `select` to [tasks.{task.name}]: a command with {{tests}} for the names.",
        )
    arguments = ARGUMENTS[source](tests)
    if not isinstance(task.command, str):
        return (*task.command, *arguments)
    command = task.command
    if source == "cargo" and " -- " in f"{command} ":
        arguments.remove("--")
    elif re.match(r"npm (?:run|test|t)\b", command) and " -- " not in command:
        arguments.insert(0, "--")
    return f"{command} {shlex.join(arguments)}"


def _last_names(tests: Paths) -> list[str]:
    return [path[-1] for path in tests]


def _joined(separator: str, start: int = 0) -> Callable[[Paths], list[str]]:
    return lambda tests: [separator.join(path[start:]) for path in tests]


def _pattern(separator: str, start: int = 0) -> Callable[[Paths], list[str]]:
    """Return a function that makes one regular expression for all tests."""

    def pattern(tests: Paths) -> list[str]:
        names = [re.escape(separator.join(path[start:])).replace("\\ ", " ") for path in tests]
        return ["^(" + "|".join(names) + ")$"]

    return pattern


def _cargo(tests: Paths) -> list[str]:
    """Name tests by modules and function.

    The path is the crate, its root file or `doc tests`, the modules and the function; the second
    may be missing.
    """
    names = []
    for path in tests:
        has_part = len(path) > 2 and path[1].endswith((".rs", " tests"))
        names.append("::".join(path[2 if has_part else 1 :]))
    return names


def _go(tests: Paths) -> list[str]:
    if len(tests) == 1:
        # `-run` matches subtests level by level, separated by slashes.
        return ["/".join(f"^{re.escape(name)}$" for name in tests[0][1:])]
    tops = dict.fromkeys(path[1] if len(path) > 1 else path[0] for path in tests)
    return ["^(" + "|".join(map(re.escape, tops)) + ")$"]


NAMES: dict[str, Callable[[Paths], list[str]]] = {
    "cargo": _cargo,
    "ctest": _pattern("/"),
    "go": _go,
    "googletest": lambda tests: [":".join(".".join(path[-2:]) for path in tests)],
    "jest": _pattern(" ", 1),
    "junit": lambda tests: [",".join("#".join(path[-2:]) for path in tests)],
    "mocha": _pattern(" "),
    "node": _pattern(" ", 1),
    "pytest": _joined("::"),
    "rspec": lambda tests: [" ".join(path[1:]) for path in tests],
    "unittest": _joined("."),
}
"""How each tool names tests on its command line."""


def _after(source: str, *options: str) -> Callable[[Paths], list[str]]:
    return lambda tests: [*options, *NAMES[source](tests)]


ARGUMENTS: dict[str, Callable[[Paths], list[str]]] = {
    "cargo": _after("cargo", "--", "--exact"),
    "ctest": _after("ctest", "-R"),
    "go": _after("go", "-run"),
    "googletest": lambda tests: [f"--gtest_filter={NAMES['googletest'](tests)[0]}"],
    "jest": _after("jest", "-t"),
    "junit": lambda tests: [f"-Dtest={NAMES['junit'](tests)[0]}"],
    "mocha": _after("mocha", "--grep"),
    "node": lambda tests: [f"--test-name-pattern={NAMES['node'](tests)[0]}"],
    "pytest": NAMES["pytest"],
    "rspec": lambda tests: [word for name in NAMES["rspec"](tests) for word in ("-e", name)],
    "unittest": NAMES["unittest"],
}
"""The arguments that each tool needs, beside the command that runs all tests, to run some."""
