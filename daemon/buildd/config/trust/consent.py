"""Trust: the user's consent to exactly this configuration of this project.

No project can grant itself trust: what counts is recorded outside of every project. Every function
that reads or writes the record takes `state`, its directory, for use apart from the user's.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import time
from collections.abc import Collection, Iterator, Sequence

import msgspec

from buildd.base.printable import printable
from buildd.base.safe_open import NotAFileError, open_regular
from buildd.config import user_config
from buildd.config.trust import consent_record
from buildd.config.trust.consent_record import Consent, ConsentedFile
from buildd.config.trust.consent_record import record_path as record_path
from buildd.config.trust.grants import grants as grants
from buildd.config.trust.summary import summary as summary
from buildd.errors import BuilddError, UntrustedError
from buildd.model import Project

VERSION = 1
"""Of what a digest covers."""

KEPT_TEXT = 64 << 10
"""Bytes of a file that a consent remembers, so that its change can be shown."""

_CHUNK = 64 << 10
"""Bytes that are read at once: a file may have any size."""


def digest(project: Project) -> str:
    """Names exactly this configuration: the project's path, path and content of every file that
    it refers to, and what was read from them.

    The last, because a file may have changed since it was read: what is trusted is what will run.
    """
    return _digest(project, _contents(project))


def is_trusted(project: Project, *, state: str | None = None) -> bool:
    """Whether the user has consented to this configuration, and the files still say it; or, in
    the user's own configuration, to whatever is in this directory."""
    consent = consent_record.consent(project.path, state=state)
    if consent is not None and consent.digest == digest(project):
        return True
    return user_config.trusts(project.path, [grant.name for grant in grants(project)])


def untrusted(project: Project) -> UntrustedError:
    """The error of what would run something of a configuration that is not trusted."""
    return UntrustedError(
        f"{project.config_file} is not trusted in its present form",
        "Look at what it would run with `buildd trust`, which asks for your consent.",
    )


def require(project: Project, shown: str, named: Collection[str]) -> None:
    """Raise BuilddError if the configuration has another digest than `shown` by now, and
    UntrustedError if it asks for a grant that is not among the `named`."""
    _require(project, _contents(project), shown, named)


def _require(
    project: Project, contents: dict[str, ConsentedFile], shown: str, named: Collection[str]
) -> None:
    if _digest(project, contents) != shown:
        raise BuilddError(
            f"the configuration of {project.path} has changed since it was shown",
            "Look at it again with `buildd trust`.",
        )
    for grant in grants(project):
        if grant.name not in named:
            raise UntrustedError(
                f"{project.config_file} asks for `{grant.name}`, which was not granted: "
                f"{grant.detail}",
                f"If you want that, say so by its name: `buildd trust --grant {grant.name}`.",
            )


def grant(
    project: Project, shown: str, named: Collection[str] = (), *, state: str | None = None
) -> None:
    """Record consent to the configuration with the digest `shown` and to the grants `named`.
    Raises as `require` does, and BuilddError if the record cannot be written."""
    # Read once: what is remembered of the files is what `shown` names.
    contents = _contents(project)
    _require(project, contents, shown, named)
    files = {consent_record.key(path): content for path, content in contents.items()}
    consent_record.put(
        project.path,
        Consent(digest=shown, granted=time.time(), lines=summary(project), files=files),
        state=state,
    )


def revoke(path: str, *, state: str | None = None) -> bool:
    """Take back the consent for the project at the canonical `path`; whether there was one.
    Raises BuilddError if the record cannot be written."""
    return consent_record.remove(path, state=state)


def changes(project: Project, *, state: str | None = None) -> tuple[str, ...]:
    """What is another than when the user last consented, in lines for a person; empty if that is
    the same, or never was."""
    then = consent_record.consent(project.path, state=state)
    contents = _contents(project)
    if then is None or not then.lines or then.digest == _digest(project, contents):
        return ()
    found = list(_differences(_flat(then.lines), _flat(summary(project))))
    for path, content in contents.items():
        if path != project.config_file:
            found += _file_changes(
                printable(path), then.files.get(consent_record.key(path)), content
            )
    return tuple(found) or (
        f"{printable(project.config_file)} is written differently, but does the same",
    )


def _digest(project: Project, contents: dict[str, ConsentedFile]) -> str:
    parts: list[object] = [VERSION, msgspec.to_builtins(project)]
    parts += [[path, content.digest] for path, content in contents.items()]
    return hashlib.sha256(json.dumps([project.path, *parts]).encode("ascii")).hexdigest()


def _contents(project: Project) -> dict[str, ConsentedFile]:
    """What each file holds, or why it cannot be read."""
    return {path: _content(path) for path in project.files}


def _content(path: str) -> ConsentedFile:
    digest = hashlib.sha256()
    kept: bytes | None = b""
    try:
        with open_regular(path) as file:
            while data := file.read(_CHUNK):
                digest.update(data)
                kept = kept + data if kept is not None and len(kept) <= KEPT_TEXT else None
    except NotAFileError:
        return ConsentedFile(digest="not a file")
    except FileNotFoundError:
        return ConsentedFile(digest="missing")
    except OSError as error:
        return ConsentedFile(digest=f"unreadable {error.errno}")
    try:
        is_kept = kept is not None and len(kept) <= KEPT_TEXT
        text = kept.decode() if kept is not None and is_kept else None
    except UnicodeDecodeError:
        text = None
    return ConsentedFile(digest=digest.hexdigest(), text=text)


def _file_changes(path: str, then: ConsentedFile | None, now: ConsentedFile) -> Iterator[str]:
    if then is None:
        yield f"{path}: is new here"
    elif then.digest != now.digest:
        if then.text is None or now.text is None:
            yield f"{path}: has other content"
        else:
            lines = _differences(then.text.splitlines(), now.text.splitlines())
            yield from (f"{path}: {printable(line)}" for line in lines)


def _differences(then: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """`- ` before what is gone, `+ ` before what is new."""
    for line in difflib.unified_diff(then, now, n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{line[0]} {line[1:]}"


def _flat(lines: Sequence[str]) -> list[str]:
    """Each line with what it belongs to, so that it can stand alone."""
    flat: list[str] = []
    heading = ""
    for line in lines:
        if line.startswith(" "):
            flat.append(f"{heading}: {line.strip()}")
        else:
            flat.append(line)
            heading = line.partition(":")[0]
    return flat
