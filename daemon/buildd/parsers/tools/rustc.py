"""rustc, cargo and clippy as people read them, and the tests that cargo runs."""

from __future__ import annotations

import re

from buildd.model import ColumnUnit, Edit, Fix, Severity, Span, Tag
from buildd.parsers.base import Parser, path
from buildd.parsers.report import NOWHERE, ParseResult
from buildd.parsers.shared.rustc_excerpt import Mark, Rows
from buildd.parsers.tools.codespan import CORNER, GRAPH

_HEAD = re.compile(
    r"(?P<kind>error|warning)(?:\[(?P<code>[\w:-]+)\])?: (?:internal compiler error: )?"
    r"(?P<message>\S.*)"
)
_RUST_CODE = re.compile(r"E\d{4}$|(?:clippy|rustdoc|rustc)::\w+$")
_ARROW = re.compile(
    r" *(?:-->|╭▸) (?P<file>[^\n]+\.(?:rs|toml|md|in|rsx?)|<\w+>):(?P<line>\d+):(?P<column>\d+)$"
)
_OTHER_FILE = re.compile(r" *::: (?P<file>[^\n]+):(?P<line>\d+):(?P<column>\d+)$")
_SHORT = re.compile(
    path("rs", "toml") + r":(?P<line>\d+):(?P<column>\d+): (?P<kind>error|warning)"
    r"(?:\[(?P<code>[\w:-]+)\])?: (?P<message>.*)"
)
_SUB = re.compile(r"(?P<kind>note|help|warning|error): (?P<message>.*)")
_REMARK = re.compile(r" *= (?P<kind>note|help|warning): (?P<message>.*)")
_LINT = re.compile(r"`(?:#\[\w+\(|-[WDFA] )(?P<lint>[\w:-]+)\)?\]?`")
_VISIT = re.compile(r"(?:for )?further information,? (?:visit|see) <?(?P<href>https?://[^\s>]+)")
_INLINE = re.compile(r"(?:help: )(?P<title>.*): `(?P<text>[^`]*)`$")
_PLACEHOLDER = re.compile(r"/\*|[\[(]\.\.[\])]|<item>|\.\.\.|…")
"""What only stands for what one has to write."""
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
_INDENTED = re.compile(r" {4,}\S")
_PATIENCE = 40
"""Lines of a message before its place."""


