"""`buildd trust`: look at what a project would run, and consent to it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from buildd_cli.arguments import add_json
from buildd_cli.daemon import connect
from buildd_cli.directory import project_of
from buildd_cli.question import agrees
from buildd_cli.terminal import BOLD, Style, clean, print_json

HELP = """
Show what a project's configuration would build, mount and run, and ask for your consent to
exactly that. Until then, nothing of it is done; after a change of its files, you are shown what
changed, and asked again.

examples:
  buildd trust
  buildd trust ~/src/zlib --show
  buildd trust --yes        in scripts, for what you have written yourself
  buildd trust --yes --grant host-paths
  buildd trust --revoke

What reaches beyond a container of its own is asked for by its name: `host` (commands on this
machine itself), `engine-socket`, `host-paths` (mounts from outside the project),
`host-variables` (what your environment variables hold), `capabilities`, `shared-caches`,
`ssh-agent`, `sudo`, `root` (commands run as root, or as the image's own user, which may be root),
`git-configuration` (hooks and configuration of git).

exit status: 0 where it is trusted now (or was only shown, or taken back), 1 where you said no,
125 where buildd failed or there is no terminal to ask on.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="default: the present one")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--yes", action="store_true", help="consent without being asked")
    what.add_argument("--show", action="store_true", help="show it, and nothing more")
    what.add_argument("--revoke", action="store_true", help="take your consent back")
    parser.add_argument(
        "--grant",
        action="append",
        default=[],
        metavar="NAME",
        help="grant this without being asked",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show, ask, record."""
    project = project_of(arguments, arguments.directory)
    connection = connect()
    if arguments.revoke:
        result = connection.request("buildd/revoke", project=project)
        if arguments.json:
            print_json(result)
        else:
            print("taken back" if result["revoked"] else "there was no consent to take back")
        return 0
    summary = connection.request("buildd/trust", project=project)
    if not arguments.json:
        _show(summary)
    if not summary["trusted"] and not arguments.show:
        named = _named(summary, arguments)
        if named is None:
            print("not trusted")
            return 1
        # Refused if the files have changed since they were shown.
        summary = connection.request(
            "buildd/grant", project=summary["project"], digest=summary["digest"], grants=named
        )
        if not arguments.json:
            print("trusted")
    if arguments.json:
        print_json(summary)
    return 0


def _named(summary: dict[str, Any], arguments: argparse.Namespace) -> list[str] | None:
    """What is granted by name; None if the answer was no. Without questions, what is missing is
    refused by the daemon."""
    named = list(arguments.grant)
    if arguments.yes:
        return named
    if not _consents("Trust this configuration?"):
        return None
    for grant in summary.get("grants", ()):
        if grant["name"] not in named:
            print(f"It asks for `{grant['name']}`: {clean(grant['detail'])}.", file=sys.stderr)
            if not _consents(f"Grant {grant['name']}?"):
                return None
            named.append(grant["name"])
    return named


def _show(summary: dict[str, Any]) -> None:
    style = Style(sys.stdout)
    state = "trusted" if summary["trusted"] else "not trusted"
    print(f"{style.paint(clean(summary['project']), BOLD)} ({state})")
    for line in summary["lines"]:
        print(f"  {clean(line)}")
    if summary.get("changes"):
        print(style.paint("what is another than when you consented:", BOLD))
        for line in summary["changes"]:
            print(f"  {clean(line)}")
    sys.stdout.flush()


def _consents(question: str) -> bool:
    return agrees(
        question,
        "Run `buildd trust` in one, or `buildd trust --yes` if you know what it would run.",
    )
