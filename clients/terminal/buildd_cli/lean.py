"""What `socket`, `json` and `signal` do in C, without the Python around it.

That wraps constants in enums and compiles regular expressions at import, which takes longer than
the whole of a warm `buildd exec`. These modules are CPython's own; elsewhere the whole ones serve.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing it from `typing` costs milliseconds
if TYPE_CHECKING:
    import signal
    import socket
    from json import dumps, loads
else:
    try:
        import _signal as signal
        import _socket as socket
        from _json import encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:
        import signal
        import socket
        from json import dumps, loads
    else:

        class _Standard:
            """How JSON is read by default."""

            strict = True
            object_hook = object_pairs_hook = parse_constant = None
            parse_float = float
            parse_int = int
            memo = {}

        _scan = make_scanner(_Standard)

        def _refuse(value):
            raise TypeError(f"{type(value).__name__} is no JSON")

        _encode = make_encoder(
            None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, False
        )

        def dumps(value):
            """As `json.dumps`."""
            return "".join(_encode(value, 0))

        def loads(data):
            """As `json.loads`, of what a daemon has written: UTF-8, no space around it."""
            try:
                return _scan(data.decode(), 0)[0]
            except StopIteration as error:
                raise ValueError("not JSON") from error


__all__ = ["dumps", "loads", "signal", "socket"]
