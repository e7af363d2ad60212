"""rustc, cargo and clippy as people read them, and the tests that cargo runs."""

from __future__ import annotations

import re

import msgspec

from buildd.model import ColumnUnit, Severity, TestState
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, Report

_HEAD = re.compile(
    r"(?P<kind>error|warning)(?:\[(?P<code>[\w:]+)\])?: (?P<message>.*)|error: (?P<rest>.*)"
)
_ARROW = re.compile(r" *--> (?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+)$")
_SHORT = re.compile(
    path("rs") + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning)"
    r"(?:\[(?P<code>[\w:]+)\])?: (?P<message>.*)"
)
_SOURCE = re.compile(r" *(?P<number>\d+) \| ?(?P<text>.*)$")
_MARKS = re.compile(r" *\| (?P<before>[ \-_|]*?)(?P<carets>\^+)(?:[ \-]*)(?P<label>[^\n]*)$")
_SUB = re.compile(r"(?P<kind>note|help): (?P<message>.*)")
_REMARK = re.compile(r" *= (?P<kind>note|help): (?P<message>.*)")
_LINT = re.compile(
    r"`(?:#\[\w+\(|-[WDFA] )(?P<lint>[\w:-]+)\)?\]?`(?: implied by `| on by default)?"
)
_PANIC = re.compile(
    r"thread '(?P<thread>[^'\n]*)'(?: \(\d+\))? panicked at (?:'(?P<old>.*)', )?"
    r"(?P<file>[^\s:'][^:'\n]*):(?P<line>\d+):(?P<column>\d+):?$"
)
_OLD_PANIC = re.compile(r"thread '(?P<thread>[^'\n]*)' panicked at '(?P<old>.*)$")
_OLD_END = re.compile(r"(?P<old>.*)', (?P<file>[^\s:'][^:'\n]*):(?P<line>\d+):(?P<column>\d+)$")
_TEST = re.compile(
    r"test (?P<name>\S+)(?: - should panic)? \.\.\. (?P<state>ok|FAILED|ignored)(?:, .*)?"
    r"(?: <(?P<time>[\d.]+)s>)?$"
)
_SUITE = re.compile(r" +(?:Running (?:unittests )?|Doc-tests )(?P<name>\S+)")
_MANIFEST = re.compile(r"error: failed to parse manifest at `(?P<file>[^`\n]+)`")
_TOML_PLACE = re.compile(r" *(?:TOML parse error at )?line (?P<line>\d+),? column (?P<column>\d+)")

_SUMMARY = re.compile(
    r"(?:could not compile|aborting due to|build failed|\d+ warnings? emitted|.*"
    r" generated \d+ warnings?|test failed, to rerun|Recipe )"
)
_OTHERS = ("/rustc/", "/usr/", "/root/.cargo/registry", "/.cargo/registry/")
_STATES = {"ok": TestState.PASSED, "FAILED": TestState.FAILED, "ignored": TestState.SKIPPED}
_PATIENCE = 12
"""Lines of a message before its place; a line that only looks like a head has none."""


