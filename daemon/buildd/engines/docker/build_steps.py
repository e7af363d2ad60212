"""The steps of a build, as its output numbers them.

Commands of the build can print such lines too, with any number in them.
"""

from __future__ import annotations

NUMBER = r"(\d{1,6})"
"""A pattern for the number of a step or a line."""


def percentage(step: int, steps: int) -> int | None:
    """Return how much is done when step `step` of `steps` begins; None if that means nothing."""
    return 100 * (step - 1) // steps if 0 < step <= steps else None
