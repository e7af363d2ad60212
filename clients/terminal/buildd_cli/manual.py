"""The manual page, made from the commands' own help. `python -m buildd_cli.manual` prints it; what
builds the wheel puts it into share/man/man1. For the language see man(7) and groff_man(7)."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Iterator

from buildd import __version__
from buildd_cli.arguments import all_parsers
from buildd_cli.commands import COMMANDS
from buildd_cli.main import USAGE

_HEAD = """\
.TH BUILDD 1 "" "buildd {version}" "User Commands"
.SH NAME
buildd \\- build in the container, see the diagnostics in the editor
.SH SYNOPSIS
.B buildd
.RB [ \\-C
.IR DIR ]
.I COMMAND
.RI [ ARGUMENT " ...]"
"""

_DESCRIPTION = """
buildd keeps one warm build container per project, with the source mounted. Editors, the terminal
and scripts run commands in it; a daemon, which starts by itself, reads what compilers, linters and
tests print, and tells editors of it. The project's file buildd.toml says what runs where.
"""

_FILES = {
    "buildd.toml": "the configuration of a project; `buildd init` writes one",
    "~/.config/buildd/config.toml": "what you say to buildd itself",
    "~/.local/state/buildd": "what outlives the daemon: consent, results, the log",
    "$XDG_RUNTIME_DIR/buildd/daemon.sock": "where clients find the daemon",
}

_VARIABLES = {
    "BUILDD_CONFIG_DIR, BUILDD_STATE_DIR, BUILDD_RUNTIME_DIR": "other directories for the files "
    "below",
    "DOCKER_HOST, CONTAINER_HOST": "where Docker and Podman are",
    "NO_COLOR": "print without colours",
}


def page() -> str:
    """Return the text of buildd(1)."""
    os.environ["COLUMNS"] = "80"  # by which the commands' usage is wrapped
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    yield _HEAD.format(version=__version__).rstrip()
    yield ".SH DESCRIPTION"
    yield from _paragraphs(_DESCRIPTION)
    yield ".SH OPTIONS"
    options, _, status = USAGE.partition("options:\n")[2].partition("\n\n")
    for line in options.splitlines():
        option, _, text = line.strip().partition("  ")
        yield from _tagged(option, text.strip())
    yield ".SH COMMANDS"
    for name, parser in all_parsers().items():
        yield from _command(name, parser)
    yield ".SH EXIT STATUS"
    yield from _paragraphs(status.removeprefix("Exit status: "))
    yield ".SH ENVIRONMENT"
    for name, text in _VARIABLES.items():
        yield from _tagged(name, text)
    yield ".SH FILES"
    for name, text in _FILES.items():
        yield from _tagged(name, text)
    yield ".SH SEE ALSO"
    yield r".BR docker (1), podman (1), systemd.socket (5)"


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS buildd {name}"
    yield f"{_plain(COMMANDS[name].capitalize())}."
    yield ".P"
    usage = parser.format_usage().splitlines()
    yield from _verbatim(line[len("usage: ") :] for line in usage)
    yield from _paragraphs(parser.description or "")
    for action in parser._actions:  # noqa: SLF001 (argparse has no public way to look)
        if action.dest in ("help", "project"):
            continue  # told of above, once for all
        yield from _tagged(_invocation(action), action.help or "")
    yield ".P"
    yield from _paragraphs(parser.epilog or "")


def _invocation(action: argparse.Action) -> str:
    """An option with its argument, or a positional argument by its name."""
    value = action.metavar or action.dest.upper()
    if action.choices is not None and not action.metavar:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if not action.option_strings:
        return str(value)
    takes = "" if action.nargs == 0 else f" {value}"
    return ", ".join(action.option_strings) + takes


def _paragraphs(text: str) -> Iterator[str]:
    """Filled text; what is below a heading and indented stays as it is."""
    for paragraph in text.strip().split("\n\n"):
        yield ".P"
        first, *rest = paragraph.splitlines() or [""]
        if rest and all(line.startswith("  ") for line in rest):
            yield _plain(first)
            yield from _verbatim(line.removeprefix("  ") for line in rest)
        else:
            yield _plain(" ".join(paragraph.split()))


def _tagged(tag: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_plain(tag)}"
    yield _plain(text)


def _verbatim(lines: Iterable[str]) -> Iterator[str]:
    yield ".RS 4"
    yield ".nf"
    yield from map(_plain, lines)
    yield ".fi"
    yield ".RE"


def _plain(text: str) -> str:
    """Text that asks nothing of the formatter."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\`")
    escaped = escaped.replace("'", r"\(aq")
    escaped = re.sub(r"[^\x00-\x7f]", lambda found: rf"\[u{ord(found[0]):04X}]", escaped)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    print(page(), end="")
