"""This module pulls images, and explains why one cannot be pulled."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import docker.errors
import docker.utils

from buildd.engines import OnProgress
from buildd.engines.docker.api_stream import streaming
from buildd.engines.docker.client import client, service
from buildd.engines.image_definition.base_images import BaseImage, remember
from buildd.errors import ImageError
from buildd.model import EngineName, Pull

_UNREACHED = re.compile(
    r"no such host|connection refused|unreachable|no route to host|timeout|timed out"
    r"|deadline exceeded|server misbehaving|name resolution|connection reset|proxyconnect"
    r"|: EOF\b",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"unauthorized|authentication required|basic auth|forbidden|access denied|denied:",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"manifest unknown|not found|name unknown|not known|does not exist|invalid reference",
    re.IGNORECASE,
)


def image_id(name: str) -> str:
    """Return the id of an image, or empty if the engine does not have it."""
    try:
        return cast("str", client().images.get(name).id)
    except docker.errors.APIError as error:
        if _is_absent(error):
            return ""
        raise


def _is_absent(error: docker.errors.APIError) -> bool:
    """Return whether there is no image of a name, or the name is not valid."""
    return isinstance(error, docker.errors.ImageNotFound) or "invalid reference" in str(error)


def tags(repository: str | None = None) -> list[str]:
    """Return the names of the engine's images, or of those in one repository."""
    # `images.list` would inspect each image, and fail if one is removed meanwhile.
    return [tag for row in client().api.images(repository) for tag in tags_of(row)]


def tags_of(row: Mapping[str, Any]) -> list[str]:
    """Return the names of an image, from its row in a list of images."""
    return [tag for tag in row.get("RepoTags") or () if tag != "<none>:<none>"]


def inspect_bases(bases: Iterable[str], engine: EngineName) -> bool:
    """Store the variables and triggers of the base images that the engine has.

    Returns whether one of them differs from what was known.
    """
    changed = False
    for name in bases:
        try:
            config = client().images.get(name).attrs["Config"] or {}
        except docker.errors.APIError as error:
            if _is_absent(error):
                continue
            raise
        env = dict(variable.partition("=")[::2] for variable in config.get("Env") or ())
        base = BaseImage(env=env, triggers=tuple(config.get("OnBuild") or ()))
        changed = remember(engine, name, base) or changed
    return changed


def ensure_image(
    name: str, pull: Pull, report: OnProgress, *, file: str = "", line: int = 0
) -> str:
    """Return the id of an image, which is pulled if `pull` says so.

    With `Pull.ALWAYS`, a local image is used if the registry fails. Raises ImageError at the given
    place.
    """
    local = image_id(name)
    if local and pull is not Pull.ALWAYS:
        return local
    if pull is Pull.NEVER:
        raise ImageError(
            f"the engine does not have the image {name}, and `pull` is `never`",
            f"Pull it with `{service().command} pull {name}`, or remove `pull`.",
            file=file,
            line=line,
        )
    try:
        return _pull(name, report)
    except docker.errors.APIError as error:
        text = str(error.explanation or error).strip()
        if local:
            report(f"cannot pull {name}, so the local image is used: {text}", None)
            return local
        raise pull_error(name, text, file=file, line=line) from error


def pull_error(name: str, text: str, *, file: str = "", line: int = 0) -> ImageError:
    """Return the error for an image that cannot be pulled; `text` is the engine's message."""
    if _UNREACHED.search(text):
        why = "its registry cannot be reached"
        remedy = (
            "Check the network and the engine's proxy, or load the image from a file with "
            f"`{service().command} load`."
        )
    elif _HIDDEN.search(text):
        # Some registries give the same answer for private and for missing images.
        why = "its registry denies access"
        if _ABSENT.search(text):
            why += ": it does not exist, or is private"
        login = f"{service().command} login {_registry(name)}".rstrip()
        remedy = f"Check the name; if the image is private, run `{login}`."
    elif _ABSENT.search(text):
        why = "its registry has no such image"
        remedy = "Check the name and the tag."
    else:
        why = "the engine refuses"
        remedy = f"Try `{service().command} pull {name}`."
    if similar := _similar(name):
        remedy += f" The engine has `{similar}`."
    return ImageError(f"cannot pull {name}: {why} ({text})", remedy, file=file, line=line)


def _pull(name: str, report: OnProgress) -> str:
    report(f"pulling {name}", None)
    repository, tag = docker.utils.parse_repository_tag(name)
    layers: dict[str, tuple[int, int]] = {}
    with streaming(
        lambda api: api.pull(repository, tag=tag or "latest", stream=True, decode=True)
    ) as events:
        for event in events:
            if "error" in event:
                raise docker.errors.APIError(event["error"], explanation=event["error"])
            detail = event.get("progressDetail") or {}
            if event.get("status") == "Downloading" and detail.get("total"):
                layers[event["id"]] = (detail["current"], detail["total"])
                done, total = (sum(column) for column in zip(*layers.values(), strict=True))
                report(f"pulling {name}", 100 * done // total)
    return image_id(name)


def _registry(name: str) -> str:
    """Return the registry's host, or empty for the engine's default."""
    first, slash, _ = name.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""


def _similar(name: str) -> str:
    """Return the name of a local image that the user may mean, or empty."""
    others = [tag for tag in tags() if tag != name]
    return next(iter(difflib.get_close_matches(name, others, 1, 0.8)), "")
