"""Defines the problem matchers that VS Code and its common extensions know by name.

The regular expressions are our own, for the same lines.
"""

from __future__ import annotations

from typing import Any

_MICROSOFT = {"file": 1, "location": 2, "severity": 3, "code": 4, "message": 5}
_AT = r"\((\d+(?:,\d+){0,3})\)\s*:\s+"
_HOW_BAD = r"(?:fatal\s+)?(error|warning|info)\s+"

PATTERNS: dict[str, Any] = {
    "msCompile": {
        "regexp": rf"^(?:\s*\d+>)?\s*(\S.*?){_AT}{_HOW_BAD}(\w{{1,3}}\d+)\s*:\s*(.*)$",
        **_MICROSOFT,
    },
    "cpp": {"regexp": rf"^(\S.*?){_AT}{_HOW_BAD}(C\d+)\s*:\s*(.*)$", **_MICROSOFT},
    "csc": {"regexp": rf"^(\S.*?){_AT}{_HOW_BAD}(CS\d+)\s*:\s*(.*)$", **_MICROSOFT},
    "vb": {"regexp": rf"^(\S.*?){_AT}{_HOW_BAD}(BC\d+)\s*:\s*(.*)$", **_MICROSOFT},
    "gulp-tsc": {
        "regexp": rf"^(\S.*?){_AT}(\d+)\s+(.*)$",
        "file": 1,
        "location": 2,
        "code": 3,
        "message": 4,
    },
    "tsc": {
        "regexp": r"^(\S.*?)[(:](\d+)[,:](\d+)(?:\):\s+|\s+-\s+)(error|warning|info)\s+"
        r"TS(\d+)\s*:\s*(.*)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "severity": 4,
        "code": 5,
        "message": 6,
    },
    "lessCompile": {
        "regexp": r"^\s*(.*) in file (.*) line no\. (\d+)$",
        "message": 1,
        "file": 2,
        "line": 3,
    },
    "lessc": {
        "regexp": r"(\S.*)\sin\s(.*)\son line\s(\d+),\scolumn\s(\d+)",
        "message": 1,
        "file": 2,
        "line": 3,
        "column": 4,
    },
    "jshint": {
        "regexp": r"^(.*):\s+line\s+(\d+),\s+col\s+(\d+),\s(.+?)(?:\s+\((\w)(\d+)\))?$",
        "file": 1,
        "line": 2,
        "column": 3,
        "message": 4,
        "severity": 5,
        "code": 6,
    },
    "jshint-stylish": [
        {"regexp": r"^(.+)$", "file": 1},
        {
            "regexp": r"^\s+line\s+(\d+)\s+col\s+(\d+)\s+(.+?)(?:\s+\((\w)(\d+)\))?$",
            "line": 1,
            "column": 2,
            "message": 3,
            "severity": 4,
            "code": 5,
            "loop": True,
        },
    ],
    "eslint-compact": {
        "regexp": r"^(.+):\sline\s(\d+),\scol\s(\d+),\s(Error|Warning|Info)\s-\s(.+)\s\((.+)\)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "severity": 4,
        "message": 5,
        "code": 6,
    },
    "eslint-stylish": [
        {"regexp": r"^(\S.*)$", "file": 1},
        {
            "regexp": r"^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.+?)(?:\s\s+(\S+))?$",
            "line": 1,
            "column": 2,
            "severity": 3,
            "message": 4,
            "code": 5,
            "loop": True,
        },
    ],
    "go": {
        "regexp": r"^(?:[^:]*: )?((?:.:)?[^:]*):(\d+)(?::(\d+))?: (.*)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "message": 4,
    },
    "gcc": {
        "regexp": r"^(.+?):(\d+):(?:(\d+):)?\s+(?:fatal\s+)?(warning|error):\s+(.*)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "severity": 4,
        "message": 5,
    },
    "rustc": [
        {
            "regexp": r"^(error|warning|warn)(?:\[(\w+)\])?: (.*)$",
            "severity": 1,
            "code": 2,
            "message": 3,
        },
        {"regexp": r"^\s*[-=>]+\s*(.*?):(\d+):(\d+)\s*$", "file": 1, "line": 2, "column": 3},
    ],
    "rust-panic": [
        {
            "regexp": r"^thread '.*' (?:\(\d+\) )?panicked at (.*?):(\d+):(\d+):$",
            "file": 1,
            "line": 2,
            "column": 3,
        },
        {"regexp": r"^(.*)$", "message": 1},
    ],
    "node-sass": [
        {"regexp": r"^\{$"},
        {"regexp": r'^\s*"status":\s\d+,'},
        {"regexp": r'^\s*"file":\s"(.*)",', "file": 1},
        {"regexp": r'^\s*"line":\s(\d+),', "line": 1},
        {"regexp": r'^\s*"column":\s(\d+),', "column": 1},
        {"regexp": r'^\s*"message":\s"(.*)",', "message": 1},
        {"regexp": r'^\s*"formatted":\s'},
        {"regexp": r"^\}$"},
    ],
    "esbuild": [
        {"regexp": r"^\S+ \[(ERROR|WARNING)\] (.+)$", "severity": 1, "message": 2},
        {"regexp": r"^\s*$"},
        {"regexp": r"^\s+(\S.*):(\d+):(\d+):$", "file": 1, "line": 2, "column": 3},
    ],
}
"""What `"pattern": "$NAME"` stands for."""

