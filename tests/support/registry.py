"""An image registry that has nothing: it answers every request with one status."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager


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
