"""This module matches whole paths with the patterns of `.dockerignore`, COPY and ADD.

They are those of Go's `filepath.Match`, with `**`. The time is linear in the lengths of path and
pattern, as in `base.globs`: the first match of the text between two wildcards is good enough, and
an atomic group never tries another. Everything here is pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PATTERN_LIMIT = 4096
"""Largest number of characters in a pattern; a longer one matches only itself."""

_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")

_STAR, _ANY, _FOLDERS = "[^/]*", ".*", "(?:[^/]*/)*"
"""The regular expressions of `*`, `**` and `**/`."""


class PathPattern:
    """A compiled pattern; an invalid one matches only itself."""

    def __init__(self, pattern: str) -> None:
        tokens = list(_tokens(pattern))
        self._pattern: re.Pattern[str] | None = None
        self._tokens = tokens
        try:
            for token in tokens:
                re.compile(token)
            if len(pattern) > PATTERN_LIMIT:
                self._pattern = re.compile(re.escape(pattern))
            elif _is_plain(tokens):
                self._pattern = re.compile(_joined(tokens), re.DOTALL)
            else:
                self._steps = [_Step(token, re.compile(token, re.DOTALL)) for token in tokens]
        except re.error:  # a character class such as [z-a], which the engine refuses
            self._pattern = re.compile(re.escape(pattern))

    def fullmatch(self, path: str) -> bool:
        """Return whether the pattern matches the whole path."""
        if self._pattern is not None:
            return self._pattern.fullmatch(path) is not None
        return _simulate(self._steps, path)


class _Step(NamedTuple):
    token: str
    character: re.Pattern[str]


def _tokens(pattern: str) -> Iterator[str]:
    """Yield the regular expression of each character or wildcard."""
    index = 0
    while index < len(pattern):
        if pattern.startswith("**/", index):
            yield _FOLDERS
            index += 3
        elif pattern.startswith("**", index):
            yield _ANY
            index += 2
        elif pattern[index] == "*":
            yield _STAR
            index += 1
        elif match := _CLASS.match(pattern, index):
            inner = re.sub(r"([\[&~|])", r"\\\1", match[2])
            yield f"[{match[1]}{inner}]"
            index = match.end()
        elif pattern[index] == "\\" and index + 1 < len(pattern):
            yield re.escape(pattern[index + 1])
            index += 2
        else:
            yield "[^/]" if pattern[index] == "?" else re.escape(pattern[index])
            index += 1


def _is_plain(tokens: Sequence[str]) -> bool:
    """Return whether the first match of each group is good enough.

    It is not for `a**/b`, whose `**/` begins inside a component of the path, nor for a negated
    character class, because that can match a slash.
    """
    if any(token.startswith("[^") and token not in ("[^/]", _STAR) for token in tokens):
        return False
    return all(
        token != _FOLDERS or before in ("/", _FOLDERS)
        for before, token in zip(("/", *tokens), tokens, strict=False)
    )


def _joined(tokens: Sequence[str]) -> str:
    groups: list[list[str]] = [[]]
    wilds = [""]
    for token in tokens:
        if token in (_ANY, _FOLDERS):
            groups.append([])
            wilds.append(token)
        else:
            groups[-1].append(token)
    found = []
    for number, (wild, group) in enumerate(zip(wilds, groups, strict=True)):
        lazy = f"{wild}?" if wild else ""
        is_last = number == len(groups) - 1
        text = lazy + _with_stars(group, is_last=is_last)
        # A later group can begin anywhere after this one's first match, so no other is tried.
        found.append(text + r"\Z" if is_last else f"(?>{text})")
    return "".join(found)


def _with_stars(group: Sequence[str], *, is_last: bool) -> str:
    segments: list[list[str]] = [[]]
    for token in group:
        if token == _STAR:
            segments.append([])
        else:
            segments[-1].append(token)
    first, *others = ("".join(segment) for segment in segments)
    if not others:
        return first
    if is_last:
        end = f"[^/]*{others.pop()}"
        return first + "".join(f"(?>[^/]*?{text})" for text in others if text) + end
    return first + "".join(f"(?>[^/]*?{text})" for text in others if text)


def _simulate(steps: Sequence[_Step], path: str) -> bool:
    """Return whether the steps match the path, by following all possible states at once."""
    states = _closure({0}, steps)
    for character in path:
        after = set()
        for state in states:
            # A state between two steps is inside a directory that `**/` matches.
            number = int(state)
            if state != number:
                after.add(number if character == "/" else state)
                continue
            if number == len(steps):
                continue
            token = steps[number].token
            if token == _FOLDERS:
                after.add(number if character == "/" else number + 0.5)
            elif token == _ANY or (token == _STAR and character != "/"):
                after.add(number)
            elif token != _STAR and steps[number].character.fullmatch(character):
                after.add(number + 1)
        states = _closure(after, steps)
    return len(steps) in states


def _closure(states: set[float], steps: Sequence[_Step]) -> set[float]:
    """Return the states, and those that follow if wildcards match nothing."""
    found = set(states)
    for state in states:
        number = int(state)
        while state == number < len(steps) and steps[number].token in (_STAR, _ANY, _FOLDERS):
            number += 1
            found.add(number)
            state = number
    return found
