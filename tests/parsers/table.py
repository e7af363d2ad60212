"""Makes the table of tools in README.md from the registry.

`python -m tests.parsers.table` writes it.
"""

from __future__ import annotations

import os

from buildd.parsers import described
from buildd.parsers.registry import PARSERS

README = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
BEGIN = "<!-- tools: `python -m tests.parsers.table` writes this -->\n"
END = "<!-- end of tools -->"


def table() -> str:
    """Returns the table, with one row for each name."""
    rows = ["| `parsers` | tools | what is read |", "| --- | --- | --- |"]
    for name in sorted(PARSERS):
        tools, levels, is_automatic = described(name)
        choice = "" if is_automatic else "; only when named"
        rows.append(f"| `{name}` | {tools} | {', '.join(levels)}{choice} |")
    return "".join(f"{row}\n" for row in rows)


def written() -> str:
    """Returns the table as README.md has it."""
    with open(README, encoding="utf-8") as file:
        return file.read().partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Writes the table to README.md."""
    with open(README, encoding="utf-8") as file:
        head, _, rest = file.read().partition(BEGIN)
    # The table is made before the file is opened, so that a failure leaves the file as it was.
    new = f"{head}{BEGIN}{table()}{END}{rest.partition(END)[2]}"
    with open(README, "w", encoding="utf-8") as file:
        file.write(new)


if __name__ == "__main__":
    write()
