"""`buildd trust`: show what a project would run, and agree to it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from buildd_cli.arguments import add_json
from buildd_cli.daemon.lifecycle import connect
from buildd_cli.directory import project_of
from buildd_cli.output.prompt import confirm
from buildd_cli.output.terminal import BOLD, Style, clean, print_json

HELP = """
Show what a project's configuration would build, mount and run, and ask whether you agree.

buildd runs nothing of a project before you have agreed. Your consent covers exactly this
configuration: when it changes, buildd shows what changed and asks again.

examples:
  buildd trust
  buildd trust ~/src/zlib --show
  buildd trust --yes        in scripts, for a configuration that you wrote yourself
  buildd trust --yes --grant host-paths
  buildd trust --revoke

Some settings reach beyond the project's own container. You are asked for each of them by name:
  host               run commands on this machine itself, without a container
  engine-socket      control the container engine
  host-paths         mount files from outside the project
  capabilities       extra privileges of the container
  shared-caches      caches that other projects use too
  ssh-agent          log in with your SSH keys
  sudo               become root in the container
  host-variables     read environment variables of your session
  git-configuration  write git hooks and settings, which git on this machine obeys

exit status: 0 if it is trusted now, or with --show or --revoke; 1 if you answered no; 125 if buildd
itself failed or there is no terminal to ask on.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "directory", nargs="?", metavar="DIR", help="the project's directory (default: this one)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--yes", action="store_true", help="agree without being asked")
    what.add_argument("--show", action="store_true", help="only show it; do not ask")
    what.add_argument("--revoke", action="store_true", help="withdraw your consent")
    parser.add_argument(
        "--grant",
        action="append",
        default=[],
        metavar="NAME",
        help="grant NAME, from the list below, without being asked (can be repeated)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the configuration, ask, and record the answer."""
    project = project_of(arguments, arguments.directory)
    connection = connect()
    if arguments.revoke:
        result = connection.request("buildd/revoke", project=project)
        if arguments.json:
            print_json(result)
        else:
            print("trust revoked" if result["revoked"] else "it was not trusted")
        return 0
    summary = connection.request("buildd/trust", project=project)
    if not arguments.json:
        _show(summary)
    if not summary["trusted"] and not arguments.show:
        granted = _ask(summary, arguments)
        if granted is None:
            print("not trusted")
            return 1
        # The daemon refuses if the files have changed since they were shown.
        summary = connection.request(
            "buildd/grant", project=summary["project"], digest=summary["digest"], grants=granted
        )
        if not arguments.json:
            print("trusted")
    if arguments.json:
        print_json(summary)
    return 0


def _ask(summary: dict[str, Any], arguments: argparse.Namespace) -> list[str] | None:
    """Ask whether to trust the configuration, and for each grant.

    Returns the names of the grants; None if an answer was no. With --yes nothing is asked, and the
    daemon refuses if a grant is missing.
    """
    granted = list(arguments.grant)
    if arguments.yes:
        return granted
    if not _confirm("Trust this configuration?"):
        return None
    for grant in summary.get("grants", ()):
        if grant["name"] not in granted:
            print(f"It asks for `{grant['name']}`: {clean(grant['detail'])}.", file=sys.stderr)
            if not _confirm(f"Grant {grant['name']}?"):
                return None
            granted.append(grant["name"])
    return granted


def _show(summary: dict[str, Any]) -> None:
    style = Style(sys.stdout)
    state = "trusted" if summary["trusted"] else "not trusted"
    print(f"{style.paint(clean(summary['project']), BOLD)} ({state})")
    for line in summary["lines"]:
        print(f"  {clean(line)}")
    if summary.get("changes"):
        print(style.paint("changed since you agreed:", BOLD))
        for line in summary["changes"]:
            print(f"  {clean(line)}")
    sys.stdout.flush()


def _confirm(question: str) -> bool:
    return confirm(
        question,
        "Run `buildd trust` in a terminal, or `buildd trust --yes` if you know what it would run.",
    )
