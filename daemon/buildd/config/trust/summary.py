"""This module describes what a project does if it is trusted, for the user who decides.

Capitals mark what gives the project power beyond its own container.
"""

from __future__ import annotations

import shlex

from buildd.base.containment import relative_to
from buildd.base.printable import printable
from buildd.base.variables import host_variables
from buildd.base.words import command_line
from buildd.config.repository import git_needs
from buildd.config.trust.grants import is_engine_socket
from buildd.files.git_layout import checkouts
from buildd.model import (
    EngineName,
    Environment,
    Mount,
    OnChange,
    Project,
    Pull,
    RunImage,
    Steps,
    Task,
)


def summary(project: Project) -> tuple[str, ...]:
    """Return printable lines about every environment, task and image, complete and uncut."""
    lines = [f"configuration: {printable(_shown(project.config_file, project))}"]
    for environment in project.environments.values():
        lines += _environment(environment, project)
    for task in project.tasks.values():
        lines += _task(task, project)
    for image in project.images.values():
        lines += _image(image, project)
    for remark in project.remarks:
        where = f"{_shown(remark.span.file, project)}:{remark.span.line}"
        lines.append(printable(f"{where}: {remark.message}"))
    return tuple(lines)


_USERS = {
    "host": "you",
    "image": "the image's own user",
    "root": "root (new files in the project may belong to root)",
}


def _environment(environment: Environment, project: Project) -> list[str]:
    name = environment.name
    variables = _variables(environment.env)
    if environment.engine is EngineName.HOST:
        warning = "ON THIS MACHINE, without a container, and can do everything that you can"
        return [f"environment {name}: commands run as you {warning}", *variables]
    source = (
        f"an image built from {_shown(environment.dockerfile, project)}"
        if environment.dockerfile
        else f"the image {environment.image}"
    )
    lines = [f"environment {name}: a container ({environment.engine}) with {printable(source)}"]
    lines += _build(environment, project)
    user = _USERS.get(environment.user, f"the image's user {environment.user}, with your ids")
    lines.append(f"    commands run as {user}")
    at = ""
    if environment.project_target != project.path:
        at = f", at {environment.project_target}"
    lines.append(printable(f"    can read and write this project{at}"))
    lines += [_mount(mount) for mount in environment.mounts]
    git = git_needs(project.path, environment, checkouts(project.path))
    lines += [f"{_mount(mount)}: this project's own repository" for mount in git.mounts]
    if not environment.protect_git:
        lines.append("    CAN WRITE GIT'S HOOKS AND CONFIGURATION, which git on this machine obeys")
    lines += [
        f"    keeps {printable(cache.path)} in the cache {name}"
        + (", SHARED WITH OTHER PROJECTS" if cache.shared else "")
        for name, cache in environment.caches.items()
    ]
    lines += variables
    lines += _hooks("runs after the container was created", environment.on_create)
    lines += _hooks("runs each time it becomes warm", environment.on_start)
    lines += _limits(environment)
    return lines


def _limits(environment: Environment) -> list[str]:
    """Return lines about the environment's privileges and limits."""
    limits = environment.limits
    lines = []
    if environment.ssh_agent:
        lines.append("    CAN USE YOUR SSH AGENT, and so log in wherever your keys can")
    if environment.sudo:
        lines.append(
            "    CAN BECOME ROOT in the container, and write mounted files as this machine's root "
            "unless the engine is rootless"
        )
    if limits.cap_add:
        names = " ".join(limits.cap_add)
        lines.append(
            f"    HAS THE CAPABILITIES {names}; some let root in the container control this machine"
        )
    if limits.gpus:
        lines.append(f"    GPUs: {'all' if limits.gpus < 0 else limits.gpus}")
    if not limits.processes:
        lines.append("    HAS NO LIMIT ON PROCESSES, and so can make this machine unusable")
    lines.append(f"    network: {'yes' if limits.network else 'none'}")
    return lines


def _build(environment: Environment, project: Project) -> list[str]:
    """Return lines about the build of the environment's image."""
    lines = []
    if environment.target:
        lines.append(f"    builds the stage {printable(environment.target)}")
    if environment.context:
        context = printable(_shown(environment.context, project))
        lines.append(f"    its build gets the files of {context} that the Dockerfile copies")
    if environment.build_args:
        lines.append(f"    its build gets the arguments {_pairs(environment.build_args)}")
    for name, path in environment.secrets.items():
        lines.append(
            f"    ITS BUILD CAN READ {printable(_shown(path, project))}, the secret {name}"
        )
    if environment.dockerfile and environment.on_change is OnChange.ASK:
        lines.append("    asks before it rebuilds the image")
    if environment.pull is not Pull.MISSING:
        lines.append(f"    pulls images: {environment.pull}")
    return lines


def _mount(mount: Mount) -> str:
    access = "can read" if mount.read_only else "CAN READ AND WRITE"
    line = f"    {access} {printable(mount.source)}, at {printable(mount.target)}"
    if is_engine_socket(mount.source):
        line += "; THROUGH THIS SOCKET IT CONTROLS THE ENGINE, and so this machine"
    return line


def _task(task: Task, project: Project) -> list[str]:
    when = "on request"
    if task.on_save:
        patterns = " ".join(map(printable, task.on_save))
        when = f"on request, and WHENEVER A FILE IS SAVED that matches {patterns}"
    directory = ""
    if task.directory and task.directory != project.path:
        directory = f", in the directory {printable(_shown(task.directory, project))}"
    command = command_line(task.command)
    lines = [f"task {task.name}: in {task.environment}{directory}, {when}"]
    lines += [f"    $ {printable(line)}" for line in command.strip("\n").split("\n")]
    return [*lines, *_variables(task.env)]


def _hooks(heading: str, steps: Steps) -> list[str]:
    """Return the heading and all commands of hooks, or nothing if there are none."""
    commands = [command_line(hook.command) for step in steps for hook in step]
    lines = [line for command in commands for line in command.strip("\n").split("\n")]
    return [f"    {heading}:", *(f"    $ {printable(line)}" for line in lines)] if lines else []


def _image(image: RunImage, project: Project) -> list[str]:
    dockerfile = printable(_shown(image.dockerfile, project))
    context = printable(_shown(image.context, project))
    after = f", after {', '.join(image.needs)}" if image.needs else ""
    lines = [
        f"image {image.name}: built from {dockerfile} on request{after}, with the tag {image.tag}",
        f"    its build gets the files of {context}",
    ]
    if image.target:
        lines.append(printable(f"    builds the stage {image.target}"))
    return [*lines, *_variables(image.build_args)] if image.build_args else lines


def _variables(env: dict[str, str]) -> list[str]:
    if not env:
        return []
    names = host_variables(env)
    return [
        f"    sets {_pairs(env)}",
        *([f"    GETS THE VALUES OF YOUR VARIABLES {', '.join(names)}"] if names else []),
    ]


def _pairs(values: dict[str, str]) -> str:
    return " ".join(
        f"{printable(name)}={printable(shlex.quote(value))}" for name, value in values.items()
    )


def _shown(path: str, project: Project) -> str:
    """Return the path, relative to the project if it is inside."""
    relative = relative_to(path, project.path)
    return path if relative is None else relative or "."
