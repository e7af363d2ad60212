"""This module checks and records trust: the user's consent to one exact configuration.

A project cannot grant itself trust, because the record is outside all projects. Functions that read
or write the record take its directory as `state`; the default is the user's state directory.
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
"""Version of what a digest covers."""

TEXT_LIMIT = 64 << 10
"""Largest size in bytes of a file whose text a consent keeps, to show later changes."""


def digest(project: Project) -> str:
    """Return the digest that identifies exactly this configuration.

    It covers the project's path, the paths and contents of all files of the configuration, and the
    data that was read from them: a file may have changed since, and the data is what will run.
    """
    return _digest(project, _contents(project))


def is_trusted(project: Project, *, state: str | None = None) -> bool:
    """Return whether the user trusts this configuration and its files are unchanged.

    The user's `config.toml` may also trust all projects in a directory.
    """
    consent = consent_record.consent(project.path, state=state)
    if consent is not None and consent.digest == digest(project):
        return True
    return user_config.trusts(project.path, [grant.name for grant in grants(project)])


def untrusted(project: Project) -> UntrustedError:
    """Return the error for a use of a configuration that is not trusted."""
    return UntrustedError(
        f"{project.config_file} is not trusted in its present form",
        "`buildd trust` shows what it would run, and asks for your consent.",
    )


def require(project: Project, shown: str, named: Collection[str]) -> None:
    """Check that the configuration still has the digest `shown`, and asks only for `named` grants.

    Raises BuilddError if the digest differs, UntrustedError if a grant is missing.
    """
    _require(project, _contents(project), shown, named)


def _require(
    project: Project, contents: dict[str, bytes | str], shown: str, named: Collection[str]
) -> None:
    if _digest(project, contents) != shown:
        raise BuilddError(
            f"the configuration of {project.path} has changed since it was shown",
            "Check it again with `buildd trust`.",
        )
    for grant in grants(project):
        if grant.name not in named:
            raise UntrustedError(
                f"{project.config_file} asks for `{grant.name}`, which was not granted: "
                f"{grant.detail}",
                f"To allow it, run `buildd trust --grant {grant.name}`.",
            )


def grant(
    project: Project, shown: str, named: Collection[str] = (), *, state: str | None = None
) -> None:
    """Record consent to the configuration with the digest `shown`, and to the grants `named`.

    Raises as `require` does, and BuilddError if the record cannot be written.
    """
    # The files are read once, so that the recorded texts are those of the digest.
    contents = _contents(project)
    _require(project, contents, shown, named)
    files = {
        consent_record.key(path): _consented_file(content) for path, content in contents.items()
    }
    consent_record.put(
        project.path,
        Consent(digest=shown, granted=time.time(), lines=summary(project), files=files),
        state=state,
    )


def revoke(path: str, *, state: str | None = None) -> bool:
    """Remove the consent for the project at a canonical path; return whether there was one.

    Raises BuilddError if the record cannot be written.
    """
    return consent_record.remove(path, state=state)


def changes(project: Project, *, state: str | None = None) -> tuple[str, ...]:
    """Return lines about what changed since the user last consented.

    It is empty if nothing changed, or if the user never consented.
    """
    before = consent_record.consent(project.path, state=state)
    contents = _contents(project)
    if before is None or not before.lines or before.digest == _digest(project, contents):
        return ()
    lines = list(_differences(_with_headings(before.lines), _with_headings(summary(project))))
    for path, content in contents.items():
        if path != project.config_file:
            lines += _file_changes(
                printable(path),
                before.files.get(consent_record.key(path)),
                _consented_file(content),
            )
    return tuple(lines) or (
        f"{printable(project.config_file)} is written differently, but does the same",
    )


def _digest(project: Project, contents: dict[str, bytes | str]) -> str:
    parts: list[object] = [VERSION, msgspec.to_builtins(project)]
    parts += [[path, _consented_file(content).digest] for path, content in contents.items()]
    return hashlib.sha256(json.dumps([project.path, *parts]).encode("ascii")).hexdigest()


def _contents(project: Project) -> dict[str, bytes | str]:
    """Return the content of each file, or a text that says why it cannot be read."""
    return {path: _content(path) for path in project.files}


def _content(path: str) -> bytes | str:
    try:
        with open_regular(path) as file:
            return file.read()
    except NotAFileError:
        return "not a file"
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"unreadable {error.errno}"


def _consented_file(content: bytes | str) -> ConsentedFile:
    if isinstance(content, str):
        return ConsentedFile(digest=content)
    digest_of_content = hashlib.sha256(content).hexdigest()
    try:
        text = content.decode() if len(content) <= TEXT_LIMIT else None
    except UnicodeDecodeError:
        text = None
    return ConsentedFile(digest=digest_of_content, text=text)


def _file_changes(path: str, before: ConsentedFile | None, now: ConsentedFile) -> Iterator[str]:
    if before is None:
        yield f"{path}: is new"
    elif before.digest != now.digest:
        if before.text is None or now.text is None:
            yield f"{path}: has changed"
        else:
            lines = _differences(before.text.splitlines(), now.text.splitlines())
            yield from (f"{path}: {printable(line)}" for line in lines)


def _differences(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Yield removed lines after `- `, and added lines after `+ `."""
    for line in difflib.unified_diff(before, now, n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            yield f"{line[0]} {line[1:]}"


def _with_headings(lines: Sequence[str]) -> list[str]:
    """Return the lines of a summary, each with its heading before it."""
    flat: list[str] = []
    heading = ""
    for line in lines:
        if line.startswith(" "):
            flat.append(f"{heading}: {line.strip()}")
        else:
            flat.append(line)
            heading = line.partition(":")[0]
    return flat
