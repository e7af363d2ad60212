"""This module mounts the git directory of a worktree or submodule, which is outside the project.

Only a git directory that verifiably belongs to the project is mounted; for others there is a
remark, because a downloaded project can contain a `.git` that leads anywhere.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

import msgspec

from buildd.base.containment import is_below
from buildd.base.printable import printable
from buildd.config.values import ValueProblemError, container_path
from buildd.files.git_layout import Checkout, alternates, checkouts, redirected_config
from buildd.files.outside_links import mount_line
from buildd.files.path_map import to_container, to_host
from buildd.model import EngineName, Environment, Mount, Project


class GitNeeds(msgspec.Struct, frozen=True):
    """The mounts that git needs, and sentences about what it will miss in the container."""

    mounts: tuple[Mount, ...] = ()
    remarks: tuple[str, ...] = ()


def with_git_links(project: Project) -> Project:
    """Return the project with its `.git` files among its files, so that consent covers them.

    It reads git's files.
    """
    found = checkouts(project.path)
    if not any(checkout.link for checkout in found):
        return project
    sources = {
        mount.source
        for environment in project.environments.values()
        for mount in git_needs(project.path, environment, found).mounts
    }
    links = [
        os.path.join(checkout.path, ".git")
        for checkout in found
        if checkout.link and (checkout.path == project.path or checkout.common in sources)
    ]
    return msgspec.structs.replace(project, files=(*project.files, *links))


def git_needs(project: str, environment: Environment, found: list[Checkout]) -> GitNeeds:
    """Return what git needs for the project's checkouts `found` in this environment."""
    if environment.engine is EngineName.HOST:
        return GitNeeds()
    own = Mount(source=project, target=environment.project_target or project)
    known = [own, *environment.mounts]
    mounts: list[Mount] = []
    remarks: list[str] = []
    for checkout in found:
        if redirected := redirected_config(checkout):
            remarks.append(
                f"git obeys the configuration in {printable(redirected)}, because of "
                f"{printable(os.path.join(checkout.git, 'commondir'))}. If you did not write that "
                "file, a program in a container did: remove it before you use git"
            )
        path = to_container(checkout.path, [own]) or own.target
        inside = posixpath.normpath(posixpath.join(path, checkout.link or ".git"))
        outside = to_host(inside, [*known, *mounts])
        if outside and checkout.git and os.path.realpath(outside) == checkout.git:
            remarks += _missing_objects(checkout, [*known, *mounts])
            continue
        up = os.path.relpath(checkout.common, checkout.git) if checkout.git else ""
        target = posixpath.normpath(posixpath.join(inside, up))
        problem = _problem(checkout, path, target, known)
        if not problem:
            try:
                mounts.append(Mount(source=checkout.common, target=container_path(target)))
            except ValueProblemError as error:
                problem = f"needs a repository whose path in the container {error}"
        if problem:
            dot = printable(os.path.join(checkout.path, ".git"))
            remarks.append(f"git does not work in the environment: {dot} {problem}")
    return GitNeeds(tuple(mounts), tuple(remarks))


def _missing_objects(checkout: Checkout, mounts: list[Mount]) -> Iterator[str]:
    """Yield remarks about objects of other repositories that are not in the container."""
    objects = os.path.join(checkout.common, "objects")
    inside = to_container(objects, mounts)
    for name in alternates(checkout.common) if inside else ():
        target = posixpath.normpath(posixpath.join(inside or "", name))
        real = os.path.realpath(os.path.join(objects, name))
        mounted = to_host(target, mounts)
        if mounted is None or os.path.realpath(mounted) != real:
            yield (
                f"git misses objects in the environment: {printable(objects)} uses those in "
                f"{printable(real)}, which is not mounted. To mount it, add "
                f"{mount_line(real, target, read_only=True)}"
            )


def _problem(checkout: Checkout, path: str, target: str, mounts: list[Mount]) -> str:
    """Return why a checkout's repository is not mounted, or empty if it may be.

    The text continues after the name of its `.git`. `path` is the checkout's path in the
    container, and `target` the repository's.
    """
    link = printable(checkout.link)
    if not checkout.git:
        return (
            f"leads to {link}, which does not exist. If the repository was moved, run "
            "`git worktree repair` there"
        )
    writable = [mount.source for mount in mounts if not mount.read_only]
    if not checkout.is_own or any(is_below(checkout.git, source) for source in writable):
        # A git directory that the container can write to could claim anything.
        return (
            f"leads to {link}, which does not name this directory as its own. To mount it anyway, "
            f"add {mount_line(checkout.common, target)}"
        )
    if is_below(checkout.path, checkout.common):
        return (
            f"leads to {link}, whose repository {printable(checkout.common)} contains this "
            "directory. Move the repository into a directory of its own, for example `.bare` "
            "beside this one"
        )
    if checkout.common != checkout.git and path != checkout.path:
        # Once a day, git records the worktree's path, which would be the container's.
        return "belongs to a worktree, which git considers moved at another path. Remove `mount`"
    expected = posixpath.normpath(posixpath.join(target, checkout.worktree))
    if checkout.worktree and expected != path:
        return (
            f"belongs to a submodule, and its repository expects it at {printable(expected)}, not "
            f"at {printable(path)}. Remove `mount`, or let it end with the directory's name"
        )
    return ""
