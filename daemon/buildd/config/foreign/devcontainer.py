"""devcontainer.json → an environment: https://containers.dev/implementors/json_reference/."""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from typing import Any

from buildd.base.containment import is_below, moved
from buildd.config.foreign import mount_text
from buildd.config.foreign.devcontainer_keys import READ, UNHEARD, UNSUPPORTED
from buildd.config.foreign.devcontainer_variables import Variables
from buildd.config.foreign.document import read_json
from buildd.config.foreign.draft import Draft, Origin, Translation
from buildd.config.foreign.run_arguments import (
    put_capability,
    put_mount,
    put_privileged,
    put_security,
    translate,
)
from buildd.config.key_positions import Path
from buildd.errors import ConfigError

_SUDO = re.compile(r"\bsudo\b")


def read_devcontainer(draft: Draft, file: str, name: str) -> None:
    """Add the environment `name` from `file` to the draft. Raises ConfigError where there is
    nothing to be read."""
    source = read_json(file)
    if not isinstance(source.data, dict):
        raise ConfigError("it must be an object", "Begin it with `{`.", file=file)
    draft.files.append(file)
    into = Translation(draft, source, name)
    for line, column in source.missing:
        into.remark_at(Origin(file, "", line, column), "a comma is missing before this")
    _Reader(into, source.data).read()


