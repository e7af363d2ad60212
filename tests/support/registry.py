"""Image registries that never give an image: with nothing in them, or slow without end."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def registry(status: int, code: str) -> Iterator[str]:
    """Its address; the engine takes one on this machine without TLS. `code` is the registry's word
    for what is wrong."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # The registry itself is there; what is refused is the image.
            is_root = self.path == "/v2/"
            body = json.dumps({} if is_root else {"errors": [{"code": code, "message": code}]})
            self.send_response(200 if is_root else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body.encode())

        do_HEAD = do_GET  # noqa: N815 (the name is the library's)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class SlowRegistry:
    """One with an image that never comes as a whole: `waiting` downloads wait for the rest of it.
    With `silent`, it does not even say what the image is made of; an engine may wait for that
    long after nobody wants it any more."""

    def __init__(self, *, silent: bool) -> None:
        self.address = ""
        self.silent = silent
        self.waiting = 0

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """The type and the content of what is at the path, None for what never comes."""
        if path == "/v2/":
            return "application/json", b"{}"
        if self.silent:
            return None
        if "/manifests/" in path:
            return _MANIFEST_TYPE, _manifest()
        return ("application/octet-stream", _CONFIG) if _digest(_CONFIG) in path else None


@contextmanager
def slow_registry(*, silent: bool) -> Iterator[SlowRegistry]:
    """A registry that does not come to an end."""
    made = SlowRegistry(silent=silent)
    ended = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = made.answer(self.path)
            if answer is None:
                self._wait()
                return
            kind, content = answer
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", _digest(content))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815 (the name is the library's)

        def _wait(self) -> None:
            made.waiting += 1
            self.close_connection = True
            with suppress(OSError):
                if not made.silent:
                    self.send_response(200)
                    self.send_header("Content-Length", str(_LAYER_SIZE))
                    self.end_headers()
                    while not ended.wait(PAUSE):
                        self.wfile.write(b" ")
                self.rfile.read(1)  # until the other end has gone
            made.waiting -= 1

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


_LAYER_SIZE = 1 << 20
PAUSE = 0.05
"""Seconds between two bytes of what never comes as a whole."""

_CONFIG = json.dumps(
    {
        "architecture": "amd64",
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{0:064x}"]},
    }
).encode()
_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _manifest() -> bytes:
    kind = "application/vnd.docker."
    config = {
        "mediaType": f"{kind}container.image.v1+json",
        "size": len(_CONFIG),
        "digest": _digest(_CONFIG),
    }
    layer = {
        "mediaType": f"{kind}image.rootfs.diff.tar.gzip",
        "size": _LAYER_SIZE,
        "digest": f"sha256:{1:064x}",
    }
    return json.dumps(
        {"schemaVersion": 2, "mediaType": _MANIFEST_TYPE, "config": config, "layers": [layer]}
    ).encode()
