"""This module turns a devcontainer.json into an environment.

Source: https://containers.dev/implementors/json_reference/.
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from typing import Any

from buildd.config.foreign import mount_text
from buildd.config.foreign.devcontainer_keys import IGNORED, READ, UNSUPPORTED
from buildd.config.foreign.devcontainer_variables import Variables
from buildd.config.foreign.document import read_json
from buildd.config.foreign.draft import Draft, Translation
from buildd.config.foreign.run_arguments import (
    put_capability,
    put_mount,
    put_privileged,
    put_security,
    translate,
)
from buildd.config.key_positions import Origin, Path
from buildd.errors import ConfigError

_SUDO = re.compile(r"\bsudo\b")


def read_devcontainer(draft: Draft, file: str, name: str) -> None:
    """Add the environment `name` from `file` to the draft.

    Raises ConfigError if the file cannot be read, or is not a JSON object.
    """
    source = read_json(file)
    if not isinstance(source.data, dict):
        raise ConfigError("the file must contain an object", "Begin it with `{`.", file=file)
    draft.files.append(file)
    into = Translation(draft, source, name)
    for line, column in source.missing_commas:
        into.remark_at(Origin(file, "", line, column), "a comma is missing before this")
    _Reader(into, source.data).read()


class _Reader:
    """Reads one file."""

    def __init__(self, into: Translation, data: dict[str, Any]) -> None:
        self.into = into
        self.data = data
        self.directory = into.draft.directory
        self.folder = os.path.dirname(into.source.path)
        self.variables = Variables(self.directory, into.source.path, into.draft.host_variables)

    def read(self) -> None:
        if not self._image():
            return
        self._workspace()
        self.filled = self.variables.fill(self.data)
        self._mounts()
        user = translate(self.into.texts(self.filled, ("runArgs",)), self.into)
        self._environment()
        self._user(user)
        self._rights()
        self._hooks()
        self._rest()

    # --- image

    def _image(self) -> bool:
        filled = self.variables.fill(self.data)
        build = filled.get("build", {})
        if not isinstance(build, dict):
            self.into.wrong_type(("build",), "an object")
            build = {}
        key: Path = ("build", "dockerfile")
        dockerfile = self.into.text(build, key) or self.into.text(build, ("build", "dockerFile"))
        context_key: Path = ("build", "context")
        context = self.into.text(build, context_key)
        if not dockerfile and (dockerfile := self.into.text(filled, ("dockerFile",))):
            key = ("dockerFile",)
        if not context and (context := self.into.text(filled, ("context",))):
            context_key = ("context",)
        image = self.into.text(filled, ("image",))
        if dockerfile:
            self._dockerfile(dockerfile, key)
            self._context(context, context_key if context else key)
            self._build(build)
        elif image:
            self.into.put(("image",), image, ("image",))
        elif "dockerComposeFile" in self.data:
            self.into.fail(
                ("dockerComposeFile",),
                "is not supported, and the file names no image",
                "Write a buildd.toml with the Dockerfile or the image of the service that you "
                "work in; start the others with `docker compose up`.",
            )
            return False
        else:
            self.into.fail(
                (),
                "the file names no image",
                'Add `"image": "…"`, or `"build": { "dockerfile": "…" }`.',
            )
            return False
        return True

    def _dockerfile(self, name: str, key: Path) -> None:
        path = os.path.normpath(os.path.join(self.folder, name))
        self.into.put(("dockerfile",), self.into.toml_path(path), key)

    def _context(self, name: str, key: Path) -> None:
        path = os.path.normpath(os.path.join(self.folder, name or "."))
        self.into.put(("context",), self.into.toml_path(path), key)

    def _build(self, build: dict[str, Any]) -> None:
        if target := self.into.text(build, ("build", "target")):
            self.into.put(("target",), target, ("build", "target"))
        for name, value in self.into.pairs(build, ("build", "args")).items():
            self.into.put(("build-args", name), value, ("build", "args", name))
        if build.get("options"):
            self.into.remark(("build", "options"), "is not supported, and is ignored")
        known = ("dockerfile", "dockerFile", "context", "target", "args", "cacheFrom", "options")
        self.into.unknown(build, known, ("build",))

    # --- the project's path

    def _workspace(self) -> None:
        """Mount the project where the file says, else where the specification says."""
        variables = self.variables
        default = f"/workspaces/{os.path.basename(self.directory) or 'root'}"
        target, source = "", self.directory
        text = variables.fill(self.into.text(self.data, ("workspaceMount",)))
        if text:
            mount = mount_text.parse_mount(text)
            target = mount.target
            if mount.kind == mount_text.BIND:
                source = os.path.normpath(os.path.join(self.directory, mount.source))
            else:
                self.into.note(
                    ("workspaceMount",),
                    "is not a bind mount: buildd mounts the project's own directory",
                )
        folder = variables.fill(self.into.text(self.data, ("workspaceFolder",)))
        key: Path = ("workspaceMount",) if target else ("workspaceFolder",)
        if target and source != self.directory:
            target = self._mount_other_directory(source, target, default)
        elif not target:
            # If only the folder is given, it is meant to be the project's path.
            target = default if not folder or _contains(default, folder) else folder
        target = posixpath.normpath(target)
        self.into.put(("mount",), target, key if key[0] in self.data else ())
        variables.container_folder = posixpath.normpath(folder) if folder else target
        self.starts_in = "" if variables.container_folder == target else variables.container_folder

    def _mount_other_directory(self, source: str, target: str, default: str) -> str:
        """Mount the directory of `workspaceMount` too; return the project's own path."""
        self.into.mount(source, target, ("workspaceMount",))
        if _contains(source, self.directory):
            return posixpath.join(target, os.path.relpath(self.directory, source))
        return default

    def _mounts(self) -> None:
        values = self.filled.get("mounts")
        if values is None:
            return
        if not isinstance(values, list):
            self.into.wrong_type(("mounts",), "a list")
            return
        for index, value in enumerate(values):
            key = ("mounts", index)
            if isinstance(value, str):
                put_mount(self.into, mount_text.parse_mount(value), key)
            elif isinstance(value, dict):
                put_mount(self.into, mount_text.parse_mount_fields(value), key)
            else:
                self.into.wrong_type(key, "a string or an object")

    # --- variables, user, privileges

    def _environment(self) -> None:
        filled = self.variables.fill_env(self.data)
        for key in ("containerEnv", "remoteEnv"):
            for name, value in self.into.pairs(filled, (key,)).items():
                if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                    self.into.put(("env", name), value, (key, name))
                else:
                    self.into.remark(
                        (key, name), "is not a valid name of a variable, and is ignored"
                    )

    def _user(self, from_arguments: str) -> None:
        key, user = ("runArgs",), from_arguments.partition(":")[0]
        for name in ("containerUser", "remoteUser"):
            if value := self.into.text(self.filled, (name,)):
                key, user = (name,), value
        self.into.put(("user",), _USERS.get(user, user), key if user else ())
        if user not in _USERS and self.data.get("updateRemoteUserUID") is False:
            self.into.note(
                ("updateRemoteUserUID",), "has no effect: new files always belong to you"
            )

    def _rights(self) -> None:
        for key, name in self.into.texts(self.filled, ("capAdd",)):
            put_capability(self.into, name, key)
        for key, text in self.into.texts(self.filled, ("securityOpt",)):
            put_security(self.into, text, key)
        if self.filled.get("privileged") is True:
            put_privileged(self.into, ("privileged",))

    # --- hooks

    def _hooks(self) -> None:
        filled = self.variables.fill_command(self.data)
        for key in ("onCreateCommand", "updateContentCommand", "postCreateCommand"):
            self._hook("on-create", key, filled.get(key))
        self._hook("on-start", "postStartCommand", filled.get("postStartCommand"))

    def _hook(self, hook: str, key: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if command := self._command((key, name), inner):
                    self.into.put((hook, key, name or "command"), command, (key, name))
        elif command := self._command((key,), value):
            self.into.put((hook, key), command, (key,))

    def _command(self, key: Path, value: Any) -> str | list[str] | None:
        """Return the command with its starting directory, or None if there is none."""
        if not value:
            return None
        if isinstance(value, str):
            command: str | list[str] = value
            if self.starts_in:
                command = f"cd {shlex.quote(self.starts_in)} || exit\n{value}"
        elif isinstance(value, list) and all(isinstance(word, str) for word in value):
            command = value
            if self.starts_in:
                command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.starts_in, *value]
        else:
            self.into.wrong_type(key, "a string, a list of strings, or an object of these")
            return None
        uses_sudo = any(map(_SUDO.search, [value] if isinstance(value, str) else value))
        if uses_sudo and self.into.table["user"] != "root":
            self.into.put(("sudo",), True, key)
        return command

    # --- the rest

    def _rest(self) -> None:
        for key, report in UNSUPPORTED.items():
            if self.data.get(key):
                report(self.into, (key,))
        if self.data.get("overrideCommand") is False:
            self.into.note(
                ("overrideCommand",),
                "has no effect: buildd does not run the image's own command",
                "Start its processes with `postStartCommand`.",
            )
        self.into.unknown(self.data, (*READ, *UNSUPPORTED, *IGNORED))


_USERS = {"": "image", "root": "root", "0": "root"}


def _contains(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
