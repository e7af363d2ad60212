"""This module turns a dock.yaml into environments.

Source: the tool `dock`, https://github.com/eZanmoto/dock.
"""

from __future__ import annotations

import os
from typing import Any

from buildd.base.printable import quoted
from buildd.config.foreign.document import Document, read_yaml
from buildd.config.foreign.draft import Draft, Translation
from buildd.config.foreign.mount_text import BIND, MountText
from buildd.config.foreign.run_arguments import put_mount, translate
from buildd.errors import ConfigError

VERSION = "0.1"
"""The supported version of the schema."""

SOCKET = "/var/run/docker.sock"
"""The path of Docker's socket, which `mount_local: [docker]` mounts."""

_KEYS = (
    "build_args",
    "cache_volumes",
    "context",
    "env",
    "mount_local",
    "mounts",
    "run_args",
    "shell",
    "workdir",
)
_LOCAL = ("docker", "group", "project_dir", "user")


def read_dock(draft: Draft, file: str) -> None:
    """Add the file's environments to the draft.

    Raises ConfigError if the file cannot be read, has no environments, or another version.
    """
    source = read_yaml(file)
    draft.files.append(file)
    environments = source.data.get("environments") if isinstance(source.data, dict) else None
    if not isinstance(environments, dict) or not environments:
        raise ConfigError(
            "the file has no environments", "Add them below `environments:`.", file=file
        )
    version = source.data.get("schema_version")
    if version != VERSION:
        line, column = source.positions.get(("schema_version",), (1, 1))
        raise ConfigError(
            f"`schema_version` must be '{VERSION}'",
            "buildd supports no other version.",
            file=file,
            line=line,
            column=column,
            key="schema_version",
        )
    for name, values in environments.items():
        _Reader(draft, source, name, values).read()
    default = source.data.get("default_shell_env")
    if isinstance(default, str) and default in environments:
        draft.data["default-environment"] = default


class _Reader:
    """Reads one environment of the file."""

    def __init__(self, draft: Draft, source: Document, name: str, values: Any) -> None:
        self.into = Translation(draft, source, name, ("environments", name))
        self.folder = os.path.dirname(source.path)
        if not isinstance(values, dict):
            if values is not None:
                self.into.wrong_type((), "a table")
            values = {}
        self.values: dict[str, Any] = values

    def read(self) -> None:
        into, values = self.into, self.values
        dockerfile = os.path.join(self.folder, f"{into.name}.Dockerfile")
        into.put(("dockerfile",), into.toml_path(dockerfile), ())
        if context := into.text(values, ("context",)):
            path = os.path.normpath(os.path.join(self.folder, context))
            into.put(("context",), into.toml_path(path), ("context",))
        self._build_arguments()
        translate(into.texts(values, ("run_args",)), into)
        local = self._local()
        self._project(is_mounted="project_dir" in local)
        into.put(("user",), "host" if "user" in local else "image", ("mount_local",))
        if "docker" in local:
            put_mount(into, MountText(BIND, SOCKET, SOCKET), ("mount_local",))
        for name, value in into.pairs(values, ("env",)).items():
            into.put(("env", name), value, ("env", name))
        for name, path in into.pairs(values, ("cache_volumes",)).items():
            into.cache(name, path, ("cache_volumes", name))
        for outer, inner in into.pairs(values, ("mounts",)).items():
            source = os.path.normpath(os.path.join(self.folder, outer))
            put_mount(into, MountText(BIND, source, inner), ("mounts", outer))
        if shell := into.text(values, ("shell",)):
            into.put(("env", "SHELL"), shell, ("shell",))
        into.unknown(values, _KEYS)

    def _local(self) -> list[str]:
        """Return the values of `mount_local`."""
        found = []
        for key, name in self.into.texts(self.values, ("mount_local",)):
            if name in _LOCAL:
                found.append(name)
            else:
                self.into.remark(
                    key, f"cannot be {quoted(name)}", f"Choose one of: {', '.join(_LOCAL)}."
                )
        if "group" in found and "user" not in found:
            self.into.remark(("mount_local",), "has `group` without `user`, which has no effect")
        return found

    def _project(self, *, is_mounted: bool) -> None:
        """Set the project's path; it is always mounted, because there is nothing else to build."""
        workdir = self.into.text(self.values, ("workdir",))
        if is_mounted and not workdir:
            self.into.remark(
                ("mount_local",),
                "has `project_dir`, but there is no `workdir`",
                "Add `workdir`.",
            )
        if is_mounted and workdir:
            self.into.put(("mount",), workdir, ("workdir",))
        elif not is_mounted:
            self.into.note((), "does not mount the project, but buildd mounts it at its own path")

    def _build_arguments(self) -> None:
        arguments = self.into.texts(self.values, ("build_args",))
        remaining = iter(arguments)
        for key, text in remaining:
            name, sign, value = text.partition("=")
            if not sign and name in ("--build-arg", "--target"):
                value = next(remaining, (key, ""))[1]
            if name == "--build-arg":
                argument, _, content = value.partition("=")
                self.into.put(("build-args", argument), content, key)
            elif name == "--target":
                self.into.put(("target",), value, key)
            else:
                self.into.remark(key, f"{quoted(text)} is not supported, and is ignored")
