"""LSP framing: a header that gives the length of each message's body, read with limits.

Imports nothing but the errors, because the terminal client starts with it.
"""

from __future__ import annotations

from buildd.errors import ProtocolError

TYPE_CHECKING = False  # importing it from `typing` costs the terminal client milliseconds
if TYPE_CHECKING:
    import asyncio

HEADER_LIMIT = 8 << 10
"""Bytes that a message's headers may have."""

BODY_LIMIT = 64 << 20
"""Bytes that a message's body may have."""

CHUNK = 1 << 18
"""Bytes that are read from a stream at once."""


def frame(body: bytes) -> bytes:
    """The bytes on the wire of a message with this body."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def read_message(reader: asyncio.StreamReader, buffer: MessageBuffer) -> bytes | None:
    """The next message's body; None at the end of the stream, even in the middle of a message.

    `buffer` holds what was read beyond that message, for the next call. Raises ProtocolError where
    no later message could be found in the stream: the connection is of no more use.
    """
    while (found := buffer.take()) is None:
        try:
            data = await reader.read(CHUNK)
        except ConnectionError:
            return None
        if not data:
            return None
        buffer.feed(data)
    return found.body


class Frame:
    """One message on the wire: `raw` is all of it, and `start` is where its body begins."""

    def __init__(self, raw: bytes, start: int) -> None:
        self.raw = raw
        self.start = start

    @property
    def body(self) -> bytes:
        """The message without its headers."""
        return self.raw[self.start :]


class MessageBuffer:
    """Bytes of a stream that come in pieces of any size and are taken as whole messages.

    Header names in any case and lines that end with LF alone are understood. The length of the
    buffer is the number of bytes that belong to no message taken so far.
    """

    def __init__(self, body_limit: int | None = BODY_LIMIT) -> None:
        self._bytes = bytearray()
        self._body_limit = body_limit
        self._start = 0
        """Where the next header line begins; where the body begins, once all headers are read."""
        self._length: int | None = None
        self._has_headers = False

    def __len__(self) -> int:
        return len(self._bytes)

    def feed(self, data: bytes) -> None:
        """Add the next bytes of the stream."""
        self._bytes += data

    def take(self) -> Frame | None:
        """Remove the next message and return it; None if it is not whole yet.

        Raises ProtocolError where no later message can be found in the stream.
        """
        if not (self._has_headers or self._read_headers()):
            return None
        end = self._start + (self._length or 0)
        if len(self._bytes) < end:
            return None
        start = self._start
        return Frame(self._take(end), start)

    def take_rest(self) -> bytes:
        """Remove all bytes that belong to no message taken so far, and return them."""
        return self._take(len(self._bytes))

    def _take(self, end: int) -> bytes:
        taken = bytes(self._bytes[:end])
        del self._bytes[:end]
        self._start, self._length, self._has_headers = 0, None, False
        return taken

    def _read_headers(self) -> bool:
        """Read the header lines that are there; whether that is all of them."""
        while (end := self._bytes.find(b"\n", self._start)) >= 0:
            line = bytes(self._bytes[self._start : end]).strip()
            self._start = end + 1
            if self._start > HEADER_LIMIT:
                break
            if not line:
                if self._length is None:
                    raise ProtocolError("the message has no Content-Length header")
                self._has_headers = True
                return True
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                self._length = self._read_length(value.strip())
        if max(self._start, len(self._bytes)) > HEADER_LIMIT:
            raise ProtocolError(f"the headers are longer than {HEADER_LIMIT} bytes")
        return False

    def _read_length(self, value: bytes) -> int:
        # Length before value: a number of thousands of digits must not be computed.
        if not value.isdigit() or len(value) > 12:
            raise ProtocolError(f"the Content-Length {value[:40]!r} is not a usable number")
        length = int(value)
        if self._body_limit is not None and length > self._body_limit:
            raise ProtocolError(f"the message has {length} bytes; the limit is {self._body_limit}")
        return length
