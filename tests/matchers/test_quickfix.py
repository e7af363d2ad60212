"""Compares our quickfix list with Neovim's, for the same logs and 'errorformat'."""

from __future__ import annotations

import pytest

from tests.matchers import captured


@pytest.mark.parametrize("name", captured.names())
def test_the_list_is_the_one_that_neovim_makes(name: str) -> None:
    assert captured.entries(name) == captured.expected(name)
