"""The targets of `make fuzz` hold for what the fuzzing begins with."""

from __future__ import annotations

import pytest

from tests.fuzz.seeds import seeds, words
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_what_it_begins_with(name: str) -> None:
    begun = list(seeds(name))
    assert len(begun) > 1
    for seed in [b"", *begun]:
        TARGETS[name](seed)
    for word in words(name):
        TARGETS[name](word.encode())
