"""This module checks and records trust: the user's consent to one exact configuration.

A project cannot grant itself trust, because the record is outside all projects. Functions that read
or write the record take its directory as `state`; the default is the user's state directory.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from buildd.base.printable import printable
from buildd.config import user_config
from buildd.config.trust import consent_record, contents
from buildd.config.trust.changed_lines import changed_lines
from buildd.config.trust.consent_record import Consent, ConsentedFile
from buildd.config.trust.consent_record import record_path as record_path
from buildd.config.trust.grants import grants as grants
from buildd.config.trust.summary import summary as summary
from buildd.errors import BuilddError, UntrustedError
from buildd.model import Project

VERSION = 1
"""Version of what a digest covers."""

Files = Mapping[str, ConsentedFile]


def digest(project: Project) -> str:
    """Return the digest that identifies exactly this configuration.

    It covers the project's path, the paths and contents of all files of the configuration, and the
    data that was read from them: a file may have changed since, and the data is what will run.
    Nothing of a file is used but what has the digest in `contents`, which it covers too.
    """
    return _digest(project, contents.read(project.files))


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
    _require(project, contents.read(project.files), shown, named)


def _require(project: Project, files: Files, shown: str, named: Collection[str]) -> None:
    if _digest(project, files) != shown:
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
    files = contents.read(project.files)
    _require(project, files, shown, named)
    consent_record.put(
        project.path,
        Consent(
            digest=shown,
            granted=time.time(),
            lines=summary(project),
            files={consent_record.key(path): content for path, content in files.items()},
        ),
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
    files = contents.read(project.files)
    if before is None or not before.lines or before.digest == _digest(project, files):
        return ()
    lines = list(changed_lines(_with_headings(before.lines), _with_headings(summary(project))))
    now = {consent_record.key(path): content for path, content in files.items()}
    for path in dict.fromkeys((*now, *before.files)):
        lines += _file_changes(printable(path), before.files.get(path), now.get(path))
    return tuple(lines) or ("none of its files differs, and what it does is the same",)


def _digest(project: Project, files: Files) -> str:
    parts: list[object] = [VERSION, msgspec.to_builtins(project)]
    parts += [[path, content.digest] for path, content in files.items()]
    return hashlib.sha256(json.dumps([project.path, *parts]).encode("ascii")).hexdigest()


def _file_changes(
    path: str, before: ConsentedFile | None, now: ConsentedFile | None
) -> Iterator[str]:
    if before is None:
        yield f"{path}: is new here"
    elif now is None:
        yield f"{path}: is not used any more"
    elif before.digest != now.digest:
        if before.text is None or now.text is None:
            yield f"{path}: has other content"
        else:
            # Not by `splitlines`: for that, other line ends are no difference.
            lines = changed_lines(before.text.split("\n"), now.text.split("\n"))
            yield from (f"{path}: {printable(line)}" for line in lines)


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
