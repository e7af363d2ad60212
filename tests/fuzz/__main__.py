"""Looks for bytes that break a promise of `targets.py`, led by what of the code they reach.

    python -m tests.fuzz [--seconds N] [TARGET…]

What it has found stays in .cache/fuzz: inputs that reached something new, to go on from, and finds.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.seeds import seeds, words
from tests.fuzz.targets import TARGETS

PLACE = Path(__file__).parents[2] / ".cache" / "fuzz"

HANGS = 20
"""Seconds that one input may take at most."""

MEMORY = 2048
"""MiB that a process may use."""


def main() -> int:
    """As the command line says; 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    found = [_fuzz(target, options.seconds) for target in options.targets or TARGETS]
    return 1 if any(found) else 0


def _fuzz(target: str, seconds: int) -> bool:
    """Whether there was a find."""
    corpus, finds = PLACE / target / "corpus", PLACE / target / "finds"
    for directory in (corpus, finds):
        directory.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (corpus / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    dictionary = PLACE / target / "words"
    dictionary.write_text("\n".join(map(_quoted, words(target))))
    before = set(finds.iterdir())
    command = [
        *(sys.executable, "-m", "tests.fuzz.child", target, str(corpus)),
        *(f"-max_total_time={seconds}", f"-artifact_prefix={finds}/", f"-dict={dictionary}"),
        *(f"-timeout={HANGS}", f"-rss_limit_mb={MEMORY}", "-max_len=8192", "-print_final_stats=1"),
    ]
    log = PLACE / target / "log"
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, check=False)
    text = log.read_text("utf-8", "replace")
    new = sorted(set(finds.iterdir()) - before)
    print(f"{target}: {_count(text)} inputs, {_reached(text)}; {len(new) or 'no'} find", flush=True)
    for find in new:
        print(f"  {find}\n  {_reason(text)}; all of it in {log}")
        print("  once that is mended, the least of it is a case of that thing's own tests")
    if done.returncode and not new:
        print(f"  it failed: {log}\n{text[-2000:]}")
    return bool(new) or done.returncode != 0


def _count(log: str) -> str:
    """How many inputs were tried: as it told now and then, and at the end."""
    counts = re.findall(r"^(?:#|stat::number_of_executed_units: )(\d+)", log, re.MULTILINE)
    return str(counts[-1]) if counts else "?"


def _reached(log: str) -> str:
    """How many branches the seeds reached, and how many in the end."""
    reached = re.findall(
        r"^#\d+\s+(?:INITED|NEW|REDUCE|pulse|RELOAD|DONE)\s+cov: (\d+)", log, re.MULTILINE
    )
    return f"{reached[0]} places of the code, then {reached[-1]}" if reached else "nothing reached"


def _reason(log: str) -> str:
    reasons = re.findall(r"^(?:\w+(?:Error|Exception)\b.*|==\d+== ?ERROR.*)$", log, re.MULTILINE)
    return reasons[0] if reasons else "?"


def _quoted(word: str) -> str:
    """As libFuzzer reads it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"'


if __name__ == "__main__":
    sys.exit(main())
