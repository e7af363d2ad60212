"""The volumes of the Docker engine that outlive containers: caches by name, and homes.

Every function here blocks; call it in a thread.
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
    having,
    labels,
)
from buildd.errors import EngineError
from buildd.files.state_dirs import owner
from buildd.model import Cache, Environment, Project
from buildd.paths import short_hash

# As root: gives the user a name, the directories of its home that the engine made, and caches that
# are empty. Adds to the files; what the image says of its own users stays. Tells which caches
# are another user's.
_PREPARE = """
passwd=$1 group=$2 owner=$3; shift 3
is_owned() { set -- $(ls -ldn "$1"); [ "$3:$4" = "$owner" ]; }
if [ "$group" ]; then echo "$group" >>/etc/group || exit; fi
if [ "$passwd" ]; then
    # The first who has a name or an id is the one.
    known=$(cat /etc/passwd 2>/dev/null)
    printf '%s\\n%s\\n' "$passwd" "$known" >/etc/passwd || exit
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
    """The volumes of an environment whose commands the account `user` runs: by their targets, the
    `home` apart, which is empty where something else is mounted there. `namespace` is as in
    `docker_user.Identity`."""

    project: Project
    environment: Environment
    user: Account
    image: str
    home: str
    namespace: str

    def name(self, cache: str) -> str:
        """The volume of the cache: the project's, or one that projects share; for a trial, which
        is to find nothing, one of its own."""
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
        """The volume of the home: with what an image has put there, it is that image's only."""
        key = environment_key(self.project.path, self.environment.name)
        kind = self.user.uid if self.user.is_new else self.image.removeprefix("sha256:")[:12]
        return f"buildd-{key}-home-{kind}"

    def make(self) -> None:
        """Have them there, with our labels: of those that come with a mount, Podman takes no
        notice."""
        for name, cache in self.environment.caches.items():
            marks = {**self._labels(cache), CACHE: name}
            client().volumes.create(self.name(name), labels=marks)
        if self.home:
            marks = labels(self.project.path, self.environment.name)
            marks[HOME] = "" if self.user.is_new else self.image
            client().volumes.create(self.home_name, labels=marks)

    def mounts(self) -> list[DockerMount]:
        """As the engine wants them."""
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
    """Raises EngineError where another project fills one of the shared caches as another user."""
    for name, cache in volumes.environment.caches.items():
        if not cache.shared:
            continue
        filters = {"volume": volumes.name(name), **having({OWNER: owner()})}
        for other in client().containers.list(all=True, filters=filters, ignore_removed=True):
            marks = other.labels
            theirs = marks.get(USER, volumes.user.owner)
            if theirs != volumes.user.owner and marks.get(PROJECT) != volumes.project.path:
                raise EngineError(
                    f"the shared cache {name} is filled by the environment {marks[ENVIRONMENT]} of "
                    f"{marks[PROJECT]} too, as the user {theirs}, and here as {volumes.user.owner}",
                    "Its files cannot belong to both: give it another name here, or both "
                    "environments the same `user`, and `buildd down` the other.",
                )


def give(container: Container, volumes: Volumes, binds: Iterable[str]) -> None:
    """Make the user known in a container that has just been started, and its home and its caches
    the user's. `binds` are where directories of the host are mounted. Raises EngineError."""
    user, environment = volumes.user, volumes.environment
    made = _made_by_the_engine(volumes, list(binds))
    caches = {cache.path: name for name, cache in environment.caches.items()}
    arguments = [user.passwd, user.group, user.owner, *made, "--", *caches]
    script = ["/bin/sh", "-c", _PREPARE, "prepare", *arguments]
    result = container.exec_run(script, user="0:0")
    text = cast("bytes", result.output).decode("utf-8", "replace").strip()
    if result.exit_code != 0:
        raise EngineError(f"the container's user could not be made: {text}")
    for path in text.splitlines():
        _give_all(container, volumes, volumes.name(caches[path]))
    if user.is_moved and volumes.home:
        _give_all(container, volumes, volumes.home_name)


def _made_by_the_engine(volumes: Volumes, binds: list[str]) -> list[str]:
    """The home, and what the engine made in it to mount something there: root's, at first."""
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


def _give_all(container: Container, volumes: Volumes, volume: str) -> None:
    """Another user has filled the volume: all of it is the environment's user's from now on. In a
    container that sees nothing else: what is mounted inside of a cache stays whose it is."""
    user = volumes.user.owner
    api = client().api
    mount = DockerMount(target="/volume", source=volume, type="volume")
    host = api.create_host_config(mounts=[mount], network_mode="none")
    # The SDK knows Docker's own only.
    host["UsernsMode"] = volumes.namespace
    made = api.create_container(
        container.attrs["Image"],
        entrypoint=["chown", "-R", user, "/volume"],
        user="0:0",
        labels={OWNER: owner()},
        host_config=host,
    )
    helper = client().containers.get(made["Id"])
    try:
        helper.start()
        if helper.wait()["StatusCode"] != 0:
            text = helper.logs().decode("utf-8", "replace").strip()
            raise EngineError(f"the volume {volume} cannot be given to {user}: {text}")
    finally:
        helper.remove(force=True)


def remove_old_homes(volumes: Volumes) -> None:
    """Those that other images have filled."""
    for volume in _of(volumes.project.path, volumes.environment.name):
        begun = (volume.attrs.get("Labels") or {}).get(HOME)
        if begun and begun != volumes.image:
            with suppress(docker.errors.APIError):  # in use: by one who comes after us
                volume.remove()


def discard(project: str, environment: str) -> None:
    """Remove the volumes that are the environment's alone."""
    for volume in _of(project, environment):
        volume.remove()


def _of(project: str, environment: str) -> list[Volume]:
    """The volumes that are the environment's alone."""
    wanted = labels(project, environment)
    found = client().volumes.list(filters=having(wanted))
    # Podman 4 lists those, too, that have only one of the labels.
    return [one for one in found if wanted.items() <= (one.attrs.get("Labels") or {}).items()]
