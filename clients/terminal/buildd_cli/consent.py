"""The option `--trust-once`: trust the configuration for one command only, for pipelines."""

from __future__ import annotations

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

    from buildd_cli.daemon.connection import Connection


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--trust-once",
        action="store_true",
        help="trust the project's configuration without showing it, for this command only",
    )
    parser.add_argument(
        "--grant",
        action="append",
        default=[],
        metavar="NAME",
        help="with --trust-once: also grant NAME, as in `buildd trust` (can be repeated)",
    )


def give(arguments: argparse.Namespace, connection: Connection, project: str) -> None:
    """Trust the project if the option was given. The trust ends with the connection."""
    if not arguments.trust_once:
        return
    summary = connection.request("buildd/trust", project=project)
    if not summary["trusted"]:
        connection.request(
            "buildd/grant",
            project=project,
            digest=summary["digest"],
            grants=arguments.grant,
            once=True,
        )
