"""`buildd init`: write a configuration for a directory."""

from __future__ import annotations

import argparse
import os

from buildd_cli.directory import project_of

HELP = """
Write a buildd.toml and, if there is none, a build.Dockerfile for a directory.

This is the first step in a new project. It recognises Makefiles, CMake, Meson, autotools, Cargo, Go
modules, package.json, pyproject.toml, Maven and Gradle. Read the two files, and change what does
not fit. Nothing is built or run.

examples:
  buildd init
  buildd init ~/src/zlib
  buildd init --force       overwrite existing files
  buildd init --from .devcontainer/devcontainer.json
  buildd init --from dock.yaml
  buildd init --schema      print the JSON Schema of buildd.toml, for editors

exit status: 0; 125 if it failed, for example because a file exists already.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "directory", nargs="?", metavar="DIR", help="the directory (default: the current one)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.add_argument(
        "--from",
        metavar="FILE",
        dest="source",
        help="convert a devcontainer.json, a dock.yaml or a Dockerfile; settings that buildd does "
        "not support become comments",
    )
    parser.add_argument(
        "--schema", action="store_true", help="only print the JSON Schema of buildd.toml"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the proposed files, and print the next steps."""
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
        print("No known build system was found: write your build command into [tasks.build].")
    else:
        print(f"Recognised: {proposed.kind}. Read the files, and change what does not fit.")
    where = "" if directory == os.getcwd() else f" in {directory}"
    print(f"Then run `buildd trust` and `buildd build`{where}.")
    return 0
