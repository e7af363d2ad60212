"""This module reads users from the texts of an image's /etc/passwd and /etc/group.

Everything here is pure. Source: passwd(5), group(5).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from buildd.errors import EngineError


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account is a user of a container."""

    uid: int
    gid: int
    name: str
    home: str
    passwd: str = ""
    """The line to add before all others of /etc/passwd; empty if the image knows the user."""
    group: str = ""
    """The line to add to /etc/group; empty if the image knows the group."""
    is_new: bool = False
    """Whether the image gives this user no home."""
    is_moved: bool = False
    """Whether the home is the image's, but the files in it have other ids."""

    @property
    def owner(self) -> str:
        """The ids as `uid:gid`."""
        return f"{self.uid}:{self.gid}"


def account_of(uid: int, gid: int, preferred: str, passwd: str, group: str) -> Account:
    """Return the user with these ids, by the name that the image has for it.

    If the image has none, the name is `preferred`, with `-host` appended if that is taken.
    """
    entry = next((row for row in _rows(passwd, 7) if row[2] == str(uid)), None)
    names = {row[0] for row in _rows(passwd, 3)}
    name = entry[0] if entry else _free_name("root" if uid == 0 else preferred, names)
    home = entry[5] if entry else ""
    is_new = not home.startswith("/") or home.rstrip("/") in _NO_HOMES
    if is_new:
        home = "/root" if uid == 0 else f"/home/{name}"
    groups = list(_rows(group, 3))
    line = ""
    if all(row[2] != str(gid) for row in groups):
        line = f"{_free_name(name, {row[0] for row in groups})}:x:{gid}:"
    return Account(
        uid=uid,
        gid=gid,
        name=name,
        home=home,
        passwd="" if entry else f"{name}:x:{uid}:{gid}:{name}:{home}:/bin/sh",
        group=line,
        is_new=is_new,
    )


def named_account(uid: int, gid: int, named: str, passwd: str, group: str) -> Account | None:
    """Return the image's user of this name or number, with these ids in place of its own.

    Returns None if there is no such user. Root keeps its name, but gets the user's home.
    """
    row = next((row for row in _rows(passwd, 7) if named in (row[0], row[2])), None)
    if row is None:
        return None
    account = account_of(uid, gid, row[0], passwd, group)
    if account.name == row[0] or row[5].rstrip("/") in _NO_HOMES:
        return account
    line = f"{row[0]}:x:{uid}:{gid}:{row[4]}:{row[5]}:{row[6]}" if uid else account.passwd
    return msgspec.structs.replace(
        account,
        name=row[0] if uid else account.name,
        home=row[5],
        passwd=line,
        is_new=False,
        is_moved=row[2] != str(uid),
    )


def ids_of(user: str, passwd: str, group: str) -> tuple[int, int]:
    """Return the ids of an image's `USER`: `name`, `uid`, `name:group`, `uid:gid` or empty.

    Raises EngineError if the image gives a user an id that is no number: it must not count as root.
    """
    name, _, group_name = user.partition(":")
    rows = list(_rows(passwd, 4))
    found = next((row for row in rows if name in (row[0], row[2])), None)
    if found and not _is_id(found[2]):
        raise EngineError(
            f"the image's /etc/passwd gives its user `{name}` no usable id",
            'Correct it in the image, or set `user = "host"`.',
        )
    uid = _number(found[2]) if found else _number(name)
    gid = _number(found[3]) if found else 0
    if group_name:
        named = next((row for row in _rows(group, 3) if group_name in (row[0], row[2])), None)
        gid = _number(named[2] if named else group_name)
    return uid, gid


_NO_HOMES = ("", "/nonexistent", "/dev/null")


def _rows(text: str, fields: int) -> Iterator[list[str]]:
    """Yield the rows that have at least this number of fields."""
    for line in text.splitlines():
        row = line.split(":")
        if len(row) >= fields:
            yield row


def _number(text: str) -> int:
    return int(text) if _is_id(text) else 0


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= 10


def _free_name(preferred: str, names: set[str]) -> str:
    more = (f"{preferred}-host{count}" for count in itertools.count(2))
    choices = itertools.chain((preferred, f"{preferred}-host"), more)
    return next(name for name in choices if name not in names)
