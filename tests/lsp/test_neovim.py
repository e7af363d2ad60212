"""The core loop in a real Neovim, with the configuration that README.md gives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from tests.support.daemon import Daemon
from tests.support.project import FIXED_C, MAKEFILE, ProjectFiles

HERE = os.path.dirname(__file__)


def test_save_shows_the_error_and_a_fix_clears_it(
    make_project: Callable[..., ProjectFiles], daemon: Daemon, engine: str, directory: str
) -> None:
    project = make_project(
        {
            "buildd.toml": '[tasks.build]\nrun = "make"\non-save = ["*.c"]\n',
            "Makefile": MAKEFILE,
            "lib.c": FIXED_C,
        },
        engine=engine,
    )
    programs = os.path.dirname(sys.executable)
    result = subprocess.run(
        [
            os.path.join(programs, "nvim"),
            "--headless",
            "--clean",
            "-l",
            os.path.join(HERE, "neovim.lua"),
            project.file("lib.c"),
        ],
        env={
            **daemon.environment,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": directory,
            "XDG_STATE_HOME": directory,
        },
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_configuration_is_the_one_in_the_readme() -> None:
    with open(os.path.join(HERE, "neovim.lua"), encoding="utf-8") as file:
        script = file.read()
    with open(os.path.join(HERE, "..", "..", "README.md"), encoding="utf-8") as file:
        readme = file.read()
    start = script.index("vim.lsp.config.buildd")
    end = script.index('vim.lsp.enable("buildd")')
    assert script[start:end] in readme
