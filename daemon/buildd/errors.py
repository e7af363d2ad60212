"""This module defines every error that a client can see, with its code, message and remedy.

`server/session.py` turns these errors into JSON-RPC errors; the terminal client turns them into
one line on stderr and exit status 125. `protocol.md` lists all codes.
"""

from __future__ import annotations

# The codes that JSON-RPC 2.0 and LSP 3.17 define; buildd's own are in the classes below.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803


class BuilddError(Exception):
    """An error that says what went wrong and what the user can do about it.

    `message` is one line that names the place, without a full stop. `remedy` is a whole sentence,
    or empty. `code` is the error's number in JSON-RPC.
    """

    code = REQUEST_FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


class ProtocolError(BuilddError):
    """A message breaks the rules of protocol.md; `code` is one of JSON-RPC's own."""

    def __init__(self, message: str, remedy: str = "", *, code: int = INVALID_REQUEST) -> None:
        super().__init__(message, remedy)
        self.code = code


class ConfigError(BuilddError):
    """A configuration cannot be used.

    `file` is an absolute path. `line` and `column` are 1-based, and `column` counts characters.
    `key` is the dotted path of the key, or empty. `missing` is the absolute path of a file or
    directory that the configuration names but that does not exist, or empty.
    """

    code = -32001

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        file: str,
        line: int = 1,
        column: int = 1,
        key: str = "",
        missing: str = "",
    ) -> None:
        super().__init__(message, remedy)
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.missing = missing

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {super().__str__()}"


class UnsteadyError(ConfigError):
    """A configuration whose files change while they are read: read again, it may be right."""


class NoProjectError(BuilddError):
    """Neither a directory nor any of its parents is a project, or the directory is gone."""

    code = -32009


class UntrustedError(BuilddError):
    """The user has not trusted the project's current configuration."""

    code = -32003


class ChangedFileError(UntrustedError):
    """A file is not what the user consented to: it was exchanged between the consent and its use.

    `file` is its absolute path.
    """

    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} has changed since it was shown",
            "Look at it again with `buildd trust`.",
        )
        self.file = file


class EngineError(BuilddError):
    """The engine is missing, refused a request, or failed."""

    code = -32004


class NoEngineError(EngineError):
    """No engine answers."""


class DefinitionError(EngineError):
    """An environment cannot be made as its definition says.

    `file` and `line` (1-based) are the place of the failing part of the definition, or empty and
    0. `output` is the end of what the failing step printed.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        file: str = "",
        line: int = 0,
        output: str = "",
    ) -> None:
        super().__init__(message, remedy)
        self.file = file
        self.line = line
        self.output = output


class ImageError(DefinitionError):
    """An image cannot be built or pulled, for example because a Dockerfile's RUN failed."""

    code = -32005


class HookError(DefinitionError):
    """A hook of an environment failed; `file` is the configuration that declares the hook."""

    code = -32010


class EnvironmentLostError(EngineError):
    """The environment disappeared during a run: its container was killed or the engine stopped."""

    code = -32006


class UnknownNameError(BuilddError):
    """There is no task, environment or run of the given name."""

    code = -32007


class BusyError(BuilddError):
    """The daemon is busy or stopping, and cannot do what the client asked for now."""

    code = -32008
