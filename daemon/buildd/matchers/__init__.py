"""Makes parsers from a user's own patterns: matchers.

A definition is the text of a Vim 'errorformat', or a VS Code problem matcher: the object, or its
name after a `$`. A `Log` takes what `make` returns, and offers it every line before the other
parsers. Matchers are pure, except for the clock that stops slow patterns.
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
    """Returns the factory that makes the matcher for each log.

    `folder` is the project's directory as the tool sees it, an absolute path; it is empty if the
    command starts there. `exists` returns whether a name in the log is that of a file or directory.
    Raises MatcherError.
    """
    if isinstance(definition, str) and not definition.startswith("$"):
        return errorformat(definition, exists=exists)
    return problem_matcher(definition, folder=folder, exists=exists)


def problem_matcher(
    definition: str | Mapping[str, Any], *, folder: str = "", exists: Exists | None = None
) -> Factory:
    """Returns the factory for a VS Code problem matcher; its arguments are those of `make`.

    Raises MatcherError.
    """
    return functools.partial(ProblemMatcher, definition=_definition(definition, folder, exists))