_TSC = {"source": "ts", "owner": "typescript", "fileLocation": ["relative", "${cwd}"]}
_ESLINT = {"source": "eslint", "fileLocation": "absolute"}
_JSHINT = {"source": "jshint", "fileLocation": "absolute"}
_RUSTC = {
    "source": "rustc",
    "fileLocation": ["autoDetect", "${workspaceFolder}"],
    "columnUnit": "code-point",
}
_MSCOMPILE = {"source": "msCompile", "fileLocation": "absolute", "pattern": "$msCompile"}

MATCHERS: dict[str, dict[str, Any]] = {
    "msCompile": _MSCOMPILE,
    "mscompile": _MSCOMPILE,
    "cpp": {"source": "cpp", "fileLocation": "absolute", "pattern": "$cpp"},
    "csc": {"source": "csc", "fileLocation": "absolute", "pattern": "$csc"},
    "vb": {"source": "vb", "fileLocation": "absolute", "pattern": "$vb"},
    "gulp-tsc": {"source": "ts", "owner": "typescript", "pattern": "$gulp-tsc"},
    "tsc": {**_TSC, "pattern": "$tsc"},
    "tsc-watch": {
        **_TSC,
        "pattern": "$tsc",
        "background": {
            "activeOnStart": True,
            "beginsPattern": r"(?:Starting compilation in watch mode|"
            r"File change detected\. Starting incremental compilation)\.\.\.",
            "endsPattern": r"(?:Compilation complete\.|Found \d+ errors?\.) "
            r"Watching for file changes\.",
        },
    },
    "lessCompile": {"source": "less", "fileLocation": "absolute", "pattern": "$lessCompile"},
    "lessc": {"source": "lessc", "fileLocation": "absolute", "pattern": "$lessc"},
    "jshint": {**_JSHINT, "pattern": "$jshint"},
    "jshint-stylish": {**_JSHINT, "pattern": "$jshint-stylish"},
    "eslint-compact": {**_ESLINT, "pattern": "$eslint-compact"},
    "eslint-stylish": {**_ESLINT, "pattern": "$eslint-stylish"},
    "go": {"source": "go", "columnUnit": "byte", "pattern": "$go"},
    "gcc": {
        "source": "gcc",
        "fileLocation": ["autoDetect", "${cwd}"],
        "columnUnit": "byte",
        "pattern": "$gcc",
    },
    "rustc": {**_RUSTC, "pattern": "$rustc"},
    "cargo": {**_RUSTC, "pattern": "$rustc"},
    "rustc-watch": {
        **_RUSTC,
        "pattern": "$rustc",
        "background": {"beginsPattern": r"^\[Running\b", "endsPattern": r"^\[Finished running\b"},
    },
    "rust-panic": {**_RUSTC, "pattern": "$rust-panic"},
    "node-sass": {"source": "node-sass", "fileLocation": "absolute", "pattern": "$node-sass"},
    "esbuild": {"source": "esbuild", "columnUnit": "byte", "pattern": "$esbuild"},
    "esbuild-watch": {
        "source": "esbuild",
        "columnUnit": "byte",
        "pattern": "$esbuild",
        "background": {
            "activeOnStart": True,
            "beginsPattern": r"\[watch\] build started",
            "endsPattern": r"\[watch\] build finished",
        },
    },
}
"""What `"problemMatcher": "$NAME"` stands for."""
