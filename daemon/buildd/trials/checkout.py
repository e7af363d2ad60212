"""Copies a project's files, as committed or as they are now, to run its tasks apart from it.

git says which files belong to the project. The copy is a clone, so that tools that ask git for a
version find one; if the files of the working tree are asked for, they replace those of the clone.
Every function here blocks.
"""

from __future__ import annotations

import contextlib
import enum
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterable, Iterator

import msgspec

from buildd.base.containment import moved
from buildd.base.printable import printable
from buildd.base.safe_open import read_regular
from buildd.base.words import and_more
from buildd.errors import BuilddError
from buildd.files.gitignore import Gitignore

_SUBMODULE = "160000"
"""The mode of a submodule in a commit."""


_LFS_FILES = ("ls-files", "-z", ":(attr:filter=lfs)")
_POINTER = b"version https://git-lfs.github.com/spec/"


class CheckoutSource(enum.StrEnum):
    """Which files a copy has."""

    COMMIT = "commit"
    """The files of the current commit."""
    TRACKED = "tracked"
    """The files under version control, as they are now: what `git commit --all` would commit."""
    PRESENT = "present"
    """Also files that are not yet under version control, but none that git ignores."""


class CheckoutCopy(msgspec.Struct, frozen=True):
    """A copy at `root` of what is at `origin`: a repository, or a project without one.

    If both are the same, there is no copy. `remarks` say in which way the copy is incomplete.
    """

    origin: str
    root: str
    remarks: tuple[str, ...] = ()

    def path(self, original: str) -> str:
        """Return the path in the copy; a path outside the original is returned unchanged."""
        path = moved(original, self.origin, self.root)
        return original if path is None else path

    def at_home(self, encoded: bytes) -> bytes:
        """Replace the copy's paths in JSON by those of the original."""
        before, after = (msgspec.json.encode(path)[1:-1] for path in (self.root, self.origin))
        return encoded.replace(before, after) if before != after else encoded


class _NoCommitError(BuilddError):
    """There is no commit to check out."""


def check_out(project: str, root: str, source: CheckoutSource) -> CheckoutCopy:
    """Copy the project's repository into the empty directory `root`.

    Submodules are copied if they are checked out. Without a commit to start from, PRESENT is every
    file that no `.gitignore` names. Raises BuilddError.
    """
    try:
        origin = _top(project)
        commit = _line(origin, "rev-parse", "--verify", "HEAD^{commit}")
    except _NoCommitError:
        if source is not CheckoutSource.PRESENT:
            raise
        _copy(project, root, _not_ignored(project))
        return CheckoutCopy(project, root)
    _check_out(origin, root, commit, source)
    return CheckoutCopy(origin, root, _remarks(root))


def duplicate(copy: CheckoutCopy, root: str) -> CheckoutCopy:
    """Copy a copy, as it is now, into the empty directory `root`."""
    shutil.copytree(copy.root, root, symlinks=True, dirs_exist_ok=True)
    return CheckoutCopy(copy.origin, root, copy.remarks)


def repository(project: str) -> str:
    """Return the directory of the project's repository; without one, the project's own."""
    try:
        return _top(project)
    except _NoCommitError:
        return project


def strays(project: str, copy: str) -> list[str]:
    """Return the project's files that neither version control nor a run provides.

    `copy` is a clean checkout in which a run has made what it makes. The paths are relative to the
    project. A directory of which the copy has nothing is one entry, ended by a slash. Raises
    BuilddError.
    """
    found: dict[str, None] = {}
    for name in _names(project, "ls-files", "--others", "-z"):
        parts = name.rstrip("/").split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            if not os.path.lexists(os.path.join(copy, path)):
                found[path if depth == len(parts) else f"{path}/"] = None
                break
    return list(found)


def _top(project: str) -> str:
    """The directory of the project's repository. Raises BuilddError."""
    top = _line(project, "rev-parse", "--show-toplevel")
    if not os.path.lexists(os.path.join(top, ".git")):
        # A run in the container can write .git: it must not lead to other files of the user.
        raise BuilddError(
            f"the repository of {project} says that its files are in {top}",
            "Look at `core.worktree` in its .git/config.",
        )
    return top


def _check_out(origin: str, root: str, commit: str, source: CheckoutSource) -> None:
    _git(origin, "clone", "--quiet", "--no-checkout", "--template=", "--", origin, root)
    _git(root, "checkout", "--quiet", "--detach", commit)
    if source is not CheckoutSource.COMMIT:
        _copy(origin, root, _changes(origin, source))
    for entry in _names(root, "ls-tree", "-r", "-z", "HEAD"):
        about, _, path = entry.partition("\t")
        mode, _, recorded = about.split()
        inner = os.path.join(origin, path)
        # A submodule that is not checked out there could only come from the network.
        if mode == _SUBMODULE and os.path.exists(os.path.join(inner, ".git")):
            chosen = (
                recorded if source is CheckoutSource.COMMIT else _line(inner, "rev-parse", "HEAD")
            )
            _check_out(inner, os.path.join(root, path), chosen, source)


