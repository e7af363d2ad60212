"""Where the set-up finds Debian's source packages, by the files of /etc/apt."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("apt.sh")

CLASSIC = """\
# deb http://deb.example/debian bookworm main
deb http://deb.example/debian bookworm main contrib
deb-src http://deb.example/debian bookworm main
deb\t[arch=amd64] http://deb.example/debian bookworm-updates main
deb http://security.example/ bookworm-security main
deb http://deb.example/debian trixie main
"""
STANZAS = """\
Types: deb
# where it is kept
URIs: http://deb.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian.gpg

Enabled: no
Types: deb
URIs: http://old.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://security.example/
Suites: bookworm-security
Components: main
"""
OF_CLASSIC = [
    "deb-src http://deb.example/debian bookworm main contrib",
    "deb-src [arch=amd64] http://deb.example/debian bookworm-updates main",
]
_SIGNED = "deb-src [signed-by=/usr/share/keyrings/debian.gpg] http://deb.example/debian"
OF_STANZAS = [f"{_SIGNED} bookworm main", f"{_SIGNED} bookworm-updates main"]


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"sources.list": CLASSIC}, OF_CLASSIC),
        ({"sources.list": CLASSIC, "sources.list.d/": ""}, OF_CLASSIC),
        ({"sources.list.d/debian.sources": STANZAS}, OF_STANZAS),
        ({"sources.list": "", "sources.list.d/debian.sources": STANZAS}, OF_STANZAS),
        ({"sources.list.d/debian.list": CLASSIC}, OF_CLASSIC),
        (
            {"sources.list": CLASSIC, "sources.list.d/debian.sources": STANZAS},
            OF_CLASSIC + OF_STANZAS,
        ),
        ({"sources.list": CLASSIC.replace("bookworm", "jammy")}, []),
        ({}, []),
    ],
    ids=[
        "classic alone",
        "classic, and an empty directory",
        "stanzas",
        "stanzas, and an empty list",
        "a list in the directory",
        "both",
        "another release",
        "nothing",
    ],
)
def test_source_lines(tmp_path: Path, files: dict[str, str], found: list[str]) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(text)
    # As provision.sh has it: the first failure ends it, also in a pipe.
    script = f'set -euo pipefail; . "{SCRIPT}"; source_lines "{tmp_path}" bookworm >"$0"; echo well'
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", "-c", script, str(output)], capture_output=True, text=True, check=False
    )
    assert output.read_text().splitlines() == found
    assert (done.stdout, done.stderr) == ("well\n" if found else "", "")