class Rustc(Parser):
    """A head, its place, an excerpt with carets, and notes with places of their own."""

    TOOLS = "rustc, cargo, clippy, cargo test"
    LEVEL = ("text", "tests")
    HINTS = (
        "\nerror: ",
        "\nerror[",
        "\nwarning: ",
        "\nwarning[",
        " panicked at ",
        ".rs:",
        "--> ",
        "\ntest ",
        " Running ",
        " Doc-tests ",
    )

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self._pending: tuple[Severity, str, str] | None = None
        """Kind, code and message of a head that has no place yet."""
        self._sub = ""
        self._patience = 0
        self._state = ""
        """What the following lines are: empty, `excerpt`, `panic` or `manifest`."""
        self._source = ""
        self._suite = ""
        self._thread = ""
        self._message: list[str] = []
        self._manifest = ""
        self._panics: dict[str, int] = {}

    def begin(self, line: str) -> bool:
        self._state = ""
        if line.startswith(("error", "warning")):
            return self._head(line)
        if match := _ARROW.match(line):
            if not self._pending or not match["file"].endswith((".rs", ".toml")):
                return False
            return bool(self._await_place(line))
        if match := _SHORT.match(line):
            kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
            self._found(match, kind, match["code"] or "", match["message"])
        elif match := _PANIC.match(line):
            self._panic(match, match["thread"], match["old"] or "")
        elif match := _OLD_PANIC.match(line):
            # Before 1.73 the place came last, after a message of perhaps many lines.
            self._thread, self._message = match["thread"], [match["old"]]
            self._state, self._patience = "old panic", _PATIENCE
        elif match := _TEST.match(line):
            self._test(match)
        elif match := _SUITE.match(line):
            self._suite = match["name"]
        else:
            return False
        return True

    def more(self, line: str) -> bool | None:
        if self._state == "panic":
            return self._panic_message(line)
        if self._state == "old panic":
            return self._old_panic_line(line)
        if self._state == "manifest":
            return self._manifest_line(line)
        if self._pending:
            return self._await_place(line)
        if self._state != "excerpt" or not line.strip():
            return False
        return self._excerpt(line)

    # --- diagnostics

    def _head(self, line: str) -> bool:
        self._pending = None
        if match := _MANIFEST.match(line):
            self._manifest, self._state, self._patience = match["file"], "manifest", _PATIENCE
            return True
        match = _HEAD.match(line)
        if not match or match["message"] is None:
            return False
        message = match["message"]
        if _SUMMARY.match(message):
            return True
        kind = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        self._pending = kind, match["code"] or "", message
        self._patience = _PATIENCE
        # Without a code it is anybody's word until its place comes.
        return bool(match["code"])

    def _await_place(self, line: str) -> bool | None:
        assert self._pending  # noqa: S101 (the caller has looked)
        if match := _ARROW.match(line):
            severity, code, message = self._pending
            self._pending = None
            self._found(match, severity, code, message)
            return True
        self._patience -= 1
        if not self._patience or not line.strip():
            self._pending = None
            return False
        return None

    def _found(self, match: re.Match[str], severity: Severity, code: str, message: str) -> None:
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        self.at = self.report.add(span, severity, message, "rustc", code, href=_documentation(code))
        self._state, self._sub, self._source = "excerpt", "", ""

    def _excerpt(self, line: str) -> bool:
        if match := _ARROW.match(line):
            if self._sub:
                span = self.report.span(
                    match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
                )
                self.note(span, self._sub)
            return True
        if match := _SUB.match(line):
            self._sub = match["message"]
        elif match := _REMARK.match(line):
            self._remark(match["message"])
        elif match := _SOURCE.match(line):
            self._source = match["text"]
        elif not self._sub and (match := _MARKS.match(line)):
            self._mark(match)
        else:
            # Excerpts and what is written into them are indented, or are `...`.
            return line.startswith((" ", "...", "|"))
        return True

    def _mark(self, match: re.Match[str]) -> None:
        if self.at is None or self._source == "":
            return
        one = self.report.diagnostics[self.at]
        span = one.span
        if span.column and span.end_column is None and self._source.isascii():
            span = msgspec.structs.replace(span, end_column=span.column + len(match["carets"]))
        label = match["label"].strip()
        message = one.message
        if label and not set(label) <= set("|-^_ ") and "\n" not in message:
            message = f"{message}\n{label}"
        self.report.amend(self.at, span=span, message=message)
        self._source = ""

    def _remark(self, message: str) -> None:
        if self.at is None:
            return
        one = self.report.diagnostics[self.at]
        if "further information visit " in message:
            href = message.partition("visit ")[2].strip()
            code = one.code or f"clippy::{href.rpartition('#')[2].rpartition('/')[2]}"
            self.report.amend(self.at, href=href, code=code)
        elif match := _LINT.match(message):
            if not one.code:
                self.report.amend(self.at, code=match["lint"].replace("-", "_"))
        else:
            self.lengthen(f"note: {message}")

    def _manifest_line(self, line: str) -> bool | None:
        if match := _TOML_PLACE.match(line):
            span = self.report.span(self._manifest, match["line"], match["column"])
            self.add(span, Severity.ERROR, "failed to parse the manifest", "cargo")
            return True
        text = line.strip()
        self._patience -= 1
        if self.at is not None and text and not text.startswith(("|", "^")) and text[0].isalpha():
            if text != "Caused by:":
                self.lengthen(text)
            self._state = ""
        return True if self._patience else False  # noqa: SIM210 (three-valued)

    # --- tests

    def _panic(self, match: re.Match[str], thread: str, message: str) -> None:
        span = self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
        if match["file"].startswith(_OTHERS):
            span = NOWHERE
        self.add(span, Severity.ERROR, message or "panicked", "rust")
        self._state = "" if message else "panic"
        self._patience = _PATIENCE
        if self.at is not None:
            self._panics[thread] = self.at

    def _old_panic_line(self, line: str) -> bool:
        self._patience -= 1
        if match := _OLD_END.match(line):
            self._panic(match, self._thread, "\n".join((*self._message, match["old"])))
            return True
        self._message.append(line)
        return self._patience > 0

    def _panic_message(self, line: str) -> bool:
        if not line.strip() or line.startswith(("note: run with", "stack backtrace:", "thread '")):
            return False
        if self.at is not None:
            message = self.report.diagnostics[self.at].message
            message = line if message == "panicked" else f"{message}\n{line}"
            self.report.amend(self.at, message=message)
        self._patience -= 1
        return self._patience > 0

    def _test(self, match: re.Match[str]) -> None:
        path = [*filter(None, (self._suite,)), *match["name"].split("::")]
        self.report.add_test(
            path,
            _STATES[match["state"]],
            "cargo",
            duration=float(match["time"]) if match["time"] else None,
        )

    def finish(self) -> None:
        """Panics come after the list of tests that they are of."""
        for number, test in enumerate(self.report.tests):
            if test.source == "cargo" and test.state is TestState.FAILED:
                names = ("::".join(test.path), "::".join(test.path[1:]))
                at = next((self._panics[one] for one in names if one in self._panics), None)
                if at is not None:
                    one = self.report.diagnostics[at]
                    self.report.tests[number] = msgspec.structs.replace(
                        test, span=one.span, message=one.message
                    )


def _documentation(code: str) -> str:
    if re.fullmatch(r"E\d{4}", code):
        return f"https://doc.rust-lang.org/error_codes/{code}.html"
    return ""
