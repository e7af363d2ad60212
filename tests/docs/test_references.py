"""What the documents refer to is there: files, functions, links, commands of buildd."""

from __future__ import annotations

import ast
import re
import shlex
from argparse import ArgumentParser
from collections.abc import Iterator

import pytest

from buildd.errors import BuilddError
from buildd_cli.arguments import all_parsers, parse
from buildd_cli.commands import COMMANDS
from tests.docs import pages
from tests.docs.pages import ROOT

_FENCED = re.compile(r"(?ms)^```.*?^```$")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FILE = re.compile(
    r"(?:daemon|clients|tests|docs)/[\w./-]+|(?:src|lua|plugin)/[\w./-]+|\w+\.(?:py|ts|lua|sh)"
)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")

FOLDERS = ("", "daemon/buildd", "clients/vscode", "clients/neovim")
"""Where a file that is named is: the page says from where."""

MADE = {"docs/add-a-parser.md", "docs/add-an-engine.md"}
"""Pages that name files which their readers make; tests/docs/test_commands.py follows them."""


def prose(page: str) -> str:
    """A page without its blocks."""
    return _FENCED.sub("", pages.text(page))


def spans(page: str) -> Iterator[str]:
    yield from _SPAN.findall(prose(page))


@pytest.mark.parametrize("page", sorted(set(pages.PAGES) - MADE - {"CHANGELOG.md"}))
def test_the_files_that_it_names_are_there(page: str) -> None:
    for span in spans(page):
        name = span.partition("::")[0]
        if _FILE.fullmatch(name):
            found = [(ROOT / folder / name).exists() for folder in FOLDERS]
            anywhere = "/" not in name and any(ROOT.glob(f"[dct]*/**/{name}"))
            assert any(found) or anywhere, f"{page} names {name}"


@pytest.mark.parametrize("page", ["docs/architecture.md"])
def test_the_functions_that_it_names_are_in_their_files(page: str) -> None:
    for file, function in re.findall(r"`([\w/]+\.py)` \(`(\w+)`\)", prose(page)):
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, kinds)}, file


@pytest.mark.parametrize("page", pages.PAGES)
def test_its_links_lead_somewhere(page: str) -> None:
    for path, anchor in _LINK.findall(prose(page)):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page} links to {path}"
        if anchor:
            assert anchor in slugs(target.read_text("utf-8")), f"{page} links to {path}#{anchor}"


@pytest.mark.parametrize("page", sorted(set(pages.PAGES) - {"CHANGELOG.md"}))
def test_the_commands_that_it_names_are_commands(page: str) -> None:
    """Those in running text, which nobody runs: `buildd up --rebuild`."""
    known = all_parsers()
    for span in spans(page):
        if not span.startswith("buildd "):
            continue
        words = [word for word in shlex.split(span)[1:] if word != "…"]
        if words[0].startswith("-"):
            continue
        assert words[0] in COMMANDS, f"{page}: {span}"
        arguments = [word for word in (word.rstrip("…") for word in words[1:]) if word]
        if arguments and arguments[0] not in ("--help", "|"):
            problem = problem_of(known[words[0]], arguments)
            # A part of a command line is enough: the reader knows what goes there.
            assert not problem or "required" in problem, f"{page}: {span}: {problem}"


def problem_of(parser: ArgumentParser, arguments: list[str]) -> str:
    """What the command says of a command line; empty if it takes it."""
    try:
        parse(parser, arguments)
    except BuilddError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("page", pages.PAGES)
def test_the_targets_of_make_that_it_names_are_there(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?m)^([\w-]+):", makefile))
    for span in spans(page):
        if found := re.fullmatch(r"make ([a-z][\w-]*)(?: ARGS=.*)?", span):
            assert found[1] in targets, f"{page}: {span}"


def slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    titles = re.findall(r"(?m)^#+ (.*)$", _FENCED.sub("", text))
    return {
        re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-")
        for title in titles
    }