class _Reader:
    """One file while it is read."""

    def __init__(self, into: Translation, data: dict[str, Any]) -> None:
        self.into = into
        self.data = data
        self.directory = into.draft.directory
        self.folder = os.path.dirname(into.source.path)
        self.variables = Variables(self.directory, into.source.path, into.draft.given)

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

    # --- what it is made of

    def _image(self) -> bool:
        filled = self.variables.fill(self.data)
        build = filled.get("build", {})
        if not isinstance(build, dict):
            self.into.unfit(("build",), "an object")
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
                "is not supported, and there is nothing else to make an environment of",
                "Write a buildd.toml with the Dockerfile or the image of the service that you "
                "work in; start the others by `docker compose up`.",
            )
            return False
        else:
            self.into.fail(
                (),
                "there is nothing to make an environment of",
                'Add `"image": "…"`, or `"build": { "dockerfile": "…" }`.',
            )
            return False
        return True

    def _dockerfile(self, name: str, key: Path) -> None:
        path = os.path.normpath(os.path.join(self.folder, name))
        self.into.put(("dockerfile",), self.into.written(path), key)

    def _context(self, name: str, key: Path) -> None:
        path = os.path.normpath(os.path.join(self.folder, name or "."))
        self.into.put(("context",), self.into.written(path), key)

    def _build(self, build: dict[str, Any]) -> None:
        if target := self.into.text(build, ("build", "target")):
            self.into.put(("target",), target, ("build", "target"))
        for name, value in self.into.pairs(build, ("build", "args")).items():
            self.into.put(("build-args", name), value, ("build", "args", name))
        if build.get("options"):
            self.into.remark(("build", "options"), "has no meaning here, and is left out")
        known = ("dockerfile", "dockerFile", "context", "target", "args", "cacheFrom", "options")
        self.into.unknown(build, known, ("build",))

    # --- where the project is in it

    def _workspace(self) -> None:
        """The project goes where the file has it; else where the specification has it."""
        variables = self.variables
        default = f"/workspaces/{os.path.basename(self.directory) or 'root'}"
        target, source = "", self.directory
        text = variables.fill(self.into.text(self.data, ("workspaceMount",)))
        if text:
            mount = mount_text.of_mount(text)
            target = mount.target
            if mount.kind == mount_text.BIND:
                source = os.path.normpath(os.path.join(self.directory, mount.source))
            else:
                self.into.note(
                    ("workspaceMount",), "is no bind mount: the project's own directory is seen"
                )
        folder = variables.fill(self.into.text(self.data, ("workspaceFolder",)))
        key: Path = ("workspaceMount",) if target else ("workspaceFolder",)
        if target and source != self.directory:
            target = self._elsewhere(source, target, default)
        elif not target:
            # Who gives only the folder means that the project is there.
            target = default if not folder or is_below(folder, default) else folder
        target = posixpath.normpath(target)
        self.into.put(("mount",), target, key if key[0] in self.data else ())
        variables.container_folder = posixpath.normpath(folder) if folder else target
        self.starts_in = "" if variables.container_folder == target else variables.container_folder

    def _elsewhere(self, source: str, target: str, default: str) -> str:
        """What is mounted is not the project: see both. Where the project is then."""
        self.into.mount(source, target, ("workspaceMount",))
        return moved(self.directory, source, target) or default

    def _mounts(self) -> None:
        values = self.filled.get("mounts")
        if values is None:
            return
        if not isinstance(values, list):
            self.into.unfit(("mounts",), "a list")
            return
        for place, value in enumerate(values):
            key = ("mounts", place)
            if isinstance(value, str):
                put_mount(self.into, mount_text.of_mount(value), key)
            elif isinstance(value, dict):
                put_mount(self.into, mount_text.of_fields(value), key)
            else:
                self.into.unfit(key, "a string or an object")

    # --- who runs commands, with what

    def _environment(self) -> None:
        filled = self.variables.fill_env(self.data)
        for key in ("containerEnv", "remoteEnv"):
            for name, value in self.into.pairs(filled, (key,)).items():
                if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                    self.into.put(("env", name), value, (key, name))
                else:
                    self.into.remark((key, name), "is no name for a variable, and is left out")

    def _user(self, of_arguments: str) -> None:
        key, user = ("runArgs",), of_arguments.partition(":")[0]
        for name in ("containerUser", "remoteUser"):
            if value := self.into.text(self.filled, (name,)):
                key, user = (name,), value
        self.into.put(("user",), _USERS.get(user, user), key if user else ())
        if user not in _USERS and self.data.get("updateRemoteUserUID") is False:
            self.into.note(
                ("updateRemoteUserUID",), "has no effect: what is written belongs to you"
            )

    def _rights(self) -> None:
        for key, name in self.into.texts(self.filled, ("capAdd",)):
            put_capability(self.into, name, key)
        for key, text in self.into.texts(self.filled, ("securityOpt",)):
            put_security(self.into, text, key)
        if self.filled.get("privileged") is True:
            put_privileged(self.into, ("privileged",))

    # --- what makes it ready

    def _hooks(self) -> None:
        filled = self.variables.fill_command(self.data)
        for key in ("onCreateCommand", "updateContentCommand", "postCreateCommand"):
            self._hook("on-create", key, filled.get(key))
        self._hook("on-start", "postStartCommand", filled.get("postStartCommand"))

    def _hook(self, hook: str, key: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, one in value.items():
                if command := self._command((key, name), one):
                    self.into.put((hook, key, name or "command"), command, (key, name))
        elif command := self._command((key,), value):
            self.into.put((hook, key), command, (key,))

    def _command(self, key: Path, value: Any) -> str | list[str] | None:
        """The command, started where the file has it; None where there is none."""
        if not value:
            return None
        if isinstance(value, str):
            command: str | list[str] = value
            if self.starts_in:
                command = f"cd {shlex.quote(self.starts_in)} || exit\n{value}"
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            command = value
            if self.starts_in:
                command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.starts_in, *value]
        else:
            self.into.unfit(key, "a string, a list of strings or an object of such")
            return None
        asks = any(map(_SUDO.search, [value] if isinstance(value, str) else value))
        if asks and self.into.table["user"] != "root":
            self.into.put(("sudo",), True, key)
        return command

    # --- the rest

    def _rest(self) -> None:
        for key, say in UNSUPPORTED.items():
            if self.data.get(key):
                say(self.into, (key,))
        if self.data.get("overrideCommand") is False:
            self.into.note(
                ("overrideCommand",),
                "has no meaning here: the image's own command is not run",
                "Start what it would start by `postStartCommand`.",
            )
        self.into.unknown(self.data, (*READ, *UNSUPPORTED, *UNHEARD))


_USERS = {"": "image", "root": "root", "0": "root"}
