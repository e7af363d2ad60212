"""This module turns a table [images.NAME] into a RunImage."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from buildd.config.section import Section
from buildd.config.toml_file import ImageTable
from buildd.config.values import check_image, check_text
from buildd.model import RunImage


def to_image(name: str, table: ImageTable, tasks: Iterable[str], section: Section) -> RunImage:
    """Return the run image; `tasks` are the names of all tasks.

    Errors are added to the section.
    """
    for index, task in enumerate(table.needs):
        section.check_choice(("needs", index), "task", task, tasks)
    if table.tag:
        section.attempt(("tag",), check_image, table.tag, "")
    return RunImage(
        name=name,
        dockerfile=section.file(("dockerfile",), table.dockerfile),
        context=section.folder(("context",), table.context),
        target=section.attempt(("target",), check_text, table.target, ""),
        build_args=section.variables(table.build_args, "build-args"),
        needs=table.needs,
        tag=table.tag or default_tag(section.directory, name),
    )


def default_tag(directory: str, name: str) -> str:
    """Return the default tag: `hello-run` for the image `run` in a directory `Hello`."""
    base = re.sub(r"[^a-z0-9]+", "-", os.path.basename(directory).lower()).strip("-")
    return f"{base}-{name.lower()}" if base else name.lower()
