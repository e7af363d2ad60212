"""These tests check the JSON Schema with which editors complete buildd.toml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from buildd.config import schema


def test_the_shipped_file_is_up_to_date() -> None:
    with open(schema.SHIPPED, encoding="utf-8") as file:
        assert file.read() == schema.text(), "run `python -m buildd.config.schema`"


def test_every_key_has_a_description_and_others_are_forbidden() -> None:
    tables = [table for table in read()["$defs"].values() if table.get("type") == "object"]
    assert len(tables) == 6
    for table in tables:
        assert table["additionalProperties"] is False
        for name, key in table["properties"].items():
            assert key.get("description", "").endswith((".", ")")), name


def test_keys_are_those_of_the_file() -> None:
    defined = read()["$defs"]
    assert {"rebuild-on", "caches", "engine"} <= defined["EnvironmentTable"]["properties"].keys()
    assert {"on-save", "run", "debounce"} <= defined["TaskTable"]["properties"].keys()
    assert defined["TaskTable"]["required"] == ["run"]


def test_the_module_writes_the_schema(tmp_path: Path) -> None:
    schema.main(str(tmp_path / "x.json"))
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == schema.text()


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema.text())
    return found
