"""Names and homes for users that an image knows, half knows, or does not know."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import cast

import pytest
from docker.models.containers import Container

from buildd.engines.docker import users
from buildd.engines.docker.accounts import account_of, ids_of, named_account
from buildd.engines.docker.users import ContainerUser, chosen
from buildd.errors import EngineError

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
node:x:1000:1000::/home/node:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
broken
"""
PASSWD_OF_DAEMON = "daemon:x:1000:50:daemon:/usr/sbin:/usr/sbin/nologin"
ANOTHER_NOBODY = "nobody-host:x:1001:50:nobody-host:/home/nobody-host:/bin/sh"
GROUP = "root:x:0:\nnode:x:1000:\nstaff:x:50:\nme:x:77:\n"


@pytest.mark.parametrize(
    ("ids", "wished", "name", "home", "passwd", "group"),
    [
        ((0, 0), "me", "root", "/root", "", ""),
        ((1000, 1000), "me", "node", "/home/node", "", ""),
        ((1000, 50), "me", "node", "/home/node", "", ""),
        ((1001, 50), "me", "me", "/home/me", "me:x:1001:50:me:/home/me:/bin/sh", ""),
        (
            (1001, 1001),
            "node",
            "node-host",
            "/home/node-host",
            "node-host:x:1001:1001:node-host:/home/node-host:/bin/sh",
            "node-host:x:1001:",
        ),
        (
            (1001, 1001),
            "me",
            "me",
            "/home/me",
            "me:x:1001:1001:me:/home/me:/bin/sh",
            "me-host:x:1001:",
        ),
        ((65534, 0), "me", "nobody", "/home/nobody", "", ""),
    ],
)
def test_an_account(
    ids: tuple[int, int], wished: str, name: str, home: str, passwd: str, group: str
) -> None:
    found = account_of(*ids, wished, PASSWD, GROUP)
    assert (found.name, found.home, found.passwd, found.group) == (name, home, passwd, group)
    assert found.is_new == (home not in ("/root", "/home/node"))


@pytest.mark.parametrize(
    ("ids", "named", "name", "home", "passwd", "is_moved"),
    [
        ((1000, 1000), "node", "node", "/home/node", "", False),
        ((1001, 50), "node", "node", "/home/node", "node:x:1001:50::/home/node:/bin/bash", True),
        ((1001, 50), "1000", "node", "/home/node", "node:x:1001:50::/home/node:/bin/bash", True),
        ((0, 0), "node", "root", "/home/node", "", True),
        ((0, 0), "root", "root", "/root", "", False),
        ((1000, 50), "daemon", "daemon", "/usr/sbin", PASSWD_OF_DAEMON, True),
        ((1001, 50), "nobody", "nobody-host", "/home/nobody-host", ANOTHER_NOBODY, False),
    ],
)
def test_an_account_of_the_image_s_with_other_ids(
    ids: tuple[int, int], named: str, name: str, home: str, passwd: str, is_moved: bool
) -> None:
    found = named_account(*ids, named, PASSWD, GROUP)
    assert found
    assert (found.name, found.home, found.passwd) == (name, home, passwd)
    assert (found.owner, found.is_moved) == (f"{ids[0]}:{ids[1]}", is_moved)


def test_an_account_that_the_image_has_not() -> None:
    assert named_account(1000, 1000, "nodes", PASSWD, GROUP) is None


def test_an_account_of_an_image_that_has_no_root() -> None:
    found = named_account(0, 0, "dev", "dev:x:5:5::/home/dev:/bin/sh\n", "")
    assert found
    assert (found.passwd, found.home) == ("root:x:0:0:root:/root:/bin/sh", "/home/dev")


def test_accounts_without_end() -> None:
    class Endless:
        def get_archive(self, path: str) -> tuple[Iterator[bytes], None]:
            return itertools.repeat(bytes(1 << 16)), None

    with pytest.raises(EngineError, match="/etc/passwd of the image has more than 4 MiB"):
        users._content(cast("Container", Endless()), "/etc/passwd")


def test_an_image_without_accounts() -> None:
    assert account_of(0, 0, "me", "", "").passwd == "root:x:0:0:root:/root:/bin/sh"
    assert account_of(5, 6, "me", "", "").group == "me:x:6:"


@pytest.mark.parametrize(
    ("user", "ids"),
    [
        ("", (0, 0)),
        ("root", (0, 0)),
        ("node", (1000, 1000)),
        ("1000", (1000, 1000)),
        ("1234", (1234, 0)),
        ("node:staff", (1000, 50)),
        ("7:8", (7, 8)),
        ("unknown", (0, 0)),
    ],
)
def test_the_image_s_own_user(user: str, ids: tuple[int, int]) -> None:
    assert ids_of(user, PASSWD, GROUP) == ids


ROOTFUL = {"SecurityOptions": ["name=seccomp,profile=default"]}
REMAPPED = {"SecurityOptions": ["name=seccomp,profile=default", "name=userns"]}
ROOTLESS = {"SecurityOptions": ["name=seccomp,profile=default", "name=rootless"]}
PODMAN = {"SecurityOptions": ["name=seccomp,profile=default"], "Rootless": False}
PODMAN_ROOTLESS = {"SecurityOptions": ["name=seccomp,profile=default"], "Rootless": True}
"""What Docker 20.10 and Podman 4.3 tell of themselves."""


@pytest.mark.parametrize(
    ("info", "is_podman", "host", "root"),
    [
        (ROOTFUL, False, ContainerUser("1000:1000"), ContainerUser("0:0")),
        (REMAPPED, False, ContainerUser("1000:1000", "host"), ContainerUser("0:0", "host")),
        (ROOTLESS, False, ContainerUser("0:0"), ContainerUser("0:0")),
        (PODMAN, True, ContainerUser("1000:1000"), ContainerUser("0:0")),
        (PODMAN_ROOTLESS, True, ContainerUser("1000:1000", "keep-id"), ContainerUser("0:0")),
        ({}, False, ContainerUser("1000:1000"), ContainerUser("0:0")),
    ],
)
def test_who_runs_commands_depends_on_the_engine(
    info: dict[str, object], is_podman: bool, host: ContainerUser, root: ContainerUser
) -> None:
    assert chosen("host", info, "1000:1000", is_podman=is_podman) == host
    assert chosen("root", info, "1000:1000", is_podman=is_podman) == root
    assert chosen("image", info, "1000:1000", is_podman=is_podman).user == ""
