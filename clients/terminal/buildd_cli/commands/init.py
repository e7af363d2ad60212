"""`buildd init`: a configuration from what a directory holds."""

from __future__ import annotations

import argparse
import os

from buildd_cli.directory import project_of

HELP = """
Write a buildd.toml and, if there is none, a build.Dockerfile, from what the directory holds: a
Makefile, CMake, Meson, autotools, Cargo, go.mod, package.json, pyproject, Maven, Gradle. Both are
a beginning: read them, and change what does not fit. Nothing is built or run.

examples:
  buildd init
  buildd init ~/src/zlib
  buildd init --force       overwrite what is there
  buildd init --from .devcontainer/devcontainer.json
  buildd init --from dock.yaml
  buildd init --schema      print the JSON Schema of buildd.toml, for editors

exit status: 0, or 125 where it failed, as when a file is there already.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("directory", nargs="?", metavar="DIR", help="default: the present one")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    parser.add_argument(
        "--from",
        metavar="FILE",
        dest="source",
        help="convert a devcontainer.json, a dock.yaml or a Dockerfile, with comments on what "
        "it asks for and cannot have",
    )
    parser.add_argument("--schema", action="store_true", help="print the schema of buildd.toml")


def run(arguments: argparse.Namespace) -> int:
    """Propose, write, and say what comes next."""
    if arguments.schema:
        from buildd.config import schema

        print(schema.text(), end="")
        return 0
    from buildd.config.init import scaffold

    directory = project_of(arguments, arguments.directory)
    if arguments.source:
        source = os.path.realpath(project_of(arguments, arguments.source))
        proposed = scaffold.convert(os.path.realpath(directory), source)
    else:
        proposed = scaffold.propose(directory)
    for path in scaffold.write(directory, proposed, force=arguments.force):
        print(f"wrote {path}")
    if proposed.kind == scaffold.UNKNOWN:
        print("Nothing here says how it is built: say that in [tasks.build]; then `buildd trust`,")
    else:
        print(f"It was taken for: {proposed.kind}. Read the files; then `buildd trust`,")
    print(f"and `buildd build`{'' if directory == os.getcwd() else f' in {directory}'}.")
    return 0
