"""`--trust-once`: consent for as long as one command lasts, for pipelines."""

from __future__ import annotations

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import argparse

    from buildd_cli.connection import Connection


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--trust-once",
        action="store_true",
        help="consent to the configuration unseen, for this command only",
    )
    parser.add_argument(
        "--grant",
        action="append",
        default=[],
        metavar="NAME",
        help="with --trust-once: grant this too (see `buildd trust --help`)",
    )


def give(arguments: argparse.Namespace, connection: Connection, project: str) -> None:
    """Consent, if that was asked for; it ends with the connection."""
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
