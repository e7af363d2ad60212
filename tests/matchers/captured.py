"""Reads logs with an 'errorformat' each, and the quickfix list that Neovim made of them.

`tests/matchers/errorformat/NAME.efm` is the value of the option, `NAME.log` the log, and
`NAME.json` the list. `NAME.files`, if there is one, names the files and directories (`DIR/`) that
exist. The option of `compiler-NAME` is the one that Neovim's compiler plugin of that name sets.

`python -m tests.matchers.captured [NAME…]` lets Neovim write the lists again.
"""

from __future__ import annotations

import functools
import glob
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import regex

from buildd.matchers.formats import formats
from buildd.matchers.quickfix import Entry, Quickfix

DATA = os.path.join(os.path.dirname(__file__), "errorformat")
_FIELDS = ("lnum", "end_lnum", "col", "end_col", "vcol", "nr", "type", "text", "module", "pattern")
_SCRIPT = """
let &errorformat = join(readfile($OPTION), "\\n")
execute 'cgetfile' fnameescape($CASE . '.log')
let list = getqflist()
for entry in list
  let entry.file = entry.bufnr ? fnamemodify(bufname(entry.bufnr), ':p') : ''
endfor
call writefile([json_encode(list)], $RESULT)
qall!
"""


_NVIM = os.path.join(os.path.dirname(sys.executable), "nvim")
_COMPILERS = """
let formats = {'default': &errorformat}
for name in split($NAMES)
  tabnew
  execute 'compiler' name
  let formats[name] = &errorformat
endfor
call writefile([json_encode(formats)], $RESULT)
qall!
"""


def names() -> list[str]:
    """Returns the names of all logs."""
    found = glob.glob(f"{DATA}/*.log")
    return sorted(os.path.basename(path).removesuffix(".log") for path in found)


@functools.cache
def _compilers() -> dict[str, str]:
    """Returns the options that Neovim's compiler plugins set, by their names."""
    with tempfile.TemporaryDirectory() as directory:
        script, result = os.path.join(directory, "script.vim"), os.path.join(directory, "result")
        with open(script, "w", encoding="utf-8") as file:
            file.write(_COMPILERS)
        wanted = [
            name.removeprefix("compiler-") for name in names() if name.startswith("compiler-")
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": directory,
            "RESULT": result,
            "NAMES": " ".join(name for name in wanted if name != "default"),
        }
        subprocess.run(
            [_NVIM, "--headless", "--clean", "-n", "-S", script],
            env=environment,
            check=True,
            timeout=60,
            capture_output=True,
        )
        with open(result, encoding="utf-8") as file:
            found: dict[str, str] = json.load(file)
            return found


def text(name: str, ending: str) -> str:
    """Returns the text of a file; empty if there is none."""
    path = os.path.join(DATA, f"{name}.{ending}")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def efm(name: str) -> str:
    """Returns the 'errorformat' of a log."""
    if name.startswith("compiler-"):
        return _compilers()[name.removeprefix("compiler-")]
    return text(name, "efm").removesuffix("\n")


def expected(name: str) -> Any:
    """Returns the list that Neovim made."""
    return json.loads(text(name, "json"))


def entries(name: str) -> list[dict[str, Any]]:
    """Returns the valid entries of our list, in Neovim's words."""
    there = {path.rstrip("/") for path in text(name, "files").splitlines()}
    there |= {os.path.dirname(path) for path in there}
    quickfix = Quickfix(
        formats(efm(name)), regex.Pattern.search, lambda path: os.path.normpath(path) in there
    )
    found: list[Entry] = []
    for line in text(name, "log").removesuffix("\n").split("\n"):
        entry = quickfix.read(line)
        if entry is not None and not any(entry is known for known in found[-1:]):
            found.append(entry)
    return [plain(entry) for entry in found if entry.is_valid]


def plain(entry: Entry) -> dict[str, Any]:
    """Returns an entry in Neovim's words."""
    return {
        "file": os.path.normpath(entry.file) if entry.file else "",
        "lnum": entry.line,
        "end_lnum": entry.end_line,
        "col": entry.column,
        "end_col": entry.end_column,
        "vcol": int(entry.is_screen_column),
        "nr": int(entry.number or -1),
        "type": entry.kind,
        "text": entry.text,
        "module": entry.module,
        "pattern": rf"^\V{entry.search}\$" if entry.search else "",
    }


def write(name: str) -> None:
    """Lets Neovim read the log, in a directory with the files that the case names."""
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        for path in text(name, "files").splitlines():
            whole = os.path.join(directory, path)
            os.makedirs(whole if path.endswith("/") else os.path.dirname(whole), exist_ok=True)
            if not path.endswith("/"):
                open(whole, "w", encoding="utf-8").close()
        option = os.path.join(directory, ".efm")
        with open(option, "w", encoding="utf-8") as file:
            file.write(efm(name))
        script = os.path.join(directory, ".script.vim")
        result = os.path.join(directory, ".result")
        with open(script, "w", encoding="utf-8") as file:
            file.write(_SCRIPT)
        subprocess.run(
            [_NVIM, "--headless", "--clean", "-n", "-S", script],
            cwd=directory,
            env={
                "PATH": os.environ["PATH"],
                "HOME": directory,
                "LC_ALL": "C.UTF-8",
                "CASE": os.path.join(DATA, name),
                "OPTION": option,
                "RESULT": result,
            },
            check=True,
            timeout=60,
        )
        with open(result, encoding="utf-8") as file:
            found = json.load(file)
        rows = [
            {
                "file": os.path.normpath(entry["file"]).removeprefix(f"{directory}/")
                if entry["file"]
                else "",
                **{field: entry[field] for field in _FIELDS},
            }
            for entry in found
            if entry["valid"]
        ]
    with open(os.path.join(DATA, f"{name}.json"), "w", encoding="utf-8") as file:
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        file.write(f"[\n{lines}\n]\n" if lines else "[]\n")


if __name__ == "__main__":
    for case in sys.argv[1:] or names():
        write(case)
