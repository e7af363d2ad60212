"""What a project would do if it were trusted, in lines for the person who decides."""

from __future__ import annotations

import os
import shlex

from buildd.base.printable import printable
from buildd.base.variables import taken_from_host
from buildd.config.repository import needed
from buildd.config.trust.engine_sockets import is_engine_socket
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
    """Every environment and every task, each line printable: nothing is hidden or cut off."""
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
    "root": "root (files it writes in the project may belong to root)",
}


def _environment(environment: Environment, project: Project) -> list[str]:
    name = environment.name
    variables = _variables(environment.env)
    if environment.engine is EngineName.HOST:
        warning = "ON THIS MACHINE ITSELF, without a container, with all that you can reach"
        return [f"environment {name}: commands run as you {warning}", *variables]
    source = (
        f"an image built from {_shown(environment.dockerfile, project)}"
        if environment.dockerfile
        else f"the image {environment.image}"
    )
    lines = [f"environment {name}: a container ({environment.engine}) of {printable(source)}"]
    lines += _build(environment, project)
    who = _USERS.get(environment.user, f"the image's {environment.user}, with your ids")
    lines.append(f"    commands run as {who}")
    where = ""
    if environment.project_target != project.path:
        where = f" at {environment.project_target}"
    lines.append(printable(f"    sees this project{where}, and may write to it"))
    lines += [_mount(mount) for mount in environment.mounts]
    git = needed(project.path, environment, checkouts(project.path))
    lines += [f"{_mount(mount)}: this project's own repository" for mount in git.mounts]
    if not environment.protect_git:
        lines.append("    MAY WRITE GIT'S HOOKS AND CONFIGURATION, which git on this machine obeys")
    lines += [
        f"    keeps {printable(cache.path)} as the cache {name}"
        + (", SHARED WITH OTHER PROJECTS" if cache.shared else "")
        for name, cache in environment.caches.items()
    ]
    lines += variables
    lines += _hooks("once it is made", environment.on_create)
    lines += _hooks("whenever it becomes warm", environment.on_start)
    lines += _limits(environment)
    return lines


def _limits(environment: Environment) -> list[str]:
    """What it may do that environments usually may not."""
    limits = environment.limits
    lines = []
    if environment.ssh_agent:
        lines.append("    MAY USE YOUR SSH AGENT: it can log in wherever your keys can")
    if environment.sudo:
        lines.append(
            "    MAY BECOME ROOT INSIDE, and write to what it sees as this machine's root, unless "
            "the engine is rootless"
        )
    if limits.cap_add:
        names = " ".join(limits.cap_add)
        lines.append(f"    HAS THE CAPABILITIES {names}: some let root inside control this machine")
    if limits.gpus:
        lines.append(f"    graphics processors: {'all' if limits.gpus < 0 else limits.gpus}")
    if not limits.processes:
        lines.append("    HAS NO LIMIT OF PROCESSES: it can bring this machine to a halt")
    lines.append(f"    network: {'yes' if limits.network else 'none'}")
    return lines


def _build(environment: Environment, project: Project) -> list[str]:
    """What the build of its image is given."""
    lines = []
    if environment.target:
        lines.append(f"    its build ends with the stage {printable(environment.target)}")
    if environment.context:
        context = printable(_shown(environment.context, project))
        lines.append(f"    its build is sent the files of {context} that it copies")
    if environment.build_args:
        lines.append(f"    its build is given {_pairs(environment.build_args)}")
    for name, path in environment.secrets.items():
        lines.append(
            f"    ITS BUILD CAN READ {printable(_shown(path, project))}, the secret {name}"
        )
    if environment.dockerfile and environment.on_change is OnChange.ASK:
        lines.append("    its image is built again when asked")
    if environment.pull is not Pull.MISSING:
        lines.append(f"    images are pulled: {environment.pull}")
    return lines


def _mount(mount: Mount) -> str:
    access = "read only" if mount.read_only else "MAY WRITE TO IT"
    line = f"    sees {printable(mount.source)} at {printable(mount.target)}, {access}"
    if is_engine_socket(mount.source):
        which = "A SOCKET IN IT" if os.path.isdir(mount.source) else "THIS SOCKET"
        line += f"; THROUGH {which} IT CONTROLS THE ENGINE, and with it this machine"
    return line


def _task(task: Task, project: Project) -> list[str]:
    when = "when asked"
    if task.on_save:
        patterns = " ".join(map(printable, task.on_save))
        when = f"when asked, and WHENEVER A FILE IS SAVED that fits {patterns}"
    where = ""
    if task.directory and task.directory != project.path:
        where = f" of {printable(_shown(task.directory, project))}"
    command = task.command if isinstance(task.command, str) else shlex.join(task.command)
    lines = [f"task {task.name}: in {task.environment}{where}, {when}"]
    lines += [f"    $ {printable(line)}" for line in command.strip("\n").split("\n")]
    return [*lines, *_variables(task.env)]


def _hooks(when: str, steps: Steps) -> list[str]:
    """Each command in full."""
    commands = [
        hook.command if isinstance(hook.command, str) else shlex.join(hook.command)
        for step in steps
        for hook in step
    ]
    lines = [line for command in commands for line in command.strip("\n").split("\n")]
    return [f"    {when}, runs:", *(f"    $ {printable(line)}" for line in lines)] if lines else []


def _image(image: RunImage, project: Project) -> list[str]:
    dockerfile = printable(_shown(image.dockerfile, project))
    context = printable(_shown(image.context, project))
    after = f", after {', '.join(image.needs)}" if image.needs else ""
    lines = [
        f"image {image.name}: built from {dockerfile} when asked{after}, and called {image.tag}",
        f"    its build is sent the files of {context}",
    ]
    if image.target:
        lines.append(printable(f"    of its stage {image.target}"))
    return [*lines, *_variables(image.build_args)] if image.build_args else lines


def _variables(env: dict[str, str]) -> list[str]:
    if not env:
        return []
    taken = taken_from_host(env)
    return [
        f"    with {_pairs(env)}",
        *([f"    IS GIVEN WHAT IS IN YOUR VARIABLE {', '.join(taken)}"] if taken else []),
    ]


def _pairs(values: dict[str, str]) -> str:
    return " ".join(
        f"{printable(name)}={printable(shlex.quote(value))}" for name, value in values.items()
    )


def _shown(path: str, project: Project) -> str:
    """Relative to the project where it is inside."""
    relative = os.path.relpath(path, project.path)
    return path if relative.startswith("..") else relative
