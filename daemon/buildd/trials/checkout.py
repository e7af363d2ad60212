"""A copy of a project's files, to run its tasks apart from it: as committed, or as they are now.

git tells what belongs to the project. The copy has a repository of its own, so that what asks git
for a version finds one. What runs in the project's containers can write all that is copied, and go
on writing it meanwhile: no link is followed, and no configuration of git's is obeyed. Every
function blocks.
"""

from __future__ import annotations

import enum
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

import msgspec

from buildd.base.beneath import FileTree
from buildd.base.containment import moved, relative_to
from buildd.base.printable import printable
from buildd.errors import BuilddError
from buildd.files import git_index
from buildd.files.git_index import IndexEntry
from buildd.files.git_layout import checkout_at
from buildd.trials import repository as repositories
from buildd.trials.copying import copy_files, copy_tree
from buildd.trials.git import NoGitError, PrivateGit
from buildd.trials.large_files import fill_in
from buildd.trials.repository import NoCommitError, Repository, opened
from buildd.trials.untracked import LIMIT, Ignored, untracked, users_patterns

_ENCODINGS = re.compile(r"(?i)unspecified|set|unset|utf-?(8|16|32)([bl]e)?(-bom)?")
"""Those that git converts itself, or by the simplest part of the system's library."""

_HASHED = 1 << 30
"""Bytes of the largest file of which git tells whether it has changed: it reads all of it, also
where that is a hole."""

_NESTED = 16
"""Submodules in submodules."""


class CheckoutSource(enum.StrEnum):
    """Which files a copy has."""

    COMMIT = "commit"
    """Those of the present commit."""
    TRACKED = "tracked"
    """Those under version control, as they are now: what `git commit --all` would commit."""
    PRESENT = "present"
    """Those too that are not yet under version control; none that git ignores."""


class CheckoutCopy(msgspec.Struct, frozen=True):
    """A copy at `root` of what is at `origin`: a repository, or a project without one. Where both
    are the same, there is no copy. `remarks` say what it has not as one may expect."""

    origin: str
    root: str
    remarks: tuple[str, ...] = ()

    def path(self, original: str) -> str:
        """Where the copy has this file or directory; what lies outside stays as it is."""
        found = moved(original, self.origin, self.root)
        return original if found is None else found

    def at_home(self, encoded: bytes) -> bytes:
        """JSON in which the copy's paths are the original's."""
        before, after = (msgspec.json.encode(path)[1:-1] for path in (self.root, self.origin))
        return encoded.replace(before, after) if before != after else encoded


def check_out(project: str, root: str, source: CheckoutSource) -> CheckoutCopy:
    """Make the copy of the project's repository, as far as that is checked out, in the directory
    `root`, which is empty or made, and nobody else's. Without a commit to start from, PRESENT is
    what `.gitignore` leaves.

    Raises BuilddError.
    """
    project, root = os.path.realpath(project), os.path.realpath(root)
    os.makedirs(root, exist_ok=True)
    try:
        try:
            repository = repositories.find(project)
            remarks = _check_out(repository, root, source)
            return CheckoutCopy(repository.top, root, tuple(remarks))
        except (NoCommitError, NoGitError):
            if source is not CheckoutSource.PRESENT:
                raise
        with FileTree(project) as origin, FileTree(root) as copy:
            _copy_unversioned(origin, copy)
        return CheckoutCopy(project, root)
    except OSError as error:
        raise BuilddError(
            f"{error.filename} cannot be copied: {error.strerror}",
            "It may be changing just now: try again.",
        ) from error


def duplicate(copy: CheckoutCopy, root: str) -> CheckoutCopy:
    """Another copy, of the copy as it is; `root` is a directory that is empty, or made."""
    root = os.path.realpath(root)
    os.makedirs(root, exist_ok=True)
    with FileTree(copy.root) as source, FileTree(root) as target:
        copy_tree(source, target)
    return CheckoutCopy(copy.origin, root, copy.remarks)


def repository(project: str) -> str:
    """The directory of the repository that the project is in; its own without one."""
    try:
        return repositories.find(project).top
    except BuilddError:
        return project


def strays(project: str, copy: str) -> list[str]:
    """The files of the project that are not under version control, and that its copy at `copy` has
    not either, after a run has made there what it makes; relative to it. A directory of which the
    copy has nothing is one, ended by a slash. Raises BuilddError."""
    project = os.path.realpath(project)
    found = repositories.find(project)
    names: set[str] = set()
    submodules: set[str] = set()
    for entry in found.index():
        path = relative_to(os.path.join(found.top, os.fsdecode(entry.path)), project)
        if path:
            (submodules if entry.mode == git_index.SUBMODULE else names).add(path)
    with FileTree(project) as origin, FileTree(os.path.realpath(copy)) as made:

        def is_made(path: str) -> bool:
            return made.status(path.rstrip("/")) is not None

        others = untracked(origin, names, submodules, enter=is_made)
        return sorted(path for path in others if not is_made(path))


