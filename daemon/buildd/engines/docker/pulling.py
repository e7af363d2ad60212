"""Pulling images, and why one cannot be pulled: three reasons that want three remedies."""

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


def find(name: str) -> str:
    """The id of an image that the engine has, or empty."""
    try:
        return cast("str", client().images.get(name).id)
    except docker.errors.APIError as error:
        if _is_absent(error):
            return ""
        raise


def _is_absent(error: docker.errors.APIError) -> bool:
    """Whether there is no image of a name, or it is none that an image can have."""
    return isinstance(error, docker.errors.ImageNotFound) or "invalid reference" in str(error)


def tags(repository: str | None = None) -> list[str]:
    """The names of the images that the engine has, or of those in one repository."""
    # Not `images.list`, which asks for each one by itself: somebody may remove one meanwhile.
    return [tag for row in client().api.images(repository) for tag in tags_of(row)]


def tags_of(row: Mapping[str, Any]) -> list[str]:
    """The names of an image, of which a list of images tells."""
    return [tag for tag in row.get("RepoTags") or () if tag != "<none>:<none>"]


def learn(bases: Iterable[str], engine: EngineName) -> bool:
    """Look at those images that are here; whether that has told anything new of what they bring
    into what is built on them."""
    found = False
    for name in bases:
        try:
            about = client().images.get(name).attrs["Config"] or {}
        except docker.errors.APIError as error:
            if _is_absent(error):
                continue
            raise
        env = dict(one.partition("=")[::2] for one in about.get("Env") or ())
        base = BaseImage(env=env, triggers=tuple(about.get("OnBuild") or ()))
        found = remember(engine, name, base) or found
    return found


def have(name: str, pull: Pull, report: OnProgress, *, file: str = "", line: int = 0) -> str:
    """Have the image, and return its id. With `Pull.ALWAYS`, one that is here serves where the
    registry does not. Raises ImageError, at the FROM that names it if there is one."""
    present = find(name)
    if present and pull is not Pull.ALWAYS:
        return present
    if pull is Pull.NEVER:
        raise ImageError(
            f"the image {name} is not here, and `pull` is `never`",
            f"Fetch it with `{service().command} pull {name}`, or let buildd do so.",
            file=file,
            line=line,
        )
    try:
        return _pull(name, report)
    except docker.errors.APIError as error:
        text = str(error.explanation or error).strip()
        if present:
            report(f"{name} is used as it is here; the newest cannot be had: {text}", None)
            return present
        raise failure(name, text, file=file, line=line) from error


def failure(name: str, text: str, *, file: str = "", line: int = 0) -> ImageError:
    """Why an image cannot be pulled, from what the engine says."""
    if _UNREACHED.search(text):
        why = "its registry cannot be reached"
        remedy = (
            "Look at the network and the engine's proxy; or "
            f"`{service().command} load` the image from a file."
        )
    elif _HIDDEN.search(text):
        # Some registries answer so whether it is private or not there at all.
        why = "its registry does not show it to you"
        if _ABSENT.search(text):
            why += ": it does not exist, or is private"
        login = f"{service().command} login {_registry(name)}".rstrip()
        remedy = f"Check the name; if it is private, `{login}`."
    elif _ABSENT.search(text):
        why = "its registry has no such image"
        remedy = "Check the name and the tag."
    else:
        why = "the engine refuses"
        remedy = f"Try `{service().command} pull {name}`."
    if near := _similar(name):
        remedy += f" `{near}` is here."
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
    return find(name)


def _registry(name: str) -> str:
    """The registry's host, empty for the engine's default."""
    first, slash, _ = name.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else ""


def _similar(name: str) -> str:
    """An image that is here and that may be meant."""
    others = [tag for tag in tags() if tag != name]
    return next(iter(difflib.get_close_matches(name, others, 1, 0.8)), "")
