"""The files of a directory that are not under version control, as git lists them. Blocks."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator

from buildd.base.beneath import FileTree, join
from buildd.files import git_config
from buildd.files.gitignore import VERSION_CONTROL, Rules, is_covered, parsed

LIMIT = 1 << 20
"""Bytes of a file of patterns."""


class Ignored:
    """What `.gitignore` files of a tree leave out. `outer` are patterns that hold everywhere, and
    that any of these files overrules."""

    def __init__(self, tree: FileTree, outer: Iterable[bytes] = ()) -> None:
        self._tree = tree
        specifications = filter(None, map(parsed, outer))
        self._outer: Rules = tuple(("", specification) for specification in specifications)
        self._rules: dict[str, Rules] = {}

    def covers(self, directory: str, path: str) -> bool:
        """Whether a path that is directly in a directory of the tree is left out; one that ends
        with a slash is a directory's."""
        rules = self._of(directory)
        return bool(rules) and is_covered(path, rules)

    def _of(self, directory: str) -> Rules:
        if directory not in self._rules:
            above = self._of(os.path.dirname(directory)) if directory else self._outer
            content = self._tree.read(join(directory, ".gitignore"), LIMIT)
            own = parsed(content) if content else None
            place = f"{directory}/" if directory else ""
            self._rules[directory] = (*above, (place, own)) if own else above
        return self._rules[directory]


Covers = Callable[[str, str], bool]


def nothing(directory: str, path: str) -> bool:
    """As `Ignored.covers`, where nothing is left out."""
    return False


def untracked(
    tree: FileTree,
    tracked: Collection[str],
    submodules: Collection[str] = (),
    covers: Covers = nothing,
    enter: Callable[[str], bool] = lambda directory: True,
) -> Iterator[str]:
    """The files that are not among the tracked ones, nor in submodules, nor covered. A directory
    ends with a slash: a repository of its own, or one that is not to be entered."""
    leading = {""}
    for path in tracked:
        while (path := os.path.dirname(path)) not in leading:
            leading.add(path)
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = tree.entries(folder)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        for name, status in entries:
            path = join(folder, name)
            if name in VERSION_CONTROL:
                continue
            if not stat.S_ISDIR(status.st_mode):
                if path not in tracked and not covers(folder, path):
                    yield path
            elif path in leading:
                waiting.append(path)
            elif path not in submodules and not covers(folder, f"{path}/"):
                if tree.status(f"{path}/.git") or not enter(path):
                    yield f"{path}/"
                else:
                    waiting.append(path)


def users_patterns() -> list[bytes]:
    """What the user has git ignore everywhere, by `core.excludesFile`; includes are not read."""
    home = os.path.expanduser("~")
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    path = os.path.join(base, "git", "ignore")
    for configuration in (os.path.join(base, "git", "config"), os.path.join(home, ".gitconfig")):
        try:
            values = git_config.parse(_read(configuration).decode("utf-8", "replace"))
        except git_config.GitConfigError:
            continue
        path = os.path.expanduser(values.get("core.excludesfile", path))
    return [_read(path)]


def _read(path: str) -> bytes:
    """A file of the user's own; empty where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read(LIMIT)
    except OSError:
        return b""
