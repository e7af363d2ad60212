"""Lists Vim's special characters, and Python's equivalents of its character classes."""

SPECIAL = {
    "v": frozenset("!\"#$%&'()*+,-./:;<=>?@[]^`{|}~"),
    "m": frozenset("^$.*[~"),
    "M": frozenset("^$"),
    "V": frozenset(),
}
"""The characters that are special without a backslash, by the mode; with a backslash, they are not.
"""

CLASSES = {
    "d": "0-9",
    "s": r" \t",
    "x": "0-9A-Fa-f",
    "o": "0-7",
    "w": "0-9A-Za-z_",
    "h": "A-Za-z_",
    "a": "A-Za-z",
    "l": "a-z",
    "u": "A-Z",
}
SETS = {
    "i": r"0-9A-Za-z_\xb5\xc0-\xff",
    "I": r"A-Za-z_\xb5\xc0-\xff",
    "k": r"0-9A-Za-z_\xb5\xc0-\xff\p{L}\p{N}",
    "K": r"A-Za-z_\xb5\xc0-\xff\p{L}",
    "f": r"0-9A-Za-z/._+,#$%~=\-\xa0-\U0010ffff",
    "F": r"A-Za-z/._+,#$%~=\-\xa0-\U0010ffff",
    "p": r"\x20-\x7e\xa0-\U0010ffff",
    "P": r"\x20-\x2f\x3a-\x7e\xa0-\U0010ffff",
}
"""The classes that depend on options, with the default values of 'isident', 'iskeyword', 'isfname'
and 'isprint'.
"""
CONTROLS = {"e": r"\x1b", "t": r"\t", "r": r"\r", "b": r"\x08", "n": "(?!)"}
"""The control characters that a letter after a backslash stands for; a log line has no newline."""
