"""Every error a client can see: its code, its message, its remedy.

Two edges turn them into what a client reads: `session.py` into JSON-RPC errors, the terminal
client into one line on stderr and exit status 125.
"""

from __future__ import annotations

# JSON-RPC and LSP.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803


class BuilddError(Exception):
    """What went wrong, in words for the person who reads it, and what to do about it.

    `message` names the place, in one line without a full stop; `remedy` is a sentence, or empty.
    """

    code = REQUEST_FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


class ProtocolError(BuilddError):
    """A message that is not what protocol.md says; `code` is the JSON-RPC one."""

    def __init__(self, message: str, remedy: str = "", *, code: int = INVALID_REQUEST) -> None:
        super().__init__(message, remedy)
        self.code = code


class ConfigError(BuilddError):
    """A configuration that cannot be used. `file` is absolute; `line` and `column` are 1-based,
    `column` counts characters; `key` is the dotted path, or empty. `missing` is the absolute path
    of a file or directory that the configuration names and that is not there, or empty."""

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
    """A file that cannot be read just now, or changes while it is read: read again, it may be
    right."""


class NoProjectError(BuilddError):
    """No project stands at or above a directory, or its directory is gone."""

    code = -32009


class UntrustedError(BuilddError):
    """The project's present configuration has not been trusted."""

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
    """The engine is missing, refuses, or failed."""

    code = -32004


class NoEngineError(EngineError):
    """There is none that answers."""


class DefinitionError(EngineError):
    """An environment could not be made as it is defined. `file` and `line` (1-based) name the
    failing part of its definition where there is one; `output` is the end of what it printed."""

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
    """An image could not be built or pulled: perhaps an instruction of a Dockerfile failed."""

    code = -32005


class HookError(DefinitionError):
    """A command that makes an environment ready failed; `file` is the configuration."""

    code = -32010


class EnvironmentLostError(EngineError):
    """The environment went away under a run: container killed, engine stopped."""

    code = -32006


class UnknownNameError(BuilddError):
    """No task, environment or run of that name."""

    code = -32007


class BusyError(BuilddError):
    """The daemon is busy, or stopping, and cannot do what was asked now."""

    code = -32008
