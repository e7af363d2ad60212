"""Matches whole paths against the patterns of `.dockerignore`, COPY and ADD.

As in Go's `filepath.Match`, and `**` besides. Linear in the lengths of path and pattern, for the
same reason as in `base.globs`: what stands between two wildcards is best found at its first place,
so that an atomic group never tries another. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LONGEST_PATTERN = 4096
"""Characters of a pattern; a longer one matches nothing but itself."""

_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]")

_STAR, _ANY, _FOLDERS = "[^/]*", ".*", "(?:[^/]*/)*"
"""What `*`, `**` and `**/` stand for."""


class PathPattern:
    """One pattern; never raises, whatever it is."""

    def __init__(self, pattern: str) -> None:
        tokens = list(_tokens(pattern))
        self._pattern: re.Pattern[str] | None = None
        self._tokens = tokens
        try:
            for token in tokens:
                re.compile(token)
            if len(pattern) > LONGEST_PATTERN:
                self._pattern = re.compile(re.escape(pattern))
            elif _is_plain(tokens):
                self._pattern = re.compile(_joined(tokens), re.DOTALL)
            else:
                self._steps = [_Step(token, re.compile(token, re.DOTALL)) for token in tokens]
        except re.error:  # a class as [z-a], which the engine refuses
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
    """The regular expression of each character or wildcard."""
    place = 0
    while place < len(pattern):
        if pattern.startswith("**/", place):
            yield _FOLDERS
            place += 3
        elif pattern.startswith("**", place):
            yield _ANY
            place += 2
        elif pattern[place] == "*":
            yield _STAR
            place += 1
        elif match := _CLASS.match(pattern, place):
            inner = re.sub(r"([\[&~|])", r"\\\1", match[2])
            yield f"[{match[1]}{inner}]"
            place = match.end()
        elif pattern[place] == "\\" and place + 1 < len(pattern):
            yield re.escape(pattern[place + 1])
            place += 2
        else:
            yield "[^/]" if pattern[place] == "?" else re.escape(pattern[place])
            place += 1


def _is_plain(tokens: Sequence[str]) -> bool:
    """Return whether the first place for each part is the right one.

    Not so for `a**/b`, whose `**/` begins within a part of the path, nor for a class that leaves
    out characters, because it can reach over a slash.
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
        # A later group can begin anywhere behind this one's first place, so no other is tried.
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
    """Go through the path once, with every state that the pattern can be in."""
    states = _closure({0}, steps)
    for character in path:
        after = set()
        for state in states:
            # A state between two steps is the inside of a folder that `**/` goes through.
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
    """The states and those that a wildcard reaches by matching nothing."""
    found = set(states)
    for state in states:
        number = int(state)
        while state == number < len(steps) and steps[number].token in (_STAR, _ANY, _FOLDERS):
            number += 1
            found.add(number)
            state = number
    return found
