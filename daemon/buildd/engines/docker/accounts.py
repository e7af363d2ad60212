"""Names and homes of users, as an image's /etc/passwd and /etc/group have them. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from buildd.errors import EngineError


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A user of a container. `passwd` and `group` are lines that its files lack, empty where they
    know it, the first to go before all others; `is_new`: its home is not one that the image has
    given it; `is_moved`: it is, but the files in it are of other ids."""

    uid: int
    gid: int
    name: str
    home: str
    passwd: str = ""
    group: str = ""
    is_new: bool = False
    is_moved: bool = False

    @property
    def owner(self) -> str:
        """As commands take it."""
        return f"{self.uid}:{self.gid}"


def account_of(uid: int, gid: int, wished: str, passwd: str, group: str) -> Account:
    """The user with these ids. The image's own name for it is kept; where it has none, it gets the
    one `wished`, if that is not another's."""
    known = next((row for row in _rows(passwd, 7) if row[2] == str(uid)), None)
    names = {row[0] for row in _rows(passwd, 3)}
    name = known[0] if known else _free("root" if uid == 0 else wished, names)
    home = known[5] if known else ""
    is_new = not home.startswith("/") or home.rstrip("/") in _NO_HOMES
    if is_new:
        home = "/root" if uid == 0 else f"/home/{name}"
    groups = list(_rows(group, 3))
    line = ""
    if all(row[2] != str(gid) for row in groups):
        line = f"{_free(name, {row[0] for row in groups})}:x:{gid}:"
    return Account(
        uid=uid,
        gid=gid,
        name=name,
        home=home,
        passwd="" if known else f"{name}:x:{uid}:{gid}:{name}:{home}:/bin/sh",
        group=line,
        is_new=is_new,
    )


def named_account(uid: int, gid: int, named: str, passwd: str, group: str) -> Account | None:
    """The image's user of that name, or number, with these ids instead of its own; None if there
    is none. Root keeps its name, and has the other's home."""
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
    """The ids of an image's own `USER`: `name`, `uid`, `name:group`, `uid:gid`, or empty.

    Raises EngineError if the image gives a user an id that is none: we must not take it for root.
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


def _rows(text: str, least: int) -> Iterator[list[str]]:
    for line in text.splitlines():
        row = line.split(":")
        if len(row) >= least:
            yield row


def _number(text: str) -> int:
    return int(text) if _is_id(text) else 0


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) <= 10


def _free(wished: str, taken: set[str]) -> str:
    more = (f"{wished}-host{count}" for count in itertools.count(2))
    choices = itertools.chain((wished, f"{wished}-host"), more)
    return next(name for name in choices if name not in taken)
