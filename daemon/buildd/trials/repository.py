"""The repository that a project is in, and a copy of it that obeys nothing which is written there.

What runs in a container can write all of it. So its files are taken as what they are: objects,
references, and the list of what is under version control. No configuration, no hook and no list
of other repositories comes along, and only regular files do. Every function blocks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from buildd.base.beneath import FileTree
from buildd.base.containment import is_below
from buildd.base.printable import printable
from buildd.base.safe_open import NotAFileError
from buildd.errors import BuilddError
from buildd.files import git_config, git_index
from buildd.files.git_index import IndexEntry
from buildd.files.git_layout import Checkout, checkout_at
from buildd.model import Frozen
from buildd.trials.copying import copy_content
from buildd.trials.git import PrivateGit

REFERENCES = ("refs/heads", "refs/tags", "refs/remotes")
"""What is taken of them: not what replaces objects, not what is stashed away."""

ALTERNATES = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
"""The user's own word on where else objects are."""

_CONFIGURATION = 1 << 20
_REFERENCE = 4 << 10
_PACKED = 256 << 20
_LISTS = 16 << 20
"""The most bytes that are read of each."""

_OBJECT = re.compile(r"[0-9a-f]{38}(?:[0-9a-f]{24})?")
_PACK = re.compile(r"pack-[0-9a-f]{40,64}\.(?:pack|idx)")
_DEPTH = 5
"""How far objects may be borrowed from who borrows them."""


class NoCommitError(BuilddError):
    """There is nothing to make a clean checkout of."""


class Repository(Frozen, frozen=True):
    """The files at `top` are under version control; `git` is what git keeps of this checkout alone,
    `common` what it shares with others: as in `Checkout`."""

    top: str
    git: str
    common: str

    @property
    def hash_size(self) -> int:
        """Bytes of the name of an object."""
        return 32 if self.configuration().get("extensions.objectformat") == "sha256" else 20

    def configuration(self) -> dict[str, str]:
        """What its configuration says, to be obeyed nowhere. Raises BuilddError."""
        with opened(self.common) as tree:
            text = tree.read("config", _CONFIGURATION) or b""
        try:
            return git_config.parse(text.decode("utf-8", "replace"))
        except git_config.GitConfigError as error:
            raise BuilddError(f"{self.common}/config is not git's: {error}") from error

    def index(self) -> list[IndexEntry]:
        """What is under version control. Raises BuilddError."""
        with opened(self.git) as tree:
            if not tree.status("index"):
                return []
            data = tree.read("index", git_index.LIMIT)
            if data is None:
                raise BuilddError(f"{self.git}/index is not a file that can be read, or too long")
            try:
                return git_index.entries(
                    data, self.hash_size, lambda name: tree.read(name, git_index.LIMIT)
                )
            except git_index.GitIndexError as error:
                raise BuilddError(
                    f"{self.git}/index cannot be read: {error}",
                    "Move it away, and `git reset` makes it anew.",
                ) from error


def find(directory: str) -> Repository:
    """The repository that a directory is in. Raises NoCommitError if it is in none, BuilddError if
    it is in one that may be somebody else's."""
    top = os.path.realpath(directory)
    while not (checkout := checkout_at(top)) or not _is_repository(checkout):
        top, before = os.path.dirname(top), top
        if top == before:
            raise NoCommitError(
                f"{directory} is not under version control, so that there is no clean checkout of "
                "it",
                "`git init` and a first commit make one.",
            )
    return at(checkout)


def at(checkout: Checkout) -> Repository:
    """The repository of a checkout. Raises BuilddError where it may be somebody else's."""
    dot = os.path.join(checkout.path, ".git")
    if not checkout.git:
        raise NoCommitError(
            f"the .git of {checkout.path} leads to {printable(checkout.link)}, which is no "
            "repository",
            "If that was moved, `git worktree repair` there mends it; if not, clone it anew.",
        )
    inside = all(is_below(path, checkout.path) for path in (checkout.git, checkout.common))
    if checkout.link and not checkout.is_own and not inside:
        raise BuilddError(
            f"{dot} leads to {checkout.common}, which does not name this directory as its own",
            "Look at what has written it. If it is right, `git worktree repair` has it named.",
        )
    if checkout.link:
        return Repository(checkout.path, checkout.git, checkout.common)
    found = Repository(checkout.path, dot, dot)
    led = found.configuration().get("core.worktree")
    if led and os.path.realpath(os.path.join(dot, led)) != checkout.path:
        # What a run in the container can write there must not lead to the user's other files.
        raise BuilddError(
            f"the repository of {checkout.path} says that its files are in {printable(led)}",
            "Look at `core.worktree` in its .git/config.",
        )
    return found


