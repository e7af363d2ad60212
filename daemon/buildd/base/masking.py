"""Text without the secrets in it, as far as their names or their shapes tell. Pure.

The log and reports for bugs go through this. It takes time in proportion to the text: whatever a
container prints can come here. So each pattern begins at one place of a word only, and gives
nothing back (`*+`).
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "***"

_KEYS = (
    "access",
    "account",
    "api",
    "auth",
    "deploy",
    "encryption",
    "gpg",
    "license",
    "master",
    "pgp",
    "private",
    "rsa",
    "service",
    "shared",
    "sign",
    "signing",
    "ssh",
    "storage",
)
"""Before `key` these make a secret of it; a cache key, or a primary key, is none."""

_SECRET = re.compile(
    r"secret|token(?!iz)|passw|passphrase|passcode|credential|authorization|cookie"
    rf"|(?:{'|'.join(_KEYS)})[_.-]?key"
    r"|[_.-](?:auth|pass|pwd)$|^pgpass$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"authorization$|cookie$", re.IGNORECASE)
"""Their values go on to the end of the line."""

_PHRASE = re.compile(r"passw|passphrase", re.IGNORECASE)
_SCHEME = re.compile(
    r"(?:apikey|aws4-hmac-sha256|basic|bearer|digest|negotiate|token) ++", re.IGNORECASE
)
_WITHOUT_VALUE = re.compile(r"[_.-](?:env|file|path|stdin)$", re.IGNORECASE)
"""Options of these names say where a secret is."""

_NAME = re.compile(
    r"(?<![\w./-])-{0,2}+(?P<name>\w[\w.-]*+)(?P<between>[\\\"']*+[ \t]*+(?:=>|[=:]))"
)
_OPTION = re.compile(r"(?<![\w./-])--?(?P<name>\w[\w.-]*+)(?P<between>[\"']?+,?+[ \t]++)(?!-)")
_BLANK = re.compile(r"[ \t]*+")
_FILE = re.compile(r"\.[a-z]{1,4}$", re.IGNORECASE)
_BASE64 = re.compile(r"[\"']?[A-Za-z0-9+/]{16}")

_QUOTED = re.compile(
    r"(?P<open>\\++[\"'])[^\"'\\\r\n]*+|(?P<double>\")(?:[^\"\\\r\n]|\\.)*+"
    r"|(?P<single>')(?:[^'\\\r\n]|\\.)*+"
)
_WORD = re.compile(r"[^\s\"'&]++")
_PART = re.compile(r"[^\s\"',;&}]++")
_LINE = re.compile(r"[^\r\n\"']++")
_REST = re.compile(r"[^\r\n]++")

_KEY_BLOCK = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}?PRIVATE KEY(?: BLOCK)?+-----)(?:[^-]++|-(?!----END ))*+"
)
_ADDRESS = re.compile(
    # Up to the last @ before the path: a password may have one too.
    r"(?P<scheme>(?<![\w+.-])[a-z][a-z0-9+.-]*+://)(?P<user>[^\s/?#\"'<>]*+)",
    re.IGNORECASE,
)
_WITH_TOKENS = ("http://", "https://")
"""A user alone in such an address is a token; in others it is a name."""

_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[opsur]_[A-Za-z0-9]{16,255}+|github_pat_\w{16,255}+|gl(?:pat|dt|rt|ptt)-[\w-]{16,255}+"
    r"|xox[abeoprs]-[A-Za-z0-9-]{8,255}+|xapp-[A-Za-z0-9-]{8,255}+"
    r"|(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[\w-]{35}(?![\w-])"
    r"|npm_[A-Za-z0-9]{36}(?!\w)|pypi-[\w-]{16,255}+|dckr_pat_[\w-]{16,255}+|hf_[A-Za-z0-9]{30,255}+"
    r"|sk-(?:ant-|proj-|svcacct-)?+[A-Za-z0-9]{20}[\w-]{0,255}+|[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}+"
    r"|ya29\.[\w-]{16,255}+|SG\.[\w-]{16,64}+\.[\w-]{16,64}+|hvs\.[\w-]{16,255}+|shpat_[a-f0-9]{32}"
    r"|do[opr]_v1_[a-f0-9]{32,64}+|glsa_\w{16,64}+|AGE-SECRET-KEY-1[A-Z0-9]{16,64}+"
    r"|(?<![\w-])eyJ[\w-]{8,8192}+\.eyJ[\w-]{8,8192}+\.[\w-]{0,8192}+"
    r")"
)


def masked(text: str) -> str:
    """Return the text with `***` for each value that is named like a secret, for the user and the
    password in an address, for private keys, and for tokens of known shapes."""
    text = _KEY_BLOCK.sub(rf"\1{MASK}", text)
    text = _ADDRESS.sub(_mask_address, text)
    text = _with_values_masked(text, _NAME, _value_of_name)
    text = _with_values_masked(text, _OPTION, _value_of_option)
    return _SHAPES.sub(MASK, text)


def is_secret(name: str) -> bool:
    """Return whether a variable is named like a secret."""
    return _SECRET.search(name) is not None


Span = tuple[int, int]
"""Where a value begins and ends."""


def _with_values_masked(
    text: str, pattern: re.Pattern[str], value: Callable[[str, re.Match[str]], Span | None]
) -> str:
    pieces = []
    done = at = 0
    while found := pattern.search(text, at):
        at = found.end()
        span = value(text, found)
        if span and span[0] < span[1]:
            pieces += [text[done : span[0]], MASK]
            done = at = span[1]
    return "".join((*pieces, text[done:]))


def _value_of_name(text: str, found: re.Match[str]) -> Span | None:
    """The value after `NAME=` or `NAME:`."""
    name, sign = found["name"], found["between"][-1]
    at = _after_blanks(text, found.end())
    if not _names_a_value(name, sign, text, at):
        return None
    if _HEADER.search(name):
        return _header(text, at)
    if quoted := _quoted(text, at):
        return quoted
    if sign == ":" and _PHRASE.search(name):
        return _span(_LINE, text, at)
    return _span(_PART if sign == ":" else _WORD, text, at)


def _names_a_value(name: str, sign: str, text: str, at: int) -> bool:
    following = text[at : at + 1]
    if not following or following in "\r\n":
        return False
    if is_secret(name):
        # `token.c:12: error` is a place in a file.
        return not (sign == ":" and following.isdigit() and _FILE.search(name))
    plain = name.lower()
    if plain == "pwd":
        return sign == "=" and following not in "/$~"
    if plain == "pass":
        return sign == "="
    return plain == "auth" and _BASE64.match(text, at) is not None


def _value_of_option(text: str, found: re.Match[str]) -> Span | None:
    """The value after `--NAME`, as the next word."""
    name = found["name"]
    if not is_secret(name) or _WITHOUT_VALUE.search(name):
        return None
    return _quoted(text, found.end()) or _span(_WORD, text, found.end())


def _header(text: str, at: int) -> Span:
    """The value of a header, without the scheme before it."""
    quoted = _quoted(text, at)
    start, end = quoted or _span(_REST, text, at)
    scheme = _SCHEME.match(text, start, end)
    return (scheme.end() if scheme and scheme.end() < end else start), end


def _quoted(text: str, at: int) -> Span | None:
    """What stands between quotes, or after the first one to the end of the line."""
    found = _QUOTED.match(text, at)
    if not found:
        return None
    opening = found["open"] or found["double"] or found["single"]
    return at + len(opening), found.end()


def _span(pattern: re.Pattern[str], text: str, at: int) -> Span:
    found = pattern.match(text, at)
    return at, found.end() if found else at


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _mask_address(found: re.Match[str]) -> str:
    scheme, user = found["scheme"], found["user"]
    name, at, rest = user.rpartition("@")
    has_token = scheme.lower().endswith(_WITH_TOKENS) and name not in ("", "git")
    is_secret_user = ":" in name or has_token
    return f"{scheme}{MASK}@{rest}" if at and is_secret_user else found[0]