def _remarks(root: str) -> tuple[str, ...]:
    """Say if files of the copy are only pointers of Git LFS, because that is not installed."""
    pointers = [name for name in _names(root, *_LFS_FILES) if _is_pointer(f"{root}/{name}")]
    if not pointers:
        return ()
    remark = (
        f"{and_more(pointers)} is only a Git LFS pointer in the clean checkout: install git-lfs "
        "and run `git lfs install`, or use the directory as it is with `--worktree`"
    )
    return (remark,)


def _is_pointer(path: str) -> bool:
    try:
        return read_regular(path, len(_POINTER)) == _POINTER
    except OSError:
        return False


def _changes(origin: str, source: CheckoutSource) -> list[str]:
    # git compares the files' times. To compare content, it would run the repository's filters.
    names = _names(origin, "diff-index", "--name-only", "--ignore-submodules=all", "-z", "HEAD")
    if source is CheckoutSource.PRESENT:
        names += _names(origin, "ls-files", "--others", "--exclude-standard", "-z")
    return names


def _copy(origin: str, root: str, names: Iterable[str]) -> None:
    """Copy these files of the original; remove from the copy those that are gone there."""
    for name in names:
        source, target = (os.path.join(at, name.rstrip("/")) for at in (origin, root))
        mode = _mode(origin, source)
        if mode or _obstacle(root, target) in ("", target):
            _clear(root, target)
        if not mode:
            # git knows no empty directories.
            with contextlib.suppress(OSError):
                os.removedirs(os.path.dirname(target))
        if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                shutil.copy2(source, target, follow_symlinks=False)
        elif name.endswith("/"):  # a repository of its own that is no submodule
            _copy(source, target, _not_ignored(source))


def _mode(origin: str, path: str) -> int:
    """The kind of file; 0 if it does not exist, or is reached only through a symbolic link."""
    if _obstacle(origin, path) not in ("", path):
        return 0
    try:
        return os.lstat(path).st_mode
    except FileNotFoundError:
        return 0


def _obstacle(root: str, path: str) -> str:
    """The first path from `root` to `path`, itself included, that is not a directory; else empty.

    Nothing beyond a link may be touched.
    """
    at = root
    for part in os.path.relpath(path, root).split(os.sep):
        at = os.path.join(at, part)
        if os.path.islink(at) or not os.path.isdir(at):
            return at
    return ""


def _clear(root: str, target: str) -> None:
    """Make room: a file may replace a directory, and the other way round."""
    if obstacle := _obstacle(root, target):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(obstacle)
    else:
        shutil.rmtree(target)


def _not_ignored(directory: str) -> Iterator[str]:
    """Every file below the directory that no `.gitignore` names, relative to it."""
    ignored = Gitignore(directory)
    for folder, folders, files in os.walk(directory):
        paths = [os.path.join(folder, name) for name in (*folders, *files)]
        wanted = [path for path in paths if not ignored.covers(path)]
        folders[:] = [
            os.path.basename(path)
            for path in wanted
            if os.path.isdir(path) and not os.path.islink(path)
        ]
        yield from (
            os.path.relpath(path, directory)
            for path in wanted
            if os.path.islink(path) or not os.path.isdir(path)
        )


def _names(directory: str, *arguments: str) -> list[str]:
    """The names that git lists, each ended by a NUL."""
    return [os.fsdecode(name) for name in _git(directory, *arguments).split(b"\0") if name]


def _line(directory: str, *arguments: str) -> str:
    return os.fsdecode(_git(directory, *arguments).removesuffix(b"\n"))


def _git(directory: str, *arguments: str) -> bytes:
    # The variables of a git hook would lead git to another repository.
    kept = ("GIT_CONFIG", "GIT_EXEC_PATH")
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(kept)
    }
    env |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    # Neither may start a program of the repository.
    quiet = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
    try:
        done = subprocess.run(
            ["git", *quiet, "-C", directory, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise _NoCommitError(
            "git is not installed, and only git knows which files belong to the project",
            "Install it.",
        ) from error
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace").strip()
    if found := re.search(r"not a git repository: (.+)", said):
        raise _NoCommitError(
            f"the .git of {directory} leads to {printable(found[1])}, which is no repository",
            "If that was moved, run `git worktree repair` there; if not, clone it again.",
        )
    if "not a git repository" in said:
        raise _NoCommitError(
            f"{directory} is not under version control, so there is no clean checkout of it",
            "Run `git init` and make a first commit.",
        )
    if arguments[0] == "rev-parse":
        raise _NoCommitError(f"{directory} has no commit yet", "Make the first one.")
    raise BuilddError(f"git {arguments[0]} failed in {directory}: {' '.join(said.split())}")
