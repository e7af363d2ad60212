"""What is known against the Python packages that the checks and tests run with. Not every index
answers: then this says so, and ends well; whatever else keeps it from an answer is a failure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).with_name("constraints.txt")


def main(options: list[str]) -> int:
    """0, or 1 where anything is known: pip-audit tells of no severity, so that all has weight."""
    if (tried := _audit("--dry-run", *options)).returncode:
        print(f"pip-audit: failed: {_last_line(tried.stderr)}")
        return 1
    asked = _audit(*options)
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except ValueError:
        print(f"pip-audit: left out, the index did not answer: {_last_line(asked.stderr)}")
        return 0
    # A mirror of an index may know no answer of any package, which is no good news.
    unknown = [one for one in packages if "vulns" not in one]
    if len(unknown) == len(packages):
        print(f"pip-audit: left out, the index knows nothing of any of {len(unknown)} packages")
        return 0
    found = [(one, vulnerability) for one in packages for vulnerability in one.get("vulns", [])]
    for one, vulnerability in found:
        mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
        print(f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {mended}")
    print(f"pip-audit: {len(found)} of weight, {len(unknown)} packages the index knows nothing of")
    return 1 if found else 0


def _audit(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCKED), "--disable-pip"]
    quietly = ["--no-deps", "--format", "json", "--progress-spinner", "off"]
    return subprocess.run([*command, *quietly, *options], capture_output=True, text=True)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no report"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
