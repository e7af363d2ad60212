"""These tests find the line on which each instruction of a Dockerfile begins."""

from __future__ import annotations

import pytest

from buildd.engines.image_definition.dockerfile import instruction_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("FROM a\nRUN b\n", [1, 2]),
        ("# comment\n\nFROM a\n\n# more\nRUN b \\\n    c\nCOPY d e", [3, 6, 8]),
        ("FROM a\nRUN b && \\\n# a comment inside\n\n    c\nRUN d", [1, 2, 6]),
        ("# escape=`\nFROM a\nRUN dir c:\\\nRUN b `\n c\nRUN d", [2, 3, 4, 6]),
        ("FROM a\r\nRUN b \\\r\n c\r\nRUN d\r\n", [1, 2, 4]),
        ("ARG V=1\nFROM a:$V", [1, 2]),
    ],
)
def test_instruction_lines(text: str, lines: list[int]) -> None:
    assert instruction_lines(text) == lines
