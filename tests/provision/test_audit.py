"""`make audit`: what is known of a package fails it, a service that is away does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

PROVISION = Path(__file__).parent


@contextmanager
def service(answer: dict[str, Any] | None) -> Iterator[str]:
    """One that knows `answer` of each package, or nothing that it could be asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(405 if answer is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


AFFECTED = {
    "package": {"name": "requests", "ecosystem": "PyPI"},
    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9999"}]}],
}


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({}, 0, "pip-audit: 0 of weight"),
        ({"vulns": [{"id": "A-1", "affected": [AFFECTED]}]}, 1, "requests"),
        (None, 0, "left out, the index did not answer"),
    ],
    ids=["nothing known", "something known", "no answer"],
)
def test_python_packages(answer: dict[str, Any] | None, status: int, said: str) -> None:
    with service(answer) as url:
        command = [sys.executable, str(PROVISION / "audit.py"), "-s", "osv", "--osv-url", url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (status, "")
    assert said in done.stdout


def advisory(severity: str) -> dict[str, Any]:
    return {
        "esbuild": [
            {
                "id": 1,
                "url": "https://example.org/1",
                "title": "a hole",
                "severity": severity,
                "vulnerable_versions": "*",
            }
        ]
    }


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({}, 0, "npm audit: 0 of weight, 0 lesser"),
        (advisory("high"), 1, "esbuild"),
        (advisory("low"), 0, "npm audit: 0 of weight, 1 lesser"),
        (None, 0, "left out, the registry did not answer"),
    ],
    ids=["nothing known", "something known", "a little known", "no answer"],
)
def test_packages_of_the_extension(
    answer: dict[str, Any] | None, status: int, said: str, tmp_path: Path
) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    node = shutil.which("node", path=path)
    if not node or not shutil.which("npm", path=path):
        pytest.skip("no Node here")
    with service(answer) as url:
        command = [node, str(PROVISION / "audit.mjs"), "--registry", url]
        done = subprocess.run(
            command,
            env={**os.environ, "PATH": path, "npm_config_cache": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == status
    assert said in done.stdout
