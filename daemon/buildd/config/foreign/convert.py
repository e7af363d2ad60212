"""Another tool's file as the text of a buildd.toml, with comments where it asks for more."""

from __future__ import annotations

import os

from buildd.config.foreign import readers
from buildd.config.foreign.draft import Draft
from buildd.config.toml_text import section, string
from buildd.errors import BuilddError


def draft_of(directory: str, file: str) -> Draft:
    """What one file of another tool asks for. Raises BuilddError where it is of no tool we know."""
    name = os.path.basename(file)
    if name.endswith((".json", ".jsonc")):
        return readers.draft_of_devcontainers(directory, [file])
    if name.endswith((".yaml", ".yml")):
        return readers.draft_of_dock(directory, file)
    if "dockerfile" in name.lower():
        return readers.draft_of_dockerfile(directory, file)
    raise BuilddError(
        f"{file} cannot be converted", "Name a devcontainer.json, a dock.yaml or a Dockerfile."
    )


def written(draft: Draft) -> list[str]:
    """The lines of its environments, after what is said of them."""
    lines = []
    for remark in draft.remarks_in_order():
        place = f"{os.path.relpath(remark.span.file, draft.directory)}:{remark.span.line}"
        lines += ["#", *(f"# {line}" for line in f"{place}: {remark.message}".split("\n"))]
    if default := draft.data.get("default-environment"):
        lines += ["", f"default-environment = {string(default)}"]
    for name, table in draft.data["environments"].items():
        lines += section(("environments", name), table)
    return lines
