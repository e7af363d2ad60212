"""LSP framing: headers and a body, read with limits, written whole."""

from __future__ import annotations

import asyncio

from buildd.errors import ProtocolError

HEADER_LIMIT = 8 << 10
"""Bytes that a message's headers may have."""

BODY_LIMIT = 64 << 20
"""Bytes that a message's body may have."""


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The next message's body; None at the end of the stream, even in the middle of a message.

    Header names in any case and lines ended by LF alone are understood. Raises ProtocolError
    where no later message could be found in the stream: the connection is of no more use.
    """
    length: int | None = None
    size = 0
    while True:
        try:
            line = await reader.readline()
        except (ValueError, ConnectionError) as error:
            raise ProtocolError(f"a header line is longer than {HEADER_LIMIT} bytes") from error
        if not line.endswith(b"\n"):
            return None
        size += len(line)
        if size > HEADER_LIMIT:
            raise ProtocolError(f"the headers are longer than {HEADER_LIMIT} bytes")
        line = line.strip()
        if not line:
            if length is None:
                raise ProtocolError("the message has no Content-Length header")
            break
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = _length(value.strip())
    try:
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def frame(body: bytes) -> bytes:
    """The message on the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _length(value: bytes) -> int:
    # Length before value: a number of thousands of digits must not be computed.
    if not value.isdigit() or len(value) > 12:
        raise ProtocolError(f"the Content-Length {value[:40]!r} is not a usable number")
    length = int(value)
    if length > BODY_LIMIT:
        raise ProtocolError(f"the message has {length} bytes; the limit is {BODY_LIMIT}")
    return length
