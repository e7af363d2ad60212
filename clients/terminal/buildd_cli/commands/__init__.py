"""The commands: a module each, with `configure(parser)` and `run(arguments) -> exit status`.

To add one: write the module, and add a line to `COMMANDS`.
"""

from __future__ import annotations

COMMANDS: dict[str, str] = {
    "init": "write a buildd.toml from what the project holds",
    "up": "have an environment warm: its image built, its container running",
    "down": "stop the project's containers",
    "clean": "remove what projects have left: containers, images, caches, logs",
    "build": "run the task `build`",
    "test": "run the task `test`",
    "run": "run any task",
    "image": "build a run image from what tasks have made",
    "watch": "run tasks whenever files change",
    "ci": "run tasks on a clean checkout in fresh environments, for a pipeline",
    "verify": "compare a task's warm result with that of a clean checkout",
    "try": "run a task in another image too, and show what differs",
    "exec": "run a command in the warm environment",
    "shell": "open a shell in the warm environment",
    "shim": "write executables that run the environment's tools",
    "diagnostics": "show what the last runs found",
    "tests": "show how each test ended last",
    "parse": "find the diagnostics in any log",
    "status": "show the daemon, the project, its environments and tasks",
    "logs": "print the output of a run",
    "history": "show how runs went before, and what they took",
    "cancel": "cancel runs",
    "trust": "look at what a project would run, and consent to it",
    "doctor": "check the machine, the engines and the project",
    "lsp": "the language server, for editors",
    "daemon": "start, stop or look at the daemon",
    "demo": "break and repair a real source file, as an editor would",
    "completion": "print a completion script for bash, zsh or fish",
}
"""Each command's module in this package, and what it does in a few words; in the order of help."""
