"""Reads output that is made for programs: JSON and XML, one document per line or over many lines.

To add a format, write a module with a class derived from `Reader`, and add a line to `READERS`. If
its diagnostics are rows with names for the usual fields, add a `Form` to one of `forms/`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence

from buildd.parsers.base import Parser
from buildd.parsers.documents.base import MALFORMED, Reader
from buildd.parsers.documents.checked import checked
from buildd.parsers.documents.collect import JsonCollector, XmlCollector, documents
from buildd.parsers.report import ParseResult

READERS: tuple[str, ...] = (
    "go_events:GoEvents",
    "cargo:Cargo",
    "sarif:Sarif",
    "sarif_old:SarifOld",
    "gcc_json:GccJson",
    "eslint:Eslint",
    "linters:Ruff",
    "linters:Mypy",
    "linters:Pyright",
    "linters:Pylint",
    "linters:Shellcheck",
    "linters:Ghc",
    "go_vet:GoVet",
    "golangci:Golangci",
    "biome:Biome",
    "elm:Elm",
    "elm:Flow",
    "reviewdog:Reviewdog",
    "codequality:CodeQuality",
    "codequality:Sonar",
    "jest:Jest",
    "pytest_report:PytestReport",
    "pytest_report:PytestLog",
    "rspec_report:RspecReport",
    "js_reports:MochaReport",
    "dart_events:DartEvents",
    "js_reports:Playwright",
    "cucumber:Cucumber",
    "googletest_report:GoogletestReport",
    "junit:Junit",
    "dotnet_tests:Trx",
    "dotnet_tests:Xunit",
    "dotnet_tests:Nunit",
    "checkstyle:Checkstyle",
    "checkstyle:Cppcheck",
    "lint_xml:Pmd",
    "lint_xml:Spotbugs",
    "lint_xml:AndroidLint",
    "lint_xml:Jslint",
    "valgrind_xml:ValgrindXml",
    "lint_xml:InspectCode",
    "forms:Forms",
)
"""Each reader as `module:Class`; the first that knows a document takes it."""

_ROOTS = frozenset(
    {
        "testsuites",
        "testsuite",
        "checkstyle",
        "results",
        "pmd",
        "BugCollection",
        "issues",
        "TestRun",
        "assemblies",
        "assembly",
        "test-run",
        "test-results",
        "valgrindoutput",
        "jslint",
        "Report",
    }
)
"""The names of the outermost elements that some reader knows."""

_XML = ("<?xml", *(f"<{root}" for root in sorted(_ROOTS)))
_ROOT = re.compile(rf"<(?:{'|'.join(sorted(_ROOTS))})[\s/>]")
_INNER = re.compile(r'[{\[]\s*(?:"|\{\s*")|\[\]|<\?xml ')
_OPENER = re.compile(r'\ufeff?\s*([{\[])\s*(?=$|["{\[}\]])')


class Documents(Parser):
    """Collects whole documents and passes them to the reader that knows their format."""

    TOOLS = "SARIF, JUnit, Checkstyle, PMD and other XML and the JSON of many tools"
    LEVEL = ("structured",)
    HINTS = ('{"', "[{", "\n{", "\n[", *_XML)
    WHOLE = True

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        safe = checked(report)
        self._readers = [_imported(place)(safe) for place in READERS]
        self._of_json = [reader for reader in self._readers if not reader.IS_XML]
        self._of_xml = [reader for reader in self._readers if reader.IS_XML]
        self._json: JsonCollector | None = None
        self._xml: XmlCollector | None = None

    def begin(self, line: str) -> bool | None:
        self._json = self._xml = None
        if match := _OPENER.match(line):
            return self._begin_json(line[match.start(1) :])
        start = line.lstrip("\ufeff \t")
        if start.startswith("<"):
            return self._begin_xml(start)
        if not (match := _INNER.search(line)):
            return False
        # After other text, the line must hold a whole document or an XML declaration.
        rest = line[match.start() :]
        if rest.startswith("<"):
            return self._begin_xml(rest)
        return self._whole(rest)

    def more(self, line: str) -> bool | None:
        if self._xml:
            return self._more_xml(line)
        if self._json:
            return self._more_json(line)
        return False

    def finish(self) -> None:
        for reader in self._readers:
            reader.finish()

    # --- JSON

    def _begin_json(self, text: str) -> bool | None:
        is_whole = text.rstrip()[-1:] in ("}", "]")
        if is_whole and self._whole(text):
            return True
        collector = JsonCollector()
        if not collector.feed(text) or collector.is_complete:
            return not is_whole and self._whole(text)
        self._json = collector
        # A bracket alone can begin anything.
        return True if '"' in text else None

    def _more_json(self, line: str) -> bool | None:
        collector = self._json
        if collector is None or not line or line.isspace():
            return collector is not None
        is_its_own = collector.feed(line)
        if collector.is_given_up:
            self._json = None
            return False
        if not is_its_own:
            return None
        if collector.is_complete:
            self._json = None
            self._hand_on(collector.document(), self._of_json)
        return True

    def _whole(self, text: str) -> bool:
        """Returns whether the text begins with documents that a reader knows and has read."""
        is_known = False
        for document in documents(text):
            if self._hand_on(document, self._of_json):
                is_known = True
        return is_known

    # --- XML

    def _begin_xml(self, line: str) -> bool | None:
        if not line.startswith("<?xml") and not _ROOT.match(line):
            return False
        self._xml = XmlCollector()
        return self._more_xml(line)

    def _more_xml(self, line: str) -> bool | None:
        collector = self._xml
        if collector is None:
            return False
        collector.feed(line)
        root = collector.root
        if collector.is_given_up or (root is not None and root.tag not in _ROOTS):
            self._xml = None
            return False
        if root is None:
            return None
        if collector.is_complete:
            self._xml = None
            self._hand_on(root, self._of_xml)
        return True

    def _hand_on(self, document: object, readers: Sequence[Reader]) -> bool:
        """Returns whether one of the readers knows the document and has read it."""
        if isinstance(document, dict | list) and not document:
            return False
        for reader in readers:
            try:
                if reader.read(document):
                    return True
            except MALFORMED:
                # It resembles a document that the reader knows, but lacks a part of it.
                continue
        return False


def _imported(place: str) -> type[Reader]:
    """Imports a reader from its entry in READERS, `module:Class`."""
    module, _, attribute = place.partition(":")
    path = f"buildd.parsers.documents.{module}"
    found: type[Reader] = getattr(importlib.import_module(path), attribute)
    return found
