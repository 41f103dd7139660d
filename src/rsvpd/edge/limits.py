"""How much of a request is taken before anybody knows whose it is.

The head is bounded in `connection.py`, where its bytes arrive; the body here. Rule: of a body whose
sender has not shown a good token, no more than `UNAUTHENTICATED_BODY_BYTES` are read, and the bodies of all
others share one pool.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Receive, Scope

from rsvpd.errors import Overloaded, RsvpdError, TooLarge

MAX_TARGET_BYTES = 16_384
MAX_HEAD_BYTES = 65_536
MAX_HEAD_LINES = 128
UNAUTHENTICATED_BODY_BYTES = 65_536

# Under this name a connection puts into the scope what is wrong with the bytes of a request.
REFUSAL = "rsvpd.refusal"


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Pool:
    """Bytes that may be held at a time, by everybody together."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0



class Share:
    """What one request holds of a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._held = 0

    def grow(self, size: int) -> None:
        """Hold `size` bytes in all, never less than before. Raises Overloaded where the pool has no more."""
        more = max(0, size - self._held)
        if self._pool.held + more > self._pool.size:
            raise Overloaded
        self._pool.held += more
        self._held += more

    def release(self) -> None:
        """Hold nothing any more."""
        self._pool.held -= self._held
        self._held = 0


def content_length(text: str | None, *, limit: int) -> int:
    """Return what a Content-Length says (RFC 9110 8.6), 0 where it says nothing. Raises TooLarge beyond `limit`."""
    size = int(text[:19]) if text is not None and text.isascii() and text.isdigit() else 0
    if size > limit:
        raise _too_large(limit)
    return size


async def read_body(scope: Scope, receive: Receive, *, limit: int, grow: Callable[[int], None]) -> bytes:
    """Return the whole body. `grow` is told how long it has become before more of it is kept.

    Raises TooLarge beyond `limit`, Disconnected, what its connection finds wrong, and what `grow` raises.
    """
    whole = bytearray()  # not a list of parts: a client may send a byte at a time
    while True:
        message = await receive()
        raise_refusal(scope)
        if message["type"] != "http.request":
            raise Disconnected
        part: bytes = message.get("body", b"")
        if len(whole) + len(part) > limit:
            raise _too_large(limit)
        grow(len(whole) + len(part))
        if not message.get("more_body", False):
            return bytes(whole) + part if whole else part
        whole += part


def raise_refusal(scope: Scope) -> None:
    """Raise what a connection found wrong with the bytes of this request."""
    refusal: RsvpdError | None = scope.get(REFUSAL)
    if refusal is not None:
        raise refusal


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than {limit} bytes.")
