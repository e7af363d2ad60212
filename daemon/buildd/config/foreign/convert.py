"""This module writes another tool's configuration as a buildd.toml."""

from __future__ import annotations

import os

from buildd.config.foreign import readers
from buildd.config.foreign.draft import Draft
from buildd.config.toml_text import section, string
from buildd.errors import BuilddError


def read_draft(directory: str, file: str) -> Draft:
    """Read one file of another tool. Raises BuilddError if its kind is not known."""
    name = os.path.basename(file)
    if name.endswith((".json", ".jsonc")):
        return readers.devcontainer_draft(directory, [file])
    if name.endswith((".yaml", ".yml")):
        return readers.dock_draft(directory, file)
    if "dockerfile" in name.lower():
        return readers.dockerfile_draft(directory, file)
    raise BuilddError(
        f"cannot convert {file}", "Name a devcontainer.json, a dock.yaml or a Dockerfile."
    )


def toml_lines(draft: Draft) -> list[str]:
    """Return the lines of a buildd.toml: the remarks as comments, then the environments."""
    lines = []
    for remark in draft.sorted_remarks():
        position = f"{os.path.relpath(remark.span.file, draft.directory)}:{remark.span.line}"
        lines += ["#", *(f"# {line}" for line in f"{position}: {remark.message}".split("\n"))]
    if default := draft.data.get("default-environment"):
        lines += ["", f"default-environment = {string(default)}"]
    for name, table in draft.data["environments"].items():
        lines += section(("environments", name), table)
    return lines
