"""The process in which one target is fuzzed: `python -m tests.fuzz.child TARGET LIBFUZZER-OPTION…`.
What it finds ends it."""

from __future__ import annotations

import logging
import sys

import atheris

# Only what is imported here is watched for what it has not done yet.
with atheris.instrument_imports(include=["buildd", "buildd_cli"]):
    import buildd.lsp  # noqa: F401 (later imports are too late)
    from buildd.parsers import kinds
    from tests.fuzz.targets import TARGETS

    kinds()

if __name__ == "__main__":
    logging.disable()
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
