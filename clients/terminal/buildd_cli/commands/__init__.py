"""The commands: one module each, with `HELP`, `configure(parser)` and `run(arguments)`.

`run` returns the exit status. To add a command, write its module and add a line to `COMMANDS`.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "init": "write a buildd.toml for this directory",
    "up": "start an environment: build its image, start its container",
    "down": "stop the project's containers",
    "clean": "remove containers, images, caches and logs of projects",
    "build": "run the task `build`",
    "test": "run the task `test`",
    "run": "run any task of the project",
    "image": "build a run image from what the tasks have built",
    "watch": "run tasks again whenever files change",
    "ci": "run tasks as a pipeline does: clean checkout, fresh containers",
    "verify": "compare a task's result with that of a clean checkout",
    "try": "run a task with another image, and show what differs",
    "exec": "run a command in the warm environment",
    "shell": "open a shell in the warm environment",
    "shim": "write scripts that run the environment's tools",
    "diagnostics": "show the diagnostics of the last runs",
    "tests": "show the last result of each test",
    "parse": "find the diagnostics in a build log",
    "status": "show the daemon, the project, its environments and tasks",
    "logs": "print the output of a run",
    "history": "show past runs and how long they took",
    "cancel": "cancel runs",
    "trust": "show what a project would run, and agree to it",
    "doctor": "check this machine, the engines and the project",
    "lsp": "run the language server, for editors",
    "daemon": "start, stop or inspect the daemon",
    "demo": "show the whole workflow on a small C project",
    "completion": "print a completion script for bash, zsh or fish",
}
"""Each command's module in this package, and what it does; in the order of `buildd --help`."""
