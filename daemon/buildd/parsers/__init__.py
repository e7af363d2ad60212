"""Parsers: text of one tool in, diagnostics out. Pure and total: no I/O, no exception on any text.

To add one: write a module with a class derived from `base.Parser`, and add a line to `PARSERS`.
"""

from __future__ import annotations

import difflib
import functools
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from buildd.errors import UnknownNameError

if TYPE_CHECKING:
    from buildd.parsers.base import Parser
    from buildd.parsers.log import Log
    from buildd.parsers.report import Report

PARSERS: dict[str, tuple[str, ...]] = {
    "cmake": ("cmake:Cmake",),
    "autotools": ("autotools:Autotools", "shell:Shell"),
    "verilator": ("hdl:Verilator",),
    "iverilog": ("hdl:Iverilog",),
    "ghdl": ("hdl:Ghdl",),
    "yosys": ("hdl:Yosys",),
    "assert": ("assertion:Assertion",),
    "tsc": ("tsc:Tsc",),
    "eslint": (
        "eslint:Eslint",
        "eslint:EslintCompact",
        "eslint:EslintCodeframe",
        "eslint:EslintUnix",
        "eslint:EslintVisualStudio",
        "documents:Documents",
    ),
    "stylelint": (
        "eslint:Eslint",
        "eslint:StylelintUnix",
        "eslint:EslintCompact",
        "documents:Documents",
    ),
    "esbuild": ("esbuild:Esbuild",),
    "jest": ("jest:Jest", "documents:Documents"),
    "vitest": ("jest:Jest", "documents:Documents"),
    "mocha": ("mocha:Mocha",),
    "rustc": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "cargo": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "clippy": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "pytest": ("pytest:Pytest", "traceback:Traceback"),
    "unittest": ("unittest:Unittest", "traceback:Traceback"),
    "mypy": ("mypy:Mypy", "documents:Documents"),
    "pyright": ("pyright:Pyright", "documents:Documents"),
    "pylint": ("pylint:Pylint", "documents:Documents"),
    "ruff": ("ruff:Ruff", "flake8:Flake8", "documents:Documents"),
    "black": ("ruff:Ruff",),
    "flake8": ("flake8:Flake8",),
    "pyflakes": ("flake8:Pyflakes",),
    "python": ("traceback:Traceback",),
    "go": ("gotest:GoTest", "go:Go", "documents:Documents"),
    "staticcheck": ("go:Go", "documents:Documents"),
    "golangci-lint": ("go:Go", "documents:Documents"),
    "ctest": ("ctest:CTest",),
    "googletest": ("googletest:GoogleTest",),
    "catch2": ("catch2:Catch2",),
    "doctest": ("doctest:Doctest",),
    "boost": ("boosttest:BoostTest",),
    "maven": (
        "maven:Maven",
        "surefire:Surefire",
        "javac:Javac",
        "kotlinc:Kotlinc",
        "scalac:Scalac",
    ),
    "javac": ("javac:Javac",),
    "kotlinc": ("kotlinc:Kotlinc",),
    "scalac": ("scalac:Scalac",),
    "sbt": ("scalac:Scalac", "javac:Javac"),
    "sanitizer": ("sanitizer:Sanitizer",),
    "valgrind": ("valgrind:Valgrind",),
    "gdb": ("gdb:Gdb", "assertion:Assertion"),
    "stacktrace": ("gdb:Stacktrace",),
    "sarif": ("documents:Documents",),
    "json": ("documents:Documents",),
    "junit": ("documents:Documents",),
    "checkstyle": ("documents:Documents",),
    "dotnet-trace": ("dotnettrace:DotnetTrace",),
    "java": ("jvm:Jvm",),
    "shellcheck": ("shellcheck:Shellcheck", "shellcheck:ShellcheckGcc"),
    "hadolint": ("hadolint:Hadolint",),
    "docker": ("docker:Docker",),
    "buf": ("protoc:Buf",),
    "protoc": ("protoc:Protoc",),
    "shell": ("shell:Shell",),
    "ghc": ("ghc:Ghc",),
    "cabal": ("ghc:Ghc",),
    "stack": ("ghc:Ghc",),
    "hlint": ("ghc:Ghc",),
    "ocaml": ("ocaml:Ocaml",),
    "dune": ("ocaml:Ocaml",),
    "gfortran": ("gfortran:Gfortran", "gcc:Gcc", "linker:Linker"),
    "ruby": ("ruby:Ruby",),
    "rubocop": ("rubocop:Rubocop", "documents:Documents"),
    "rspec": ("rspec:Rspec", "ruby:Ruby"),
    "minitest": ("minitest:Minitest", "ruby:Ruby"),
    "phpunit": ("phpunit:Phpunit", "php:Php"),
    "php": ("php:Php",),
    "psalm": ("psalm:Psalm", "documents:Documents"),
    "phpcs": ("phpcs:Phpcs", "phpcs:PhpcsEmacs", "documents:Documents"),
    "phpstan": ("phpstan:Phpstan", "documents:Documents"),
    "prove": ("prove:Prove", "perl:Perl"),
    "perlcritic": ("perlcritic:Perlcritic",),
    "perl": ("perl:Perl",),
    "luacheck": ("luacheck:Luacheck",),
    "busted": ("busted:Busted", "lua:Lua"),
    "lua": ("lua:Lua",),
    "cppcheck": ("cppcheck:Cppcheck", "documents:Documents"),
    "clang-tidy": ("gcc:Gcc", "documents:Documents"),
    "msbuild": ("msbuild:Msbuild",),
    "dotnet": ("msbuild:Msbuild",),
    "msvc": ("msbuild:Msbuild",),
    "nvcc": ("msbuild:Msbuild", "gcc:Gcc", "linker:Linker"),
    "tap": ("tap:Tap",),
    "ninja": ("ninja:Ninja", "gcc:Gcc", "linker:Linker"),
    "meson": ("meson:Meson",),
    "bazel": ("bazel:Bazel", "gcc:Gcc", "linker:Linker"),
    "nim": ("nim:Nim",),
    "dart": ("dart:DartAnalyze", "dart:DartMachine", "dart:DartCompile"),
    "erlang": ("erlang:Erlang",),
    "node": ("node:Node",),
    "make": ("make:Make",),
    "ld": ("linker:Linker",),
    "gcc": ("gcc:Gcc", "linker:Linker", "make:Make", "documents:Documents"),
    "clang": ("gcc:Gcc", "linker:Linker", "make:Make", "documents:Documents"),
}
"""By the name that `parsers = […]` in a configuration uses: each class, and the module it is in.
Where none are named, the first may claim a line first."""


