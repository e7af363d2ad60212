"""This module makes and removes the volumes that outlive containers: caches, and homes.

Every function here blocks: call it in a thread.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from contextlib import suppress
from typing import cast

import docker.errors
import msgspec
from docker.models.containers import Container
from docker.models.volumes import Volume
from docker.types import Mount as DockerMount

from buildd.base.containment import is_below, relative_to
from buildd.engines import environment_key
from buildd.engines.docker.accounts import Account
from buildd.engines.docker.client import client
from buildd.engines.docker.labels import (
    CACHE,
    ENVIRONMENT,
    HOME,
    OWNER,
    PROJECT,
    USER,
    label_filter,
    labels,
)
from buildd.errors import EngineError
from buildd.files.state_dirs import owner
from buildd.model import Cache, Environment, Project
from buildd.paths import short_hash

# Runs as root. It adds the user to /etc/passwd and /etc/group (the image's own entries stay), and
# gives the user the directories of its home that the engine made, and the empty caches. It prints
# the caches that have files of another user.
_PREPARE = """
passwd=$1 group=$2 owner=$3; shift 3
is_owned() { set -- $(ls -ldn "$1"); [ "$3:$4" = "$owner" ]; }
if [ "$group" ]; then echo "$group" >>/etc/group || exit; fi
if [ "$passwd" ]; then
    # The first entry with a name or an id is the valid one.
    entries=$(cat /etc/passwd 2>/dev/null)
    printf '%s\\n%s\\n' "$passwd" "$entries" >/etc/passwd || exit
fi
while [ "$1" != -- ]; do
    is_owned "$1" || chown "$owner" "$1" || exit
    shift
done
shift
for cache; do
    if is_owned "$cache"; then
        continue
    elif [ "$(ls -A "$cache")" ]; then
        echo "$cache"
    else
        chown "$owner" "$cache" || exit
    fi
done
"""


class Volumes(msgspec.Struct, frozen=True, kw_only=True):
    """The volumes of an environment: one for each cache, and one for the user's home."""

    project: Project
    environment: Environment
    user: Account
    """The user who runs the environment's commands."""
    image: str
    """The id of the image."""
    home: str
    """The path of the home in the container; empty if something else is mounted there."""
    namespace: str
    """As in `ContainerUser`."""

    def name(self, cache: str) -> str:
        """Return the name of a cache's volume.

        It belongs to the project, or is shared by projects. A trial must not find existing files,
        so it has a volume of its own.
        """
        if self._is_of_a_trial:
            key = environment_key(self.project.path, self.environment.name)
        elif self.environment.caches[cache].shared:
            key = short_hash(owner(), "shared")
        else:
            key = short_hash(owner(), self.project.path)
        return f"buildd-{key}-{cache}"

    @property
    def _is_of_a_trial(self) -> bool:
        return "@" in self.environment.name

    @property
    def home_name(self) -> str:
        """The name of the home's volume; each image that has files in the home gets its own."""
        key = environment_key(self.project.path, self.environment.name)
        kind = self.user.uid if self.user.is_new else self.image.removeprefix("sha256:")[:12]
        return f"buildd-{key}-home-{kind}"

    def create(self) -> None:
        """Create the volumes with buildd's labels.

        Podman ignores the labels of volumes that it creates for a mount.
        """
        for name, cache in self.environment.caches.items():
            volume_labels = {**self._labels(cache), CACHE: name}
            client().volumes.create(self.name(name), labels=volume_labels)
        if self.home:
            volume_labels = labels(self.project.path, self.environment.name)
            volume_labels[HOME] = "" if self.user.is_new else self.image
            client().volumes.create(self.home_name, labels=volume_labels)

    def mounts(self) -> list[DockerMount]:
        """Return the volumes as mounts for the Docker SDK."""
        targets = {cache.path: self.name(name) for name, cache in self.environment.caches.items()}
        if self.home:
            targets[self.home] = self.home_name
        return [
            DockerMount(target=target, source=volume, type="volume")
            for target, volume in targets.items()
        ]

    def _labels(self, cache: Cache) -> dict[str, str]:
        if self._is_of_a_trial:
            return labels(self.project.path, self.environment.name)
        return {OWNER: owner()} if cache.shared else labels(self.project.path)


