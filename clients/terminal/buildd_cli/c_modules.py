"""The C modules behind `socket`, `json` and `signal`, without their Python wrappers.

The wrappers build enums and compile regular expressions when they are imported, which takes longer
than a whole warm `buildd exec`. On another Python than CPython the ordinary modules are used.
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
            """The default settings of `json.loads`."""

            strict = True
            object_hook = object_pairs_hook = parse_constant = None
            parse_float = float
            parse_int = int
            memo = {}

        _scan = make_scanner(_Standard)

        def _refuse(value):
            raise TypeError(f"{type(value).__name__} cannot be written as JSON")

        _encode = make_encoder(
            None, _refuse, encode_basestring_ascii, None, ": ", ", ", False, False, False
        )

        def dumps(value):
            """Do the same as `json.dumps`."""
            return "".join(_encode(value, 0))

        def loads(data):
            """Do the same as `json.loads`, for UTF-8 bytes without space around the document."""
            try:
                return _scan(data.decode(), 0)[0]
            except StopIteration as error:
                raise ValueError("not JSON") from error


__all__ = ["dumps", "loads", "signal", "socket"]
