"""Vim's characters: the special ones, and what its classes hold, in Python's words. Pure."""

SPECIAL = {
    "v": frozenset("!\"#$%&'()*+,-./:;<=>?@[]^`{|}~"),
    "m": frozenset("^$.*[~"),
    "M": frozenset("^$"),
    "V": frozenset(),
}
"""By the mode: what is special without a backslash, and with one is not."""

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
"""With the values that 'isident', 'iskeyword', 'isfname' and 'isprint' have if nobody set them."""
