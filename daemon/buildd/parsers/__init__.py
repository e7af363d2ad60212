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
    "latex": ("latex:Latex", "bibtex:Bibtex", "bibtex:Biber", "chktex:Chktex"),
    "bibtex": ("bibtex:Bibtex",),
    "biber": ("bibtex:Biber",),
    "chktex": ("chktex:Chktex",),
    "yamllint": ("yamllint:Yamllint",),
    "actionlint": ("actionlint:Actionlint",),
    "ansible-lint": ("ansiblelint:AnsibleLint", "documents:Documents"),
    "ansible": ("ansible:Ansible",),
    "markdownlint": ("markdownlint:Markdownlint",),
    "codespell": ("spelling:Codespell",),
    "misspell": ("spelling:Misspell",),
    "typos": ("spelling:Typos", "documents:Documents"),
    "vale": ("vale:Vale",),
    "shfmt": ("shfmt:Shfmt",),
    "terraform": ("terraform:Terraform", "terraform:TflintCompact"),
    "tflint": ("terraform:Terraform", "terraform:TflintCompact"),
    "helm": ("kubernetes:Helm",),
    "kubeconform": ("kubernetes:Kubeconform",),
    "checkmake": ("checkmake:Checkmake",),
    "sphinx": ("sphinx:Sphinx",),
    "docutils": ("sphinx:Sphinx",),
    "doxygen": ("doxygen:Doxygen",),
    "asciidoctor": ("asciidoctor:Asciidoctor",),
    "pandoc": ("pandoc:Pandoc",),
    "diff": ("patch:Patch",),
    "config-log": ("probes:Probes",),
    "cmake": ("cmake:Cmake",),
    "meson": ("meson:Meson", "mesontest:MesonTest"),
    "autotools": ("autotools:Autotools", "shell:Shell", "automake:Automake"),
    "automake": ("automake:Automake",),
    "verilator": ("hdl:Verilator",),
    "iverilog": ("hdl:Iverilog",),
    "ghdl": ("hdl:Ghdl",),
    "yosys": ("hdl:Yosys",),
    "assert": ("assertion:Assertion", "abort:Abort"),
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
    "html-validate": (
        "eslint:Eslint",
        "htmlhint:HtmlValidate",
        "eslint:EslintCodeframe",
        "documents:Documents",
    ),
    "htmlhint": (
        "htmlhint:Htmlhint",
        "eslint:EslintUnix",
        "eslint:EslintCompact",
        "documents:Documents",
    ),
    "oxlint": (
        "miette:Miette",
        "eslint:Eslint",
        "eslint:EslintUnix",
        "annotations:Annotations",
        "documents:Documents",
    ),
    "tslint": (
        "tslint:Tslint",
        "tslint:TslintBlocks",
        "eslint:EslintVisualStudio",
        "documents:Documents",
    ),
    "biome": ("biome:Biome", "annotations:Annotations", "documents:Documents"),
    "jshint": ("jshint:Jshint", "jshint:Standard", "eslint:Eslint", "documents:Documents"),
    "standard": ("jshint:Standard", "eslint:Eslint"),
    "prettier": ("prettier:Prettier",),
    "less": ("less:Less",),
    "sass": ("sass:Sass",),
    "svelte-check": ("svelte:SvelteCheck", "svelte:SvelteMachine"),
    "webpack": ("webpack:Webpack", "babel:Babel", "eslint:Eslint", "tsc:Tsc"),
    "babel": ("babel:Babel",),
    "swc": ("miette:Miette",),
    "rolldown": ("miette:Ariadne",),
    "rollup": ("rollup:Rollup", "babel:Babel"),
    "vite": ("vite:Vite", "esbuild:Esbuild", "miette:Ariadne", "babel:Babel"),
    "parcel": ("parcel:Parcel",),
    "next": ("nextjs:Next", "eslint:Eslint", "miette:Miette", "webpack:Webpack", "tsc:Tsc"),
    "ty": ("ty:Ty",),
    "pyrefly": ("ty:Ty",),
    "deno": ("denotest:DenoTest", "deno:Deno", "eslint:EslintCompact", "documents:Documents"),
    "esbuild": ("esbuild:Esbuild",),
    "jest": ("jest:Jest", "documents:Documents"),
    "vitest": (
        "vitest:Vitest",
        "esbuild:Esbuild",
        "miette:Ariadne",
        "documents:Documents",
    ),
    "playwright": ("playwright:Playwright", "documents:Documents"),
    "node-test": ("nodetest:NodeTest", "tap:Tap", "node:Node"),
    "bun": ("bun:Bun",),
    "mocha": ("mocha:Mocha", "documents:Documents"),
    "cypress": ("mocha:Mocha",),
    "rustc": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "cargo": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "clippy": ("rustc:Rustc", "cargotest:CargoTest", "documents:Documents"),
    "bazel": ("bazel:Bazel", "gcc:Gcc", "linker:Linker"),
    "pytest": ("pytest:Pytest", "traceback:Traceback"),
    "unittest": ("unittest:Unittest", "traceback:Traceback"),
    "pyre": ("pyre:Pyre",),
    "pytype": ("pyre:Pytype",),
    "mypy": ("mypy:Mypy", "documents:Documents"),
    "pyright": ("pyright:Pyright", "documents:Documents"),
    "pylint": ("pylint:Pylint", "documents:Documents"),
    "ruff": (
        "ruff:Ruff",
        "flake8:Flake8",
        "flake8:Flake8Pylint",
        "annotations:Annotations",
        "documents:Documents",
    ),
    "black": ("ruff:Ruff",),
    "vulture": ("vulture:Vulture",),
    "flake8": ("flake8:Flake8", "flake8:Flake8Pylint"),
    "pyflakes": ("flake8:Pyflakes", "flake8:PyflakesAny"),
    "bandit": ("bandit:Bandit", "bandit:BanditLine"),
    "pydocstyle": ("pydocstyle:Pydocstyle",),
    "isort": ("isort:Isort",),
    "annotations": ("annotations:Annotations",),
    "teamcity": ("teamcity:Teamcity",),
    "python": ("traceback:Traceback",),
    "go": ("gotest:GoTest", "go:Go", "documents:Documents"),
    "staticcheck": ("go:Go", "documents:Documents"),
    "golangci-lint": ("go:Go", "documents:Documents"),
    "revive": ("revive:Revive", "go:Go"),
    "gosec": ("go:Go",),
    "ctest": ("ctest:CTest",),
    "googletest": ("googletest:GoogleTest",),
    "catch2": ("catch2:Catch2",),
    "doctest": ("doctest:Doctest",),
    "boost": ("boosttest:BoostTest",),
    "check": ("check:Check",),
    "cmocka": ("cmocka:Cmocka",),
    "cppunit": ("cppunit:CppUnit",),
    "cpputest": ("cpputest:CppUTest",),
    "criterion": ("criterion:Criterion",),
    "cunit": ("cunit:Cunit",),
    "cxxtest": ("cxxtest:CxxTest",),
    "glib": ("glibtest:GlibTest", "tap:Tap", "assertion:Assertion"),
    "lit": ("lit:Lit", "gcc:Gcc", "linker:Linker"),
    "munit": ("munit:Munit",),
    "qtest": (
        "qttest:QtTest",
        "qt:Qt",
        "gdb:Gdb",
        "assertion:Assertion",
        "abort:Abort",
    ),
    "qml": ("qt:Qt",),
    "unity": ("unity:Unity",),
    "unittest++": ("unittestpp:UnitTestPlusPlus",),
    "kernel": ("kernel:Kernel", "tap:Tap"),
    "checkstyle": ("javalint:Checkstyle", "documents:Documents"),
    "ant": ("ant:Ant", "junittext:JunitText", "javac:Javac"),
    "gradle": (
        "gradle:Gradle",
        "javac:Javac",
        "kotlinc:Kotlinc",
        "groovy:Groovy",
        "javalint:Checkstyle",
        "javalint:Ktlint",
    ),
    "groovyc": ("groovy:Groovy",),
    "junit-text": ("junittext:JunitText", "junitconsole:JunitConsole"),
    "testng": ("testng:TestNg",),
    "scalatest": ("scalatest:ScalaTest",),
    "pmd": ("javalint:Pmd", "documents:Documents"),
    "spotbugs": ("javalint:Spotbugs", "documents:Documents"),
    "detekt": ("javalint:Detekt", "documents:Documents"),
    "ktlint": ("javalint:Ktlint", "documents:Documents"),
    "maven": (
        "javalint:Checkstyle",
        "javalint:Spotbugs",
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
    "gdb": ("gdb:Gdb", "assertion:Assertion", "abort:Abort"),
    "lldb": ("crash:Lldb", "assertion:Assertion", "abort:Abort"),
    "minidump": ("crash:Minidump",),
    "stacktrace": ("gdb:Stacktrace", "crash:Backward"),
    "sarif": ("documents:Documents",),
    "json": ("documents:Documents",),
    "junit": ("documents:Documents",),
    "vstest": ("vstest:VsTest",),
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
    "hspec": ("hspec:Hspec", "ghc:Ghc"),
    "tasty": ("tasty:Tasty", "ghc:Ghc"),
    "alcotest": ("alcotest:Alcotest",),
    "ocaml": ("ocaml:Ocaml",),
    "dune": ("ocaml:Ocaml",),
    "gnat": ("gnat:Gnat", "gcc:Gcc", "linker:Linker"),
    "fpc": ("pascal:Pascal", "linker:Linker"),
    "dmd": ("dmd:Dmd", "linker:Linker"),
    "flex": ("flex:Flex", "gcc:Gcc"),
    "glslang": ("shader:Glslang",),
    "edg": ("edg:Edg",),
    "embedded": ("embedded:Embedded",),
    "fortran": ("fortran:Fortran", "msbuild:Msbuild"),
    "eda": ("eda:Eda",),
    "gfortran": ("gfortran:Gfortran", "gcc:Gcc", "linker:Linker"),
    "ruby": ("ruby:Ruby",),
    "rubocop": ("rubocop:Rubocop", "documents:Documents"),
    "rspec": ("rspec:Rspec", "ruby:Ruby"),
    "brakeman": ("brakeman:Brakeman", "brakeman:BrakemanTabs"),
    "reek": ("reek:Reek", "reek:ReekLine"),
    "fasterer": ("reek:Fasterer",),
    "minitest": ("minitest:Minitest", "ruby:Ruby"),
    "test-unit": ("testunit:TestUnit", "minitest:Minitest", "ruby:Ruby"),
    "pest": ("pest:Pest", "php:Php"),
    "phpunit": ("phpunit:Phpunit", "testdox:Testdox", "php:Php"),
    "php": ("php:Php",),
    "psalm": ("psalm:Psalm", "documents:Documents"),
    "phpcs": ("phpcs:Phpcs", "phpcs:PhpcsEmacs", "phpcs:PhpcsCsv", "documents:Documents"),
    "phpstan": ("phpstan:Phpstan", "phpstan:PhpstanRaw", "documents:Documents"),
    "prove": ("prove:Prove", "perl:Perl"),
    "perlcritic": ("perlcritic:Perlcritic",),
    "perl": ("perl:Perl",),
    "luacheck": ("luacheck:Luacheck",),
    "busted": ("busted:Busted", "lua:Lua"),
    "lua": ("lua:Lua",),
    "cppcheck": ("cppcheck:Cppcheck", "documents:Documents"),
    "cpplint": ("cpplint:Cpplint",),
    "codechecker": ("codechecker:Codechecker", "documents:Documents"),
    "clang-tidy": ("gcc:Gcc", "documents:Documents"),
    "msbuild": ("msbuild:Msbuild",),
    "dotnet": ("msbuild:Msbuild", "vstest:VsTest"),
    "msvc": ("msbuild:Msbuild",),
    "nvcc": ("msbuild:Msbuild", "gcc:Gcc", "linker:Linker"),
    "tap": ("tap:Tap",),
    "ninja": ("ninja:Ninja", "gcc:Gcc", "linker:Linker"),
    "nim": ("nim:Nim",),
    "elixir": ("elixir:Elixir", "credo:Credo", "credo:Dialyxir"),
    "credo": ("credo:Credo",),
    "swift": ("swift:Swift", "gcc:Gcc", "linker:Linker"),
    "zig": ("zigtest:ZigTest", "zig:Zig", "gcc:Gcc", "linker:Linker"),
    "dart": (
        "dart:DartAnalyze",
        "dart:DartMachine",
        "dart:DartCompile",
        "darttest:DartTest",
    ),
    "bats": ("bats:Bats", "tap:Tap"),
    "erlang": ("erlang:Erlang", "eunit:Eunit"),
    "eunit": ("eunit:Eunit",),
    "node": ("node:Node",),
    "make": ("make:Make",),
    "ld": ("linker:Linker",),
    "gcc": ("gcc:Gcc", "linker:Linker", "driver:Driver", "make:Make", "documents:Documents"),
    "clang": ("gcc:Gcc", "linker:Linker", "driver:Driver", "make:Make", "documents:Documents"),
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
    first = min(found, key=lambda one: one.WHOLE)
    levels = tuple(dict.fromkeys(level for one in found for level in one.LEVEL))
    return first.TOOLS, levels, first.AUTOMATIC


def _imported(place: str) -> type[Parser]:
    module, _, attribute = place.partition(":")
    found: type[Parser] = getattr(importlib.import_module(f"buildd.parsers.{module}"), attribute)
    return found