class Rustc(Parser):
    """A head, its place, an excerpt with marks and labels, and notes with places of their own."""

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
        """Whether the log has shown that it is Rust's: then a head needs no other proof."""
        self._pending: tuple[Severity, str, str] | None = None
        """Kind, code and message of a head that has no place yet."""
        self._patience = 0
        self._is_empty = False
        """Whether the line before was."""
        self._state = ""
        """What the following lines are: empty, `pending`, `excerpt` or `manifest`."""
        self._rows = Rows()
        self._place = NOWHERE
        """Of the excerpt under way."""
        self._sub: str | None = None
        """The note or help that the excerpt under way is of; None: the finding itself."""
        self._manifest = ""

    def begin(self, line: str) -> bool:
        if match := _ARROW.match(line):
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
            if self._excerpt(line):
                return True
            self._read_rows()
            self._state = ""
            return False
        if self._state == "manifest":
            return self._manifest_line(line)
        if self._state == "pending" and self._pending:
            return self._await_place(line)
        return False

    def finish(self) -> None:
        if self._state == "excerpt":
            self._read_rows()
        self._flush()

    # --- heads

    def _head(self, match: re.Match[str]) -> bool:
        self._flush()
        line, message, code = match[0], match["message"], match["code"] or ""
        if manifest := _MANIFEST.match(line):
            self._manifest, self._state, self._patience = manifest["file"], "manifest", _PATIENCE
            self._place = self.report.span(self._manifest, 1)
            self.add(self._place, Severity.ERROR, "failed to parse manifest", "cargo")
            return True
        if _SUMMARY.match(message):
            self._state = ""
            return True
        if code and not _RUST_CODE.match(code) and not self._is_rust:
            return False
        severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        self._pending = severity, code, message
        self._state, self._patience, self._is_empty = "pending", _PATIENCE, False
        if _RUST_CODE.match(code) or _OWN_WORDS.match(message):
            self._is_rust = True
        # Until the place comes it may be anybody's word.
        return self._is_rust

    def _await_place(self, line: str) -> bool | None:
        if match := _ARROW.match(line):
            return self._placed(match)
        if CORNER.match(line) or GRAPH.match(line):
            # It was not rustc's.
            self._pending = None
            return False
        self._patience -= 1
        # After an empty line only cargo goes on: with what has caused it.
        was_empty, self._is_empty = self._is_empty, not line.strip()
        if (
            not self._patience
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
        # What else comes in between may be another tool's.
        return True if self._is_empty or line == "Caused by:" else None

    def _flush(self) -> None:
        """The head has no place: that of all is left."""
        pending, self._pending = self._pending, None
        if pending and self._is_rust:
            severity, code, message = pending
            self._add(NOWHERE, severity, code, message, "rustc" if code else "cargo")

    def _placed(self, match: re.Match[str]) -> bool:
        severity, code, message = self._pending or (Severity.ERROR, "", "")
        self._pending = None
        self._is_rust = True
        self._open_excerpt(match, None)
        is_cargo = match["file"].endswith(".toml")
        self._add(self._place, severity, code, message, "cargo" if is_cargo else "rustc")
        return True

    def _short(self, match: re.Match[str]) -> None:
        self._is_rust, self._state = True, ""
        severity = Severity.ERROR if match["kind"] == "error" else Severity.WARNING
        self._add(self._span(match), severity, match["code"] or "", match["message"], "rustc")

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

    # --- what stands below the place

    def _open_excerpt(self, match: re.Match[str], sub: str | None) -> None:
        self._place, self._sub, self._rows = self._span(match), sub, Rows()
        self._state = "excerpt"

    def _excerpt(self, line: str) -> bool:
        if not line.strip():
            return False
        if self._rows.feed(line):
            return True
        if match := _ARROW.match(line) or _OTHER_FILE.match(line):
            sub = self._sub
            self._read_rows()
            self._open_excerpt(match, sub or "")
            if sub and self._place.file:
                self.note(self._place, sub)
        elif match := _SUB.match(line):
            if match["kind"] in ("error", "warning"):
                return False
            self._read_rows()
            self._rows, self._sub = Rows(), match["message"]
        elif match := _REMARK.match(line):
            self._read_rows()
            self._rows, self._sub = Rows(), ""
            self._remark(match["kind"], match["message"])
        elif _INDENTED.match(line) and self._sub == "":
            self.lengthen(f"  {line.strip()}")
        elif not line.startswith(" "):
            return False
        return True

    def _read_rows(self) -> None:
        """The excerpt is complete."""
        rows, self._rows = self._rows, Rows()
        if self.at is None or self._place.column is None:
            return
        if self._sub:
            self._propose(self._sub, rows.changes(self._place.file))
        place = self._place
        for mark in rows.marks(place.line, place.column or 0):
            span = mark.span(place.file)
            is_own = mark.is_primary and self._sub is None
            if is_own and (mark.line, mark.column) == (place.line, place.column):
                self._refine(span, mark)
            elif mark.is_primary and (mark.line, mark.column) == (place.line, place.column):
                self.move_notes(place, span)
            elif mark.label and self._sub != "":
                self.note(span, mark.label)

    def _refine(self, span: Span, mark: Mark) -> None:
        assert self.at is not None  # noqa: S101 (the caller has looked)
        one = self.report.diagnostics[self.at]
        self.report.amend(self.at, span=span)
        if (match := _INLINE.match(mark.label)) and not _PLACEHOLDER.search(match["text"]):
            edit = Edit(span=span, text=match["text"])
            fix = Fix(title=f"{match['title']}: `{match['text']}`", edits=(edit,))
            self.report.amend(self.at, fixes=(*one.fixes, fix))
        if mark.label:
            self.lengthen(mark.label)

    def _propose(self, title: str, changes: list[tuple[Edit, ...]]) -> None:
        assert self.at is not None  # noqa: S101 (the caller has looked)
        one = self.report.diagnostics[self.at]
        fixes = [
            Fix(title=title, edits=edits)
            for edits in changes
            if not any(_PLACEHOLDER.search(edit.text) for edit in edits)
        ]
        if fixes:
            self.report.amend(self.at, fixes=(*one.fixes, *fixes))

    def _remark(self, kind: str, message: str) -> None:
        if self.at is None:
            return
        one = self.report.diagnostics[self.at]
        if match := _VISIT.match(message):
            href = match["href"]
            name = href.rpartition("#")[2].rpartition("/")[2]
            code = one.code or (f"clippy::{name}" if "clippy" in href else "")
            self.report.amend(self.at, href=href, code=code)
        elif match := _LINT.match(message):
            if not one.code:
                self.report.amend(self.at, code=match["lint"].replace("-", "_"))
        else:
            self.lengthen(f"{kind}: {message}")

    def _manifest_line(self, line: str) -> bool:
        self._patience -= 1
        text = line.strip()
        if match := _TOML_PLACE.match(line):
            self._place = self.report.span(
                self._manifest, match["line"], match["column"], unit=ColumnUnit.CODE_POINT
            )
            if self.at is not None:
                self.report.amend(self.at, span=self._place)
        elif text and text != "Caused by:" and text[0] not in "|0123456789^":
            self.lengthen(text)
        return self._patience > 0 and not _HEAD.match(line)

    def _span(self, match: re.Match[str]) -> Span:
        if match["file"].startswith(("<", "/rustc/")):
            return NOWHERE
        return self.report.span(
            match["file"], match["line"], match["column"], unit=ColumnUnit.CODE_POINT
        )