def refuse_other_users(volumes: Volumes) -> None:
    """Raise EngineError if another project uses one of the shared caches as another user."""
    for name, cache in volumes.environment.caches.items():
        if not cache.shared:
            continue
        filters = {"volume": volumes.name(name), **label_filter({OWNER: owner()})}
        for other in client().containers.list(all=True, filters=filters, ignore_removed=True):
            user = other.labels.get(USER, volumes.user.owner)
            project = other.labels.get(PROJECT)
            if user != volumes.user.owner and project != volumes.project.path:
                raise EngineError(
                    f"the shared cache {name} is also used by the environment "
                    f"{other.labels[ENVIRONMENT]} of {project}, as the user {user}, and here as "
                    f"{volumes.user.owner}",
                    "Its files cannot belong to both: use another name here, or give both "
                    "environments the same `user` and run `buildd down` for the other one.",
                )


def prepare_user(container: Container, volumes: Volumes, binds: Iterable[str]) -> None:
    """Add the user to a container that was just started, and give it its home and caches.

    `binds` are the targets of the host's directories in the container. Raises EngineError.
    """
    user, environment = volumes.user, volumes.environment
    directories = _directories_of_root(volumes, list(binds))
    caches = {cache.path: name for name, cache in environment.caches.items()}
    arguments = [user.passwd, user.group, user.owner, *directories, "--", *caches]
    script = ["/bin/sh", "-c", _PREPARE, "prepare", *arguments]
    result = container.exec_run(script, user="0:0")
    text = cast("bytes", result.output).decode("utf-8", "replace").strip()
    if result.exit_code != 0:
        raise EngineError(f"cannot add the user to the container: {text}")
    for path in text.splitlines():
        _change_owner(container, volumes, volumes.name(caches[path]))
    if user.is_moved and volumes.home:
        _change_owner(container, volumes, volumes.home_name)


def _directories_of_root(volumes: Volumes, binds: list[str]) -> list[str]:
    """Return the home, and the directories in it that the engine made, as root, for mounts."""
    if not volumes.home:
        return []
    found = {volumes.home: None}
    targets = [cache.path for cache in volumes.environment.caches.values()]
    for target in (*targets, *binds):
        parent = posixpath.dirname(target)
        while relative_to(parent, volumes.home):
            if not any(is_below(parent, bind) for bind in binds):
                found[parent] = None
            parent = posixpath.dirname(parent)
    return list(found)


def _change_owner(container: Container, volumes: Volumes, volume: str) -> None:
    """Give all files of a volume to the environment's user, because another user made them.

    This happens in a container that has only the volume, so that the files of other mounts inside
    a cache keep their owner.
    """
    user = volumes.user.owner
    api = client().api
    mount = DockerMount(target="/volume", source=volume, type="volume")
    host = api.create_host_config(mounts=[mount], network_mode="none")
    # The SDK's parameter accepts only Docker's own value.
    host["UsernsMode"] = volumes.namespace
    created = api.create_container(
        container.attrs["Image"],
        entrypoint=["chown", "-R", user, "/volume"],
        user="0:0",
        labels={OWNER: owner()},
        host_config=host,
    )
    helper = client().containers.get(created["Id"])
    try:
        helper.start()
        if helper.wait()["StatusCode"] != 0:
            text = helper.logs().decode("utf-8", "replace").strip()
            raise EngineError(f"cannot give the volume {volume} to the user {user}: {text}")
    finally:
        helper.remove(force=True)


def remove_old_homes(volumes: Volumes) -> None:
    """Remove the volumes of homes that belong to other images of the environment."""
    for volume in _environment_volumes(volumes.project.path, volumes.environment.name):
        image = (volume.attrs.get("Labels") or {}).get(HOME)
        if image and image != volumes.image:
            with suppress(docker.errors.APIError):  # a newer container uses it already
                volume.remove()


def remove_volumes(project: str, environment: str) -> None:
    """Remove the volumes that belong to this environment only."""
    for volume in _environment_volumes(project, environment):
        volume.remove()


def _environment_volumes(project: str, environment: str) -> list[Volume]:
    wanted = labels(project, environment)
    volumes = client().volumes.list(filters=label_filter(wanted))
    # Podman 4 also lists volumes that have only one of the labels.
    return [
        volume for volume in volumes if wanted.items() <= (volume.attrs.get("Labels") or {}).items()
    ]