def choose(
    names: Sequence[str], directory: str, matchers: Sequence[Callable[[Report], Parser]] = ()
) -> Log:
    """The reading of one log by the parsers named and by what `matchers` make; with neither, by
    all parsers that can be chosen by the output. Raises UnknownNameError."""
    from buildd.parsers.log import Log

    for name in names:
        if name not in PARSERS:
            near = difflib.get_close_matches(name, PARSERS, 1)
            raise UnknownNameError(
                f"there is no parser `{name}`",
                f"Did you mean `{near[0]}`?" if near else "`buildd parse --list` names them.",
            )
    return Log(() if matchers and not names else kinds(tuple(names)), directory, matchers)


@functools.cache
def kinds(names: tuple[str, ...] = ()) -> tuple[type[Parser], ...]:
    """The parsers of these names, each once; without names, those that are chosen by the output.
    The first call imports them all, which takes a tenth of a second."""
    every = [place for name in names or PARSERS for place in PARSERS[name]]
    # At its last place: what several tools share is the more general one. Documents are first,
    # for nobody else may take a line of theirs.
    places = list(dict.fromkeys(reversed(every)))[::-1]
    found = sorted(map(_imported, places), key=lambda one: not one.WHOLE)
    return tuple(one for one in found if names or one.AUTOMATIC)


def described(name: str) -> tuple[str, tuple[str, ...], bool]:
    """For people: the tools that a name reads, what it can read of them, and whether it is chosen
    by the output."""
    found = kinds((name,))
    # Documents come first, and are of all tools.
    first = next((one for one in found if not one.WHOLE), found[0])
    levels = tuple(dict.fromkeys(level for one in found for level in one.LEVEL))
    return first.TOOLS, levels, first.AUTOMATIC


def _imported(place: str) -> type[Parser]:
    module, _, attribute = place.partition(":")
    found: type[Parser] = getattr(importlib.import_module(f"buildd.parsers.{module}"), attribute)
    return found