def copy(repository: Repository, git: PrivateGit) -> str:
    """Make a repository of the same objects and references, with a configuration of its own, in
    the private directory, which is empty; the present commit there, which it is at. Raises
    NoCommitError without one."""
    configuration = repository.configuration()
    object_format = configuration.get("extensions.objectformat", "sha1")
    if object_format not in ("sha1", "sha256"):
        raise BuilddError(f"{repository.common} names its objects in a way that is not known")
    storage = configuration.get("extensions.refstorage", "files")
    if storage != "files":
        raise BuilddError(
            f"{repository.common} keeps its references as a {printable(storage)}, which buildd "
            "does not read",
            "`git refs migrate --ref-format=files` writes them as files.",
        )
    try:
        with FileTree(git.directory) as target, opened(repository.common) as source:
            for directory in ("objects/pack", "refs/heads", "info"):
                target.make_directory(directory)
            _write(target, "config", _configuration(object_format))
            refused = list(_take_objects(target, source))
            _copy_references(target, source)
            with opened(repository.git) as own:
                _write(target, "HEAD", own.read("HEAD", _REFERENCE) or b"")
    except OSError as error:
        raise BuilddError(f"{error.filename} cannot be copied: {error.strerror}") from error
    if refused:
        git.remedy = (
            f"{repository.common} borrows objects from elsewhere, as what runs in a container may "
            f"have had it do. If it is right, set {ALTERNATES} to {printable(':'.join(refused))}."
        )
    return _at_commit(git, repository)


def _is_repository(checkout: Checkout) -> bool:
    """Whether git would take it for one; what leads to one that is gone, is one too."""
    if checkout.link:
        return True
    return all(
        os.path.lexists(os.path.join(checkout.git, name)) for name in ("HEAD", "objects", "refs")
    )


def opened(directory: str) -> FileTree:
    """A directory of git's. Raises BuilddError where it cannot be opened."""
    try:
        return FileTree(directory)
    except OSError as error:
        raise BuilddError(
            f"{error.filename} cannot be opened: {error.strerror}",
            "No symbolic link is followed in a repository.",
        ) from error


def _configuration(object_format: str) -> bytes:
    text = "[core]\n\trepositoryformatversion = {}\n\tfilemode = true\n\tbare = false\n"
    if object_format == "sha1":
        return text.format(0).encode()
    return (text.format(1) + f"[extensions]\n\tobjectformat = {object_format}\n").encode()


def _take_objects(target: FileTree, source: FileTree) -> Iterator[str]:
    """Have all objects that are in `source`, and those of the repositories from which it borrows,
    as far as these are its own or the user has named them. The directories that were left out."""
    named = [os.path.realpath(path) for path in os.environ.get(ALTERNATES, "").split(":") if path]
    waiting = [(os.path.join(source.root, "objects"), _DEPTH)]
    waiting += [(path, _DEPTH) for path in named]
    seen = set()
    for path, depth in waiting:
        if path in seen or not depth:
            continue
        seen.add(path)
        try:
            tree = FileTree(path)
        except OSError:
            yield path
            continue
        with tree:
            _take_directory(target, tree)
            borrowed = (tree.read("info/alternates", _LISTS) or b"").splitlines()
        for line in borrowed:
            if line and not line.startswith(b"#"):
                real = os.path.realpath(os.path.join(path, os.fsdecode(line)))
                if real in named or is_below(real, source.root):
                    waiting.append((real, depth - 1))
                else:
                    yield real


def _take_directory(target: FileTree, objects: FileTree) -> None:
    for folder, _ in objects.entries():
        fitting = _PACK if folder == "pack" else _OBJECT
        if folder != "pack" and not re.fullmatch(r"[0-9a-f]{2}", folder):
            continue
        try:
            names = [name for name, _ in objects.entries(folder) if fitting.fullmatch(name)]
        except OSError:
            continue
        for name in names:
            path = f"{folder}/{name}"
            # Objects never change: a second name does as well as a copy.
            if not target.hard_link(f"objects/{path}", objects, path):
                gone = suppress(FileExistsError, FileNotFoundError, NotAFileError)
                with gone, objects.open(path) as file:
                    copy_content(file, target, f"objects/{path}")


def _copy_references(target: FileTree, source: FileTree) -> None:
    for folder in REFERENCES:
        for path, _ in source.below(folder):
            if content := source.read(path, _REFERENCE):
                _write(target, path, content)
    lines = (source.read("packed-refs", _PACKED) or b"").splitlines(keepends=True)
    wanted = tuple(f"{folder}/".encode() for folder in REFERENCES)
    kept: list[bytes] = []
    is_kept = True
    for line in lines:
        if not line.startswith(b"^"):  # which belongs to the line before it
            is_kept = line.startswith(b"#") or line.partition(b" ")[2].startswith(wanted)
        if is_kept:
            kept.append(line)
    _write(target, "packed-refs", b"".join(kept))
    if shallow := source.read("shallow", _LISTS):
        _write(target, "shallow", shallow)


def _at_commit(git: PrivateGit, repository: Repository) -> str:
    said = git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", may_fail=True)
    if not (commit := said.decode().strip()):
        raise NoCommitError(
            f"{repository.top} has no commit yet", git.remedy or "Make the first one."
        )
    git.run("update-ref", "--no-deref", "HEAD", commit)
    return commit


def _write(target: FileTree, path: str, content: bytes) -> None:
    with os.fdopen(target.create(path), "wb") as file:
        file.write(content)
