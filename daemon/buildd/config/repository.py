"""What git needs of the host outside of a project: a worktree's or a submodule's repository.

Only what is verifiably the project's own is mounted; for all else there is a remark. An archive
from anywhere can hold a `.git` that leads to anything.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

import msgspec

from buildd.base.printable import printable
from buildd.config.container_path import container_path
from buildd.config.values import ValueProblemError
from buildd.files.git_layout import Checkout, alternates, checkouts, led_away
from buildd.files.outside_links import line
from buildd.files.path_map import to_container, to_host
from buildd.model import EngineName, Environment, Mount, Project


class GitNeeds(msgspec.Struct, frozen=True):
    """What to mount, and what git will miss inside, in lines for a person."""

    mounts: tuple[Mount, ...] = ()
    remarks: tuple[str, ...] = ()


def with_links(project: Project) -> Project:
    """The project, its files with those by which git is led out of it: consent covers where they
    lead. Reads git's files."""
    found = checkouts(project.path)
    if not any(checkout.link for checkout in found):
        return project
    sources = {
        mount.source
        for environment in project.environments.values()
        for mount in needed(project.path, environment, found).mounts
    }
    links = [
        os.path.join(checkout.path, ".git")
        for checkout in found
        if checkout.link and (checkout.path == project.path or checkout.common in sources)
    ]
    return msgspec.structs.replace(project, files=(*project.files, *links))


def needed(project: str, environment: Environment, found: list[Checkout]) -> GitNeeds:
    """What git needs for the checkouts `found` in the project, in this environment."""
    if environment.engine is EngineName.HOST:
        return GitNeeds()
    own = Mount(source=project, target=environment.project_target or project)
    seen = [own, *environment.mounts]
    mounts: list[Mount] = []
    remarks: list[str] = []
    for checkout in found:
        if away := led_away(checkout):
            remarks.append(
                f"git obeys the configuration in {printable(away)}, because of "
                f"{printable(os.path.join(checkout.git, 'commondir'))}. If you have not written "
                "that file, something in a container did: remove it before you use git"
            )
        where = to_container(checkout.path, [own]) or own.target
        inside = posixpath.normpath(posixpath.join(where, checkout.link or ".git"))
        outside = to_host(inside, [*seen, *mounts])
        if outside and checkout.git and os.path.realpath(outside) == checkout.git:
            remarks += _lacking(checkout, [*seen, *mounts])
            continue
        up = os.path.relpath(checkout.common, checkout.git) if checkout.git else ""
        target = posixpath.normpath(posixpath.join(inside, up))
        wrong = _wrong(checkout, where, target, seen)
        if not wrong:
            try:
                mounts.append(Mount(source=checkout.common, target=container_path(target)))
            except ValueProblemError as problem:
                wrong = f"the place of its repository in the container {problem}"
        if wrong:
            dot = printable(os.path.join(checkout.path, ".git"))
            remarks.append(f"git does not work in the environment: {dot} {wrong}")
    return GitNeeds(tuple(mounts), tuple(remarks))


def _lacking(checkout: Checkout, seen: list[Mount]) -> Iterator[str]:
    """On objects that the repository borrows from where the container sees nothing."""
    objects = os.path.join(checkout.common, "objects")
    inside = to_container(objects, seen)
    for name in alternates(checkout.common) if inside else ():
        leads = posixpath.normpath(posixpath.join(inside or "", name))
        real = os.path.realpath(os.path.join(objects, name))
        found = to_host(leads, seen)
        if found is None or os.path.realpath(found) != real:
            yield (
                f"git misses objects in the environment: {printable(objects)} borrows those of "
                f"{printable(real)}, which is not seen. If they are yours to show, add "
                f"{line(real, leads, read_only=True)}"
            )


def _wrong(checkout: Checkout, where: str, target: str, seen: list[Mount]) -> str:
    """Why the checkout at `where` in the container does not get its repository at `target`, in
    words that follow the name of its `.git`; empty if it may."""
    link = printable(checkout.link)
    if not checkout.git:
        return (
            f"leads to {link}, which does not exist. If the repository was moved, "
            "`git worktree repair` there mends it"
        )
    writable = [mount.source for mount in seen if not mount.read_only]
    if not checkout.is_own or any(_is_below(checkout.git, source) for source in writable):
        # What can be written inside proves nothing.
        return (
            f"leads to {link}, which does not name this directory as its own. If you want it to "
            f"be seen, add {line(checkout.common, target)}"
        )
    if _is_below(checkout.path, checkout.common):
        return (
            f"leads to {link}, whose repository {printable(checkout.common)} holds this directory, "
            "too. Move it into a directory of its own, as `.bare` beside this one"
        )
    if checkout.common != checkout.git and where != checkout.path:
        # Once a day, git writes down where the worktree is: as it is seen inside.
        return "is a worktree's, which git takes for moved at another path. Leave out `mount`"
    lands = posixpath.normpath(posixpath.join(target, checkout.worktree))
    if checkout.worktree and lands != where:
        return (
            f"is a submodule's, and its repository looks for it at {printable(lands)}, not at "
            f"{printable(where)}. Leave out `mount`, or let it end as the directory is called"
        )
    return ""


def _is_below(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
