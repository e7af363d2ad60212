"""Matchers: parsers made of a user's own pattern. Pure, but for the clock that stops slow ones.

A definition is the text of a Vim 'errorformat', or a VS Code problem matcher: the object, or its
name behind a `$`. A `Log` takes what `make` returns; it is offered every line, before the others.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from buildd.matchers.base import Exists, Factory, Matcher, MatcherError
from buildd.matchers.definition import definition as _definition
from buildd.matchers.errorformat import Errorformat, errorformat
from buildd.matchers.problem_matcher import ProblemMatcher
from buildd.matchers.tasks_json import matchers_of_tasks_json

__all__ = (
    "Errorformat",
    "Factory",
    "Matcher",
    "MatcherError",
    "ProblemMatcher",
    "errorformat",
    "make",
    "matchers_of_tasks_json",
    "problem_matcher",
)


def make(
    definition: str | Mapping[str, Any], *, folder: str = "", exists: Exists | None = None
) -> Factory:
    """What makes the matcher of one log. `folder` is the project's directory as the tool sees it,
    absolute; empty where the command starts in it. `exists` tells of names in the log whether
    there is such a file or directory. Raises MatcherError."""
    if isinstance(definition, str) and not definition.startswith("$"):
        return errorformat(definition, exists=exists)
    return problem_matcher(definition, folder=folder, exists=exists)


def problem_matcher(
    definition: str | Mapping[str, Any], *, folder: str = "", exists: Exists | None = None
) -> Factory:
    """What makes the matcher of one log by a VS Code problem matcher. Raises MatcherError."""
    return functools.partial(ProblemMatcher, definition=_definition(definition, folder, exists))
