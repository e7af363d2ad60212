"""How far a tool says that it is: real lines of real tools."""

from __future__ import annotations

import pytest

from buildd.output.percent import percentage


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1/9] Building C object CMakeFiles/zlib.dir/adler32.c.o\n", 11),
        ("[9/9] Linking C executable minigzip\n", 100),
        ("[  3%] Building C object CMakeFiles/zlib.dir/adler32.c.o\n", 3),
        ("[100%] Built target minigzip\n", 100),
        ("tests/runs/test_queue.py ........                                   [ 45%]\n", 45),
        ("    Building [=======>            ] 34/96: regex, syn\n", 35),
        ("[1,024 / 2,048] 3 actions running\n", None),
        ("[512 / 2048] 3 actions running\n", 25),
        ("  3/20 Test  #3: example64 ........................   Passed    0.02 sec\n", 15),
        ("[1/9] first\nlib.c:1:2: error: later lines tell nothing\n", 11),
        ("[1/9] one\n[2/9] two\n", 22),
        ("", None),
        ("[0/0] nothing\n", None),
        ("[9/1] more than all\n", None),
        ("[101%] more than all\n", None),
        ("int a[10%]\n", None),
        ("done 50%\n", None),
        ("array[3/4] = 1\n", None),
    ],
)
def test_the_latest_word_counts(text: str, told: int | None) -> None:
    assert percentage(text) == told
