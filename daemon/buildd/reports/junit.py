"""Writes JUnit XML, which every pipeline can show: tests, or diagnostics if there are no tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from buildd.model import TestState
from buildd.protocol import WireTest
from buildd.reports import ReportContent

# XML 1.0 forbids these characters, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(findings: ReportContent) -> str:
    """Returns one suite for each package or file of tests, or one for each tool."""
    suites: dict[str, list[ElementTree.Element]] = {}
    for test in findings.tests:
        suites.setdefault(test.path[0] if len(test.path) > 1 else test.source, []).append(
            _test(test, findings)
        )
    if not findings.tests:
        for diagnostic in findings.diagnostics:
            place = (
                f"{findings.path(diagnostic.file)}:{diagnostic.line}:{diagnostic.column}"
                if diagnostic.file
                else diagnostic.source
            )
            case = _case(
                place,
                diagnostic.code or diagnostic.source,
                findings.path(diagnostic.file),
                diagnostic.line,
            )
            if diagnostic.severity in ("error", "warning"):
                _add(
                    case,
                    "failure",
                    diagnostic.message,
                    f"{place}: {diagnostic.message}",
                    diagnostic.severity,
                )
            suites.setdefault(diagnostic.source, []).append(case)
    root = ElementTree.Element("testsuites")
    for name, cases in suites.items():
        root.append(_suite(name, cases))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _suite(name: str, cases: list[ElementTree.Element]) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=_clean(name), tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
    suite.extend(cases)
    return suite


def _test(test: WireTest, findings: ReportContent) -> ElementTree.Element:
    case = _case(test.path[-1], ".".join(test.path[:-1]), findings.path(test.file), test.line)
    if test.duration is not None:
        case.set("time", f"{test.duration:.3f}")
    tags = {TestState.FAILED: "failure", TestState.ERRORED: "error", TestState.SKIPPED: "skipped"}
    if tag := tags.get(test.state):
        _add(case, tag, test.message, test.message, "")
    if test.output:
        ElementTree.SubElement(case, "system-out").text = _clean(test.output)
    return case


def _case(name: str, group: str, file: str, line: int) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=_clean(name), classname=_clean(group))
    if file:
        case.set("file", _clean(file))
        if line:
            case.set("line", str(line))
    return case


def _add(case: ElementTree.Element, tag: str, message: str, text: str, kind: str) -> None:
    element = ElementTree.SubElement(case, tag, message=_clean(message.partition("\n")[0]))
    if kind:
        element.set("type", kind)
    element.text = _clean(text)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
