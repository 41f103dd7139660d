"""How much of a request is taken before anybody looks at it."""

from __future__ import annotations

from starlette.types import Message, Receive

from rsvpd.errors import TooLarge

MAX_TARGET_BYTES = 16_384
MAX_HEADERS_BYTES = 65_536


class Disconnected(Exception):
    """The client went away before its request was complete."""


def check_head(path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Raise TooLarge where the URL or the headers are beyond reason."""
    if len(path) + len(query) > MAX_TARGET_BYTES:
        raise TooLarge(f"The URL is longer than {MAX_TARGET_BYTES} bytes.")
    if len(headers) > 20 and sum(len(name) + len(value) for name, value in headers) > MAX_HEADERS_BYTES:
        raise TooLarge(f"The headers are larger than {MAX_HEADERS_BYTES} bytes.")


async def read_body(receive: Receive, announced: str | None, *, limit: int) -> bytes:
    """Return the whole body. Raises TooLarge as soon as it is known to pass `limit`, or Disconnected.

    `announced` is the Content-Length header; a body that comes in chunks is counted as it comes.
    """
    if announced is not None and announced.isdigit() and int(announced[:19]) > limit:
        raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if len(body) <= limit and message["type"] == "http.request" and not message.get("more_body", False):
        return body
    return await _read_rest(receive, message, limit)


async def _read_rest(receive: Receive, message: Message, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()
    raise Disconnected


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than {limit} bytes.")
