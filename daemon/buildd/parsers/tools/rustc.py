"""Reads rustc, cargo and clippy in the format for people."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Severity, Span, Tag
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.rustc_details import ARROW, Details, place_of
from buildd.parsers.tools.codespan import CORNER, GRAPH

_HEAD = re.compile(
    r"(?P<kind>error|warning)(?:\[(?P<code>[\w:-]+)\])?: (?:internal compiler error: )?"
    r"(?P<message>\S.*)"
)
_RUST_CODE = re.compile(r"E\d{4}$|(?:clippy|rustdoc|rustc)::\w+$")
_SHORT = re.compile(
    path("rs", "toml") + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning)"
    r"(?:\[(?P<code>[\w:-]+)\])?: (?P<message>.*)"
)
# Other tools use the same words.
_CARGO = re.compile(
    r" {0,11}(?:(?:Compiling|Checking|Documenting|Fresh|Downloaded|Adding|Removing|Upgrading|"
    r"Downgrading|Packaging|Verifying|Installing|Installed|Replacing|Updating|Compiled|Dirty) "
    r"(?:package `)?[\w-]+ v\d+\.\d|Updating (?:\S+ index|git (?:repository|submodule) )|"
    r"Downloading (?:\d+ )?crates?\b|Finished [^\n]*(?:\[|target\(s\) in )|Locking \d+ package|"
    r"Running (?:`|unittests |(?:tests|benches|examples|target|src)/)|Doc-tests \S|"
    r"Blocking waiting for file lock|Building \[=)"
)
_SUMMARY = re.compile(
    r"[Cc]ould not compile |could not document |aborting due to |build failed|"
    r"\d+ warnings? emitted|"
    r"[^\n]* generated \d+ warnings?|(?:test|doctest|bench) failed, to rerun|\d+ targets? failed:|"
    r"Recipe |process didn't exit successfully|build finished with warnings"
)
_OWN_WORDS = re.compile(
    r"linking with `|failed to run custom build command for |no matching package |"
    r"failed to select a version for |could not find `Cargo.toml` in |can't find crate for |"
    r"failed to get `[^`]*` as a dependency|no (?:bin|lib|example|test|bench) target |"
    r"package `[^`]*` cannot be built|the lock file \S+ needs to be updated|"
    r"cannot update the lock file |failed to load (?:manifest|source) |no such command: `|"
    r"toolchain '[^']*' is not installed|unused manifest key: |virtual workspace defaulting to |"
    r"manifest path `[^`]*` does not exist|failed to parse lock file at: "
)
_MANIFEST = re.compile(r"error: failed to parse manifest at `(?P<file>[^`\n]+)`")
_TOML_PLACE = re.compile(
    r" *(?:TOML parse error|[^\n]* at|[^\n]* for key `[^`]*`) (?:at )?line (?P<line>\d+),? column "
    r"(?P<column>\d+)$"
)
_MAX_LINES = 40
"""The most lines of a message before its place."""


class Rustc(Parser):
    """Reads a first line, its place, an excerpt with marks and labels, and notes with their places.

    Columns count code points.
    """

    TOOLS = "rustc, cargo, clippy"
    LEVEL = ("text", "fix-its")
    HINTS = (
        "\nerror: ",
        "\nerror[",
        "\nwarning: ",
        "\nwarning[",
        "--> ",
        "╭▸ ",
        ".rs:",
        ".toml:",
        " Compiling ",
        " Checking ",
        " Updating ",
        " Finished ",
        " Locking ",
    )

    def __init__(self, report: ParseResult) -> None:
        super().__init__(report)
        self._is_rust = False
        """Whether the log is known to be of Rust: then a first line needs no further proof."""
        self._pending: tuple[Severity, str, str] | None = None
        """The severity, the code and the message of a diagnostic whose place is still to come."""
        self._lines_left = 0
        self._is_empty = False
        """Whether the line before was empty."""
        self._state = ""
        """What the next lines are: empty, `pending`, `excerpt` or `manifest`."""
        self._details = Details(self)
        self._manifest = ""

    def begin(self, line: str) -> bool:
        if match := ARROW.match(line):
            return self._pending is not None and self._placed(match)
        if match := _SHORT.match(line):
            self._flush()
            self._short(match)
            return True
        if match := _HEAD.match(line):
            return self._head(match)
        if _CARGO.match(line):
            self._flush()
            self._is_rust = True
            return True
        return False

    def more(self, line: str) -> bool | None:
        if self._state == "excerpt":
            if self._details.feed(line):
                return True
            self._details.close()
            self._state = ""
            return False
        if self._state == "manifest":
            return self._manifest_line(line)
        if self._state == "pending" and self._pending:
            return self._await_place(line)
        return False

    def finish(self) -> None:
        if self._state == "excerpt":
            self._details.close()
        self._flush()

    # --- first lines

    def _head(self, match: re.Match[str]) -> bool:
        self._flush()
        line, message, code = match[0], match["message"], match["code"] or ""
        if manifest := _MANIFEST.match(line):
            self._manifest, self._state, self._lines_left = manifest["file"], "manifest", _MAX_LINES
            place = self.report.span(self._manifest, 1)
            self.add(place, Severity.ERROR, "failed to parse manifest", "cargo")
            return True
        if _SUMMARY.match(message):
            self._state = ""
            return True
        if code and not _RUST_CODE.match(code) and not self._is_rust:
            return False
        severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        self._pending = severity, code, message
        self._state, self._lines_left, self._is_empty = "pending", _MAX_LINES, False
        if _RUST_CODE.match(code) or _OWN_WORDS.match(message):
            self._is_rust = True
        # Until its place is read, it may be another tool's line.
        return self._is_rust

    def _await_place(self, line: str) -> bool | None:
        if match := ARROW.match(line):
            return self._placed(match)
        if CORNER.match(line) or GRAPH.match(line):
            # It is not rustc's.
            self._pending = None
            return False
        self._lines_left -= 1
        # After an empty line only cargo goes on, with the cause.
        was_empty, self._is_empty = self._is_empty, not line.strip()
        if (
            not self._lines_left
            or _HEAD.match(line)
            or _CARGO.match(line)
            or (self._is_empty and (was_empty or not self._is_rust))
            or (was_empty and line != "Caused by:")
        ):
            self._flush()
            return False
        if line.startswith((" ", "note: ", "help: ")):
            severity, code, message = self._pending or (Severity.ERROR, "", "")
            self._pending = severity, code, f"{message}\n{line.strip()}"
            return True
        # Other lines in between may be another tool's.
        return True if self._is_empty or line == "Caused by:" else None

    def _flush(self) -> None:
        """Adds a diagnostic that has no place."""
        pending, self._pending = self._pending, None
        if pending and self._is_rust:
            severity, code, message = pending
            self._add(NOWHERE, severity, code, message, "rustc" if code else "cargo")

    def _placed(self, match: re.Match[str]) -> bool:
        severity, code, message = self._pending or (Severity.ERROR, "", "")
        self._pending = None
        self._is_rust = True
        place, self._state = place_of(match, self.report), "excerpt"
        self._details.open(place)
        is_cargo = match["file"].endswith(".toml")
        self._add(place, severity, code, message, "cargo" if is_cargo else "rustc")
        return True

    def _short(self, match: re.Match[str]) -> None:
        self._is_rust, self._state = True, ""
        severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        span = place_of(match, self.report)
        self._add(span, severity, match["code"] or "", match["message"], "rustc")

    def _add(self, span: Span, severity: Severity, code: str, message: str, source: str) -> None:
        tags: tuple[Tag, ...] = ()
        if source == "cargo":
            pass
        elif message.startswith(("unused ", "unreachable ")) or message.endswith(
            ("is never used", "is never read", "are never used", "are never read")
        ):
            tags = (Tag.UNNECESSARY,)
        elif message.startswith("use of deprecated "):
            tags = (Tag.DEPRECATED,)
        href = ""
        if re.fullmatch(r"E\d{4}", code):
            href = f"https://doc.rust-lang.org/error_codes/{code}.html"
        self.at = self.report.add(span, severity, message, source, code, href=href, tags=tags)

    def _manifest_line(self, line: str) -> bool:
        self._lines_left -= 1
        text = line.strip()
        if match := _TOML_PLACE.match(line):
            place = self.report.span(
                self._manifest, match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
            if self.at is not None:
                self.report.amend(self.at, span=place)
        elif text and text != "Caused by:" and text[0] not in "|0123456789^":
            self.lengthen(text)
        return self._lines_left > 0 and not _HEAD.match(line)
