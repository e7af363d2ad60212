"""The secrets of an image's build: read once, and given to it without a file on any disk."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from buildd.base.exact_path import open_exactly
from buildd.engines.image_definition.digest import ImageSource
from buildd.errors import ChangedFileError, ImageError

LIMIT = 500 << 10
"""Bytes of a secret; BuildKit takes no more."""

_SHORTEST_HIDDEN = 4


def read(source: ImageSource) -> dict[str, bytes]:
    """Return what each secret holds, by its name.

    Raises ChangedFileError if a link has taken the place of what the user consented to, ImageError
    if a secret cannot be read.
    """
    return {name: _read(source, path) for name, path in source.secrets.items()}


@contextmanager
def in_memory(secrets: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """Paths at which this user's processes find the secrets while the context lasts, by name."""
    with ExitStack() as stack:
        paths = {}
        for name, content in secrets.items():
            file = stack.enter_context(os.fdopen(os.memfd_create(f"secret {name}"), "wb"))
            file.write(content)
            file.flush()
            paths[name] = f"/proc/{os.getpid()}/fd/{file.fileno()}"
        yield paths


def hiding(secrets: Mapping[str, bytes]) -> Callable[[str], str]:
    """What takes out of a line all that a secret holds, should a command print it."""
    texts = (content.decode("utf-8", "replace") for content in secrets.values())
    lines = {line.strip() for text in texts for line in text.split("\n")}
    longest_first = sorted(
        (line for line in lines if len(line) >= _SHORTEST_HIDDEN), key=len, reverse=True
    )
    if not longest_first:
        return lambda line: line
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda line: pattern.sub("***", line)


def _read(source: ImageSource, path: str) -> bytes:
    try:
        with os.fdopen(open_exactly(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unusable(source, path, "it is not a file")
            content = file.read(LIMIT + 1)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ChangedFileError(path) from error
        raise _unusable(source, path, str(error.strerror)) from error
    if len(content) > LIMIT:
        raise _unusable(source, path, f"it is greater than {LIMIT >> 10} KiB")
    return content


def _unusable(source: ImageSource, path: str, why: str) -> ImageError:
    return ImageError(
        f"the secret {path} cannot be read: {why}",
        f"Make it, or correct `secrets` in [{source.table}].",
        file=source.dockerfile,
        line=1,
    )
