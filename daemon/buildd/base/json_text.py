"""JSON that anybody may have written. Pure, standard library only."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text; raise ValueError whatever is wrong with it.

    It is json.JSONDecodeError, which knows the place, if the text is not JSON. Text that is nested
    too deep for the interpreter's stack raises ValueError too, not RecursionError.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def parse_json_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object that a text is; an empty one where it is anything else."""
    try:
        found = parse_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
