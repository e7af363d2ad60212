"""The place of an error among the calls that led to it."""

from __future__ import annotations

from buildd.model import Severity
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.trace_parser import TraceParser


def begun(*, is_placed: bool) -> TraceParser:
    """A parser that has an error, in the user's own code or elsewhere."""
    report = ParseResult("/p")
    parser = TraceParser(report)
    span = report.span("a.pl", "1") if is_placed else NOWHERE
    parser.add(span, Severity.ERROR, "it failed", "tool")
    parser.is_placed = is_placed
    return parser


def places(parser: TraceParser) -> tuple[tuple[str, int], list[tuple[str, int, str]]]:
    """Where the error is, and its notes."""
    (found,) = parser.report.diagnostics
    notes = [(note.span.file, note.span.line, note.message) for note in found.related]
    return (found.span.file, found.span.line), notes


def test_the_first_call_of_the_user_s_own_is_the_place_of_an_error_elsewhere() -> None:
    parser = begun(is_placed=False)
    assert parser.call(parser.report.span("b.pl", "2"))
    assert not parser.call(parser.report.span("c.pl", "3"), "called as f")
    assert places(parser) == (("/p/b.pl", 2), [("/p/c.pl", 3, "called as f")])


def test_calls_that_led_to_the_user_s_own_code_are_notes() -> None:
    parser = begun(is_placed=True)
    assert not parser.call(parser.report.span("b.pl", "2"))
    assert not parser.call(parser.report.span("a.pl", "1"))
    assert places(parser) == (("/p/a.pl", 1), [("/p/b.pl", 2, "called from here")])


def test_without_an_error_there_is_nothing_to_place() -> None:
    parser = TraceParser(ParseResult("/p"))
    assert not parser.call(parser.report.span("b.pl", "2"))
    assert parser.report.diagnostics == []


def test_a_note_can_be_placed_more_exactly() -> None:
    parser = begun(is_placed=True)
    report = parser.report
    parser.note(report.span("b.pl", "2"), "here")
    parser.note(report.span("c.pl", "3"), "there")
    parser.move_notes(report.span("b.pl", "2"), report.span("b.pl", "2", "7"))
    (found,) = report.diagnostics
    assert [(note.span.line, note.span.column) for note in found.related] == [(2, 7), (3, None)]
