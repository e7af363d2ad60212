"""Turns the URIs of documents into file names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_FILE = re.compile(r"file:(?://(?P<host>[^/]*))?(?P<path>/.*|[A-Za-z]:.*)$", re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:")


def path_of(uri: str) -> str:
    """Returns the file name of a URI, without `file:` and escapes.

    A text that is not a file URI is returned as it is.
    """
    match = _FILE.match(uri)
    if not match:
        return uri
    path = unquote(match["path"])
    if _DRIVE.match(path):
        return path[1:]
    host = match["host"]
    return f"//{host}{path}" if host and host.lower() != "localhost" else path


def joined(uri: str, base_id: str, bases: Mapping[str, Any]) -> str:
    """Returns the file name of a URI that may be relative to a base, which may have a base again.

    Bases that are no files or that are not listed are left out.
    """
    seen = 0
    while base_id and not _SCHEME.match(uri) and not uri.startswith("/") and seen < 10:
        base = bases.get(base_id)
        if not isinstance(base, Mapping):
            break
        uri = _with_slash(str(base.get("uri") or "")) + uri
        base_id = str(base.get("uriBaseId") or "")
        seen += 1
    if _SCHEME.match(uri) and uri[:5].lower() == "file:":
        return path_of(uri)
    return unquote(uri)


def _with_slash(base: str) -> str:
    if not base or (_SCHEME.match(base) and base[:5].lower() != "file:"):
        return ""
    return base if base.endswith("/") else f"{base}/"
