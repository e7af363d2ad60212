"""How each test tool is told to run some tests only. Pure.

A task's `select` says it for that task: its command, with `{tests}` where the names go. Without it,
what the tool wants is added to the task's own command.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

from buildd.errors import UnknownNameError
from buildd.model import Command, Task

Paths = Sequence[tuple[str, ...]]
"""Tests, each as in `TestResult.path`."""


def selecting(task: Task, source: str, tests: Paths) -> Command:
    """The command that runs these tests of the task, which `source` told of.

    Raises UnknownNameError where nobody knows how.
    """
    if task.select:
        arguments = NAMES.get(source, _plain)(tests)
        return task.select.replace("{tests}", shlex.join(arguments))
    if source not in ARGUMENTS:
        raise UnknownNameError(
            f"how {source or 'its tool'} runs single tests is not known",
            f"Give [tasks.{task.name}] a `select`, its command with {{tests}} for their names.",
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


def _plain(tests: Paths) -> list[str]:
    return [path[-1] for path in tests]


def _joined(separator: str, start: int = 0) -> Callable[[Paths], list[str]]:
    return lambda tests: [separator.join(path[start:]) for path in tests]


def _pattern(separator: str, start: int = 0) -> Callable[[Paths], list[str]]:
    """One regular expression for all of them."""

    def names(tests: Paths) -> list[str]:
        each = [re.escape(separator.join(path[start:])).replace("\\ ", " ") for path in tests]
        return ["^(" + "|".join(each) + ")$"]

    return names


def _cargo(tests: Paths) -> list[str]:
    """The path is crate, its first file or `doc tests`, modules, function; the second may lack."""
    names = []
    for path in tests:
        has_part = len(path) > 2 and path[1].endswith((".rs", " tests"))
        names.append("::".join(path[2 if has_part else 1 :]))
    return names


def _go(tests: Paths) -> list[str]:
    if len(tests) == 1:
        # Sub-tests are named level by level.
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
"""By the tool: tests as it names them."""


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
"""By the tool: what is added to the command that runs all."""