def _check_out(
    repository: Repository, root: str, source: CheckoutSource, commit: str = "", depth: int = 0
) -> list[str]:
    """Have the files of a repository at `root`, those of its present commit if no other is named;
    remarks."""
    directory = f"{root}.{secrets.token_hex(4)}.git"
    os.mkdir(directory)
    try:
        git = PrivateGit(directory, root, repository.top)
        repositories.copy(repository, git)
        if commit:
            git.run("update-ref", "--no-deref", "HEAD", commit)
        git.run("read-tree", "HEAD")
        if source is CheckoutSource.COMMIT:
            remarks = _write_committed(repository, git)
            modules = _committed_submodules(git)
        else:
            remarks = []
            modules = _write_present(repository, git, source)
        os.rename(directory, os.path.join(root, ".git"))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    for path, chosen in modules.items():
        place = os.path.join(repository.top, path)
        checkout = checkout_at(place) if os.path.realpath(place) == place else None
        # One that is not checked out there, is not to be had without the network.
        if checkout and depth < _NESTED:
            with FileTree(root) as copy:
                copy.make_directory(path)
            try:
                inner = repositories.at(checkout)
                remarks += _check_out(inner, os.path.join(root, path), source, chosen, depth + 1)
            except NoCommitError as error:
                raise BuilddError(
                    f"the submodule {place}: {error.message}", error.remedy
                ) from error
    return remarks


def _write_committed(repository: Repository, git: PrivateGit) -> list[str]:
    """Write the files of the commit; remarks on those that are not what a clone would have."""
    names = git.names("ls-files", "-z")
    remarks: list[str] = []
    attributes: dict[str, dict[str, str]] = {}
    if any(os.path.basename(name) == ".gitattributes" for name in names):
        attributes = _attributes(git, names, "filter", "working-tree-encoding")
    encodings = attributes.get("working-tree-encoding", {})
    with (
        _overruled(git) if not all(map(_ENCODINGS.fullmatch, encodings.values())) else nullcontext()
    ):
        git.run("read-tree", "--reset", "-u", "HEAD")
    for path, encoding in encodings.items():
        if not _ENCODINGS.fullmatch(encoding):
            remarks.append(
                f"{path} is UTF-8 in the clean checkout, not {encoding} as its "
                "`working-tree-encoding` says"
            )
            break
    large = [path for path, name in attributes.get("filter", {}).items() if name == "lfs"]
    return [*remarks, *map(printable, fill_in(repository.common, git.root, large))]


def _attributes(git: PrivateGit, names: list[str], *wanted: str) -> dict[str, dict[str, str]]:
    """For each of these attributes, its value for each file."""
    given = os.fsencode("\0".join([*names, ""]))
    told = git.names("check-attr", "-z", "--stdin", "--cached", *wanted, given=given)
    found: dict[str, dict[str, str]] = {name: {} for name in wanted}
    for path, name, value in zip(told[::3], told[1::3], told[2::3], strict=True):
        found[name][path] = value
    return found


@contextmanager
def _overruled(git: PrivateGit) -> Iterator[None]:
    """Meanwhile, git converts no encodings: which ones there are, and how well the system's library
    can deal with what it is given, is not for a build to choose."""
    path = os.path.join(git.directory, "info", "attributes")
    with open(path, "xb") as file:
        file.write(b"* !working-tree-encoding\n")
    try:
        yield
    finally:
        os.unlink(path)


def _committed_submodules(git: PrivateGit) -> dict[str, str]:
    """The submodules of the commit, each with its own commit."""
    found = {}
    for entry in git.names("ls-files", "-z", "--stage"):
        about, _, path = entry.partition("\t")
        mode, commit, _ = about.split()
        if int(mode, 8) == git_index.SUBMODULE:
            found[path] = commit
    return found


def _write_present(
    repository: Repository, git: PrivateGit, source: CheckoutSource
) -> dict[str, str]:
    """Write the files as they are now; the submodules."""
    kinds: dict[str, IndexEntry] = {os.fsdecode(entry.path): entry for entry in repository.index()}
    modules = {path: "" for path, entry in kinds.items() if entry.mode == git_index.SUBMODULE}
    # git itself does not look at the others, which may be anything.
    assumed = {path for path, entry in kinds.items() if entry.assumed}
    with FileTree(repository.top) as origin, FileTree(git.root) as copy:
        files = (path for path in kinds if path not in modules and path not in assumed)
        later = copy_files(origin, filter(_is_plain, files), copy, _HASHED)
        if source is CheckoutSource.PRESENT:
            with opened(repository.common) as common:
                outer = [*users_patterns(), common.read("info/exclude", LIMIT) or b""]
            covers = Ignored(origin, outer).covers
            _copy_paths(origin, untracked(origin, kinds, modules, covers), copy)
    if assumed:
        folders = tuple(path for path in assumed if path.endswith("/"))
        names = [
            path
            for path in git.names("ls-files", "-z")
            if path in assumed or (folders and path.startswith(folders))
        ]
        given = os.fsencode("\0".join([*names, ""]))
        git.run("checkout-index", "-q", "-z", "--stdin", given=given)
    with _overruled(git):
        # So that nobody takes an unchanged file for a changed one; its status says whether any is.
        git.run("update-index", "-q", "--refresh", may_fail=True)
    with FileTree(repository.top) as origin, FileTree(git.root) as copy:
        copy_files(origin, later, copy)
    return modules


def _is_plain(path: str) -> bool:
    """Whether a path that an index names may be one of a working tree."""
    return not any(part.lower() == ".git" for part in path.split("/"))


def _copy_unversioned(origin: FileTree, copy: FileTree) -> None:
    """Copy what no `.gitignore` names."""
    _copy_paths(origin, untracked(origin, (), covers=Ignored(origin).covers), copy)


def _copy_paths(origin: FileTree, paths: Iterable[str], copy: FileTree) -> None:
    """Copy what `untracked` gives: of a repository of its own, that is no submodule, the files."""
    for path in paths:
        if path.endswith("/"):
            inner = path.rstrip("/")
            copy.make_directory(inner)
            with FileTree(origin.absolute(inner)) as source, FileTree(copy.absolute(inner)) as to:
                _copy_unversioned(source, to)
        else:
            copy_files(origin, [path], copy)
