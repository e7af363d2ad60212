"""This module generates the JSON Schema of buildd.toml, which ships as `buildd.schema.json`."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec

from buildd.config.toml_file import BuilddToml

SHIPPED = os.path.join(os.path.dirname(os.path.dirname(__file__)), "buildd.schema.json")
"""The path of the schema in the package."""


def text() -> str:
    """Return the schema's text, ending with a newline."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "buildd.toml",
        **msgspec.json.schema(BuilddToml),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(path: str = SHIPPED) -> None:
    """Write the schema, by default into the package."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text())


if __name__ == "__main__":
    main()
