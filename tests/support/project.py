"""A project made for a test."""

from __future__ import annotations

import os
import textwrap

BROKEN_C = """\
int twice(int number)
{
    return 2 * numbr;
}
"""

FIXED_C = BROKEN_C.replace("numbr", "number")

MAKEFILE = "lib.o: lib.c\n\tgcc -Wall -Wextra -c lib.c\n"


class ProjectFiles:
    """A directory with files and, unless they bring one, a buildd.toml with one environment."""

    def __init__(self, path: str, files: dict[str, str], *, engine: str, image: str) -> None:
        self.path = path
        os.mkdir(path)
        head = "[environments.build]\n" + (
            'engine = "host"\n' if engine == "host" else f'image = "{image}"\n'
        )
        for name, content in files.items():
            text = textwrap.dedent(content)
            self.write(name, head + text if name == "buildd.toml" else text)

    def file(self, name: str) -> str:
        """The absolute path of a file of the project."""
        return os.path.join(self.path, name)

    def write(self, name: str, content: str) -> str:
        """Write a file, as an editor that saves in place; its absolute path."""
        path = self.file(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path, content)
        return path

    def read(self, name: str) -> str:
        with open(self.file(name), encoding="utf-8") as file:
            return file.read()


def write(path: str, content: str) -> None:
    """Write a file in place, all at once: who looks meanwhile finds it before or after, but never
    empty."""
    data = content.encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        assert os.write(file, data) == len(data)
        if os.fstat(file).st_size > len(data):
            os.ftruncate(file, len(data))
    finally:
        os.close(file)
