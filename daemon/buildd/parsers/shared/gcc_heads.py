"""Recognises the first line of diagnostics of gcc and tools that print like it, in any language."""

from __future__ import annotations

import re

from buildd.model import Severity

_WORDS: dict[Severity | None, str] = {
    Severity.ERROR: (
        "error|fatal error|internal compiler error|internal error|sorry, unimplemented|fatal|"
        "catastrophic error|syntax error|"
        "Fehler|schwerwiegender Fehler|interner Compiler-Fehler|nicht implementiert|"
        "erreur|erreur fatale|erreur interne du compilateur|"
        "error fatal|error interno del compilador|"
        "errore|errore fatale|erro|erro fatal|błąd|błąd krytyczny|"
        "ошибка|фатальная ошибка|внутренняя ошибка компилятора|помилка|критична помилка|"
        "грешка|кобна грешка|greška|fatalna greška|"
        "fel|ödesdigert fel|fejl|fatal fejl|virhe|vakava virhe|fout|fatale fout|"
        "hata|ölümcül hata|lỗi|lỗi nghiêm trọng|σφάλμα|μοιραίο σφάλμα|"
        "エラー|致命的エラー|コンパイラ内部エラー|错误|致命错误|编译器内部错误|錯誤|嚴重錯誤|"
        "編譯器內部錯誤|오류|치명적 오류"
    ),
    Severity.WARNING: (
        "warning|performance warning|Warnung|attention|avertissement|aviso|advertencia|attenzione|"
        "ostrzeżenie|предупреждение|попередження|упозорење|upozorenje|varning|advarsel|varoitus|"
        "let op|waarschuwing|uyarı|cảnh báo|peringatan|προειδοποίηση|警告|경고"
    ),
    Severity.INFORMATION: "remark|info|information",
    None: (
        "note|Anmerkung|nota|замечание|зауваження|напомена|napomena|anm|bemærk|huom|bilgi|ghi chú|"
        "catatan|uwaga|σημείωση|備考|附注|附註|참고"
    ),
}
"""The words for each severity in gcc's translations. None stands for a note, which belongs to the
diagnostic before it.
"""

KINDS = {word.lower(): severity for severity, words in _WORDS.items() for word in words.split("|")}

HINTS = tuple(
    dict.fromkeys(
        (
            "rror: ", "arning: ", "note: ", "emark: ", "nfo: ", "nformation: ", "atal: ",
            "unimplemented: ", ": error ", ": warning ", ": Warning ", ": Error(", ": Warning(",
            "error:\xa0", "UYARI: ", "erreur :", "fatale :", "attention :", "note :", "erreur\xa0:",
            "fatale\xa0:", "attention\xa0:", "note\xa0:",
            *(
                word.rpartition(" ")[2] + ("" if ord(word[0]) > 0x2FFF else ":")
                for words in _WORDS.values()
                for word in words.split("|")
                if word not in ("error", "warning", "note", "info", "fatal", "information")
            ),
        )
    )
)  # fmt: skip
"""Each first line holds one of these."""

# Leaves out echoed commands, such as `echo "a.c:1:1: error: …"`, and comments.
FILE = r"(?P<file>(?!\*|// |#+ |- |│)(?:[A-Za-z]:[\\/])?[^\s:\"'`<>|;&][^:\"'`<>|;&\n]*?)"
_ANY_FILE = FILE[:-1] + r"|<[\w .-]+>|\{standard input\})"

HEAD = re.compile(
    # Visual Studio numbers parallel builds; pip and others indent the output of what they call.
    rf"(?P<indent>(?:\d+>)? {{0,12}}){_ANY_FILE}"
    # also `:5:7`, `:5.7-9` and `:5.7-6.9` of bison and vala, ` +5:7` of clang for vi
    r"(?::| \+)(?P<line>\d+)(?:[:.](?P<column>\d+))?(?:-(?:(?P<end_line>\d+)[.:])?(?P<last>\d+))?:"
    r"(?:\{[\d:-]+\}[\d:{}-]*:)?(?(column) {1,2}| (?: (?=Info: ))?)"
    rf"(?P<kind>(?i:{'|'.join(sorted(KINDS, key=len, reverse=True))}))"
    # sdcc and swig number their messages
    r"(?: (?P<number>\d+)|\((?P<other>\d+)\))?(?: ?: |[ \xa0]:[ \xa0]|:\xa0|：|:$)"
    r"(?P<message>.*)"
)

_NAME = re.compile(
    r"(?!(?:\d+\.){3}\d+$)[^@]*[./\\<{]"
    r"|(?:(?:GNU)?[Mm]akefile|I[Mm]akefile|Doxyfile|Dockerfile|Kconfig|configure|SConstruct|SConscript|"
    r"wscript|BUILD|WORKSPACE|Rakefile|Gemfile|Jam(?:file|root)|Vagrantfile)$"
)


def is_head(match: re.Match[str]) -> bool:
    """Returns whether a match of HEAD can name a file.

    Without a column, the name may be a host with its port, or anything else with a number.
    """
    return bool(match["column"] or _NAME.match(match["file"]))


GRAMMAR = re.compile(
    r"(?P<indent>)(?P<file>[^\s:\"'`<>|;&][^:\"'`<>|;&\n]*\.(?:y|yy|ypp|yxx|y\+\+|ui)):(?P<line>) "
    r"(?P<kind>(?i:fatal error|error|warning|note))(?P<number>)(?P<other>)(?P<end_line>)(?P<last>)"
    r"(?P<column>): (?P<message>.*)"
)
"""bison names no line for errors of the whole grammar, nor does uic."""

_OPTION = re.compile(
    r" \[(?P<code>-(?:[WRfw]|gnat)[^\],]*(?:,-[^\],]+)*)(?:,[^\]]*)?\]$"
    # clang-tidy, and clang's static analyzer
    r"| \[(?P<check>[a-z]+(?:-[\w.]+)+(?:,[^\]]*)?|[a-z]+(?:\.[A-Za-z]\w*)+)\]$"
    # clang -fdiagnostics-show-category, gnat
    r"| \[(?:[A-Z][\w /-]* Issue|enabled by default)\]$"
)


def coded(message: str) -> tuple[str, str]:
    """Splits the message of a first line into the text and the option or check at its end.

    The second is empty if the message names none.
    """
    match = _OPTION.search(message) if message.endswith("]") else None
    if not match:
        return message, ""
    return message[: match.start()], match["code"] or match["check"] or ""
