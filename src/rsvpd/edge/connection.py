"""One connection: uvicorn's HTTP over httptools, with a bound on everything that a stranger may send.

uvicorn collects the lines of a head until it ends, parses whatever comes in at once, and waits for the rest
of a request for ever. Here bytes are parsed in small pieces and counted while they are.

Rule 1: a head has a bounded size and number of lines, a trailer too, and neither may keep one waiting.
Rule 2: a request that cannot be taken is answered like any other, in its turn: the application finds the
error in the scope (`limits.REFUSAL`) and tells it in the shape that fits the path. Then the connection ends.
Rule 3: whoever is refused while still sending is listened to for a moment, in which nothing is kept: a
connection closed over unread bytes is reset, and the answer would be lost on its way (RFC 9112 9.6).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httptools
import msgspec
from msgspec import Struct
from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rsvpd.edge.limits import MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_TARGET_BYTES, REFUSAL, Pool, Share
from rsvpd.errors import HeadTooLarge, MalformedRequest, Overloaded, RequestTimeout, RsvpdError, TargetTooLong

# Small, so that of requests sent in one go few are understood before the first is answered.
PIECE_BYTES = 4096
LINGER_SECONDS = 5
STALLED_SECONDS = 60
# Beyond the most connections, so many are listened to after they were turned away.
LINGERING = 64

_WAITING_BYTES = 16 * 2**20
_RETRY_SECONDS = 1
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}+) (/[!-~]*+) HTTP/1\.[01]\r?+\n")
_INTERIM = b"HTTP/1.1 1"  # 100 Continue goes out before the head, and at once
_UPGRADE_LINES = frozenset({b"upgrade", b"http2-settings", b"connection"})


def _busy_answer() -> bytes:
    message = "There are too many connections; try again shortly."
    body = msgspec.json.encode({"error": {"code": "ServiceUnavailable", "message": message}})
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Retry-After: {_RETRY_SECONDS}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


_BUSY = _busy_answer()


class ServerLimits(Struct, kw_only=True):
    """What all connections of a server share: the bounds, the clock, and what was turned away."""

    most_connections: int
    head_seconds: float
    body_seconds: float
    clock: Callable[[], float]
    refused_connections: int = 0
    waiting: Pool = msgspec.field(default_factory=lambda: Pool(_WAITING_BYTES))


class Connection(HttpToolsProtocol):
    """A connection of a client. `check` is called once a second."""

    limits: ServerLimits

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._unparsed = b""
        self._share = Share(self.limits.waiting)
        self._deadline: float | None = None
        self._head_bytes = 0
        self._is_touched = False
        self._is_in_head = False
        self._is_in_message = False
        self._is_upgrade = False
        self._unknown_method = False
        self._is_discarding = False
        self._has_ended = False
        self._stalled: tuple[int, float] | None = None

    # What the transport calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Welcome a client, or turn it away where there are too many."""
        super().connection_made(transport)
        self._deadline = self.limits.clock() + self.limits.head_seconds
        if len(self.connections) > self.limits.most_connections:
            self._refuse_connection()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was not parsed."""
        super().connection_lost(exc)
        self._unparsed = b""
        self._share.release()

    def data_received(self, data: bytes) -> None:
        """Parse what came, or keep it while requests that came before it wait for their turn."""
        if self._is_discarding:
            return
        self._unset_keepalive_if_required()
        self._is_touched = True
        if self._unparsed or self.pipeline or len(data) > PIECE_BYTES:
            self._unparsed += data
            self._parse()
        else:
            self._parse_piece(data)
            if self._unparsed:
                self._parse()
        if self._deadline is None and not self._is_in_message and not self._is_discarding:
            self._start_head_timer()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's says nothing, which closes
        """Return whether to stay: who has said everything may still wait for answers (RFC 9112 9.6)."""
        is_cut_short = self._is_in_message and not self._unparsed
        # Of TLS both directions end together here: asyncio has no half-closed connection of it.
        if self._is_discarding or is_cut_short or self.scheme == "https" or not self._is_answering():
            return False
        self._has_ended = True
        return True

    # What the parser calls

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._head_bytes = 0
        self._is_in_head = self._is_in_message = True
        if self._deadline is None:
            self._deadline = self.limits.clock() + self.limits.head_seconds

    def on_headers_complete(self) -> None:
        """Begin to answer. Nothing is spoken here but HTTP/1.1: an upgrade is passed over (RFC 9110 7.8)."""
        self._check_head()
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._is_upgrade = True
            return
        if not self.url.startswith(b"/"):
            self._read_absolute_target()
        super().on_headers_complete()
        self.cycle.transport = _HeadJoiningTransport(self.transport)  # type: ignore[assignment]  # as much of one as a cycle calls
        self._deadline = self.limits.clock() + self.limits.body_seconds
        self._is_in_head = False
        self.headers = []  # the lines of a trailer go here, and say nothing (RFC 9110 6.5.1)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for nothing any more."""
        self._is_in_message = False
        if self._is_upgrade:
            return
        self._deadline = None
        super().on_message_complete()
        if self.cycle.response_complete:  # long ago, and what came since has ended the wait for a next request
            self._start_idle_timer()

    def on_response_complete(self) -> None:
        """Turn to what came after the request that has been answered."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self.cycle.body = bytearray()  # nobody will ask for the rest of it
        if self.transport.is_closing():
            return
        if self._unparsed:
            self._unset_keepalive_if_required()
            if self.pipeline:
                self.flow.pause_reading()
            else:
                self._parse()
        if self._has_ended and not self._is_answering():
            self.transport.close()

    # What the server calls

    def check(self) -> None:
        """End what takes too long: a request that does not arrive, an answer that nobody takes."""
        now = self.limits.clock()
        if self._deadline is not None and now >= self._deadline:
            self._time_out(now)
        if self.flow.write_paused:
            self._abort_if_stalled(now)
        else:
            self._stalled = None

    def linger(self) -> None:
        """Send nothing any more, and keep nothing of what still comes."""
        self._is_discarding = True
        self._deadline = self.limits.clock() + LINGER_SECONDS
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()

    # Within

    def _parse(self) -> None:
        """Parse until requests have to wait for their turn; beyond that nothing is read from the client."""
        data = memoryview(self._unparsed)
        self._unparsed = b""
        at = 0
        while at < len(data) and not self.pipeline and not self._is_discarding:
            at += self._parse_piece(data[at : at + PIECE_BYTES])
            if self._unparsed:  # the head of an upgrade, to be read again without it
                data, self._unparsed, at = memoryview(self._unparsed + data[at:]), b"", 0
        if at < len(data) and not self._is_discarding:
            self._hold(bytes(data[at:]))
        else:
            self._share.release()

    def _parse_piece(self, piece: bytes | memoryview) -> int:
        """Return how many bytes of it were parsed."""
        self._head_bytes += len(piece)
        try:
            self.parser.feed_data(piece)
            if self._is_in_message:
                self._check_head()
        except httptools.HttpParserUpgrade as upgrade:
            return self._pass_over_upgrade(int(upgrade.args[0]), piece)
        except httptools.HttpParserError as wrong:
            inner = wrong.__context__
            self._refuse(inner if isinstance(inner, RsvpdError) else self._malformed_request(piece))
        except RsvpdError as wrong:
            self._refuse(wrong)
        return len(piece)

    def _malformed_request(self, piece: bytes | memoryview) -> MalformedRequest:
        """Return what is wrong with what cannot be parsed.

        The parser gives up at a method that it does not know, before it comes to the target; who sent it is
        told in the shape that fits the path all the same.
        """
        line = None if self.url else _REQUEST_LINE.match(piece)
        if line is None:
            return MalformedRequest("This is not an HTTP request.")
        self._unknown_method = True
        self.url = line[2]
        return MalformedRequest(f"The method {line[1].decode()} is not known.")

    def _check_head(self) -> None:
        """Raise what is wrong with the size of a head, a trailer or a line between chunks.

        Counted are the bytes since the piece in which the message began, or its last piece of a body was.
        """
        if self._is_in_head and len(self.url) > MAX_TARGET_BYTES:
            raise TargetTooLong(f"The URL is longer than {MAX_TARGET_BYTES} bytes.")
        if self._head_bytes > MAX_HEAD_BYTES:
            raise HeadTooLarge(f"The header lines are larger than {MAX_HEAD_BYTES} bytes.")
        if self._is_in_message and len(self.headers) > MAX_HEAD_LINES:
            raise HeadTooLarge(f"There are more than {MAX_HEAD_LINES} header lines.")

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_idle_timer(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _hold(self, rest: bytes) -> None:
        try:
            self._share.grow(len(rest))
        except Overloaded as busy:
            self._refuse(busy)
            return
        self._unparsed = rest
        self.flow.pause_reading()

    def _start_head_timer(self) -> None:
        """Line breaks may stand before a request (RFC 9112 2.2), but not without end."""
        if not self._is_answering():
            self._deadline = self.limits.clock() + self.limits.head_seconds

    def _pass_over_upgrade(self, parsed: int, piece: bytes | memoryview) -> int:
        """Have the head read once more without the offer; the parser takes no body after one with it."""
        if not self._is_upgrade:
            self._refuse(MalformedRequest("CONNECT is for proxies, and this is none."))
            return parsed
        self._is_upgrade = False
        closes = any(name == b"connection" and b"close" in value.lower() for name, value in self.headers)
        lines = [b": ".join(line) for line in self.headers if line[0] not in _UPGRADE_LINES]
        head = [b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url), *lines]
        head += [b"connection: close"] if closes else []
        self._unparsed = b"\r\n".join([*head, b"", bytes(piece[parsed:])])
        self.parser = httptools.HttpRequestParser(self)
        return len(piece)

    def _read_absolute_target(self) -> None:
        """Take host and path of an absolute target: it counts, not the Host header (RFC 9112 3.2.2)."""
        if self.url == b"*" and self.parser.get_method() == b"OPTIONS":
            self.url = b"/"
            return
        found = httptools.parse_url(self.url)
        if found.schema not in (b"http", b"https") or not found.host or found.userinfo:
            raise MalformedRequest("The target is neither a path nor an http URL.")
        host = b"[%s]" % found.host if b":" in found.host else found.host
        authority = b"%s:%d" % (host, found.port) if found.port else host
        self.headers[:] = [(b"host", authority), *(line for line in self.headers if line[0] != b"host")]
        query = b"?" + found.query if found.query else b""
        self.url = (found.path or b"/") + query

    def _time_out(self, now: float) -> None:
        if self._is_discarding or not self._is_touched:
            self.transport.close()
        elif self.flow.read_paused:  # the client waits for us, not we for it
            self._deadline = now + self.limits.body_seconds
        elif self._is_in_message and not self._is_in_head:
            self._refuse(RequestTimeout(f"The body did not arrive within {self.limits.body_seconds} seconds."))
        else:
            self._refuse(RequestTimeout(f"No complete request came within {self.limits.head_seconds} seconds."))

    def _abort_if_stalled(self, now: float) -> None:
        left = self.transport.get_write_buffer_size()
        if self._stalled is None or left < self._stalled[0]:
            self._stalled = (left, now)
        elif now - self._stalled[1] >= STALLED_SECONDS:
            self.transport.abort()

    def _refuse_connection(self) -> None:
        self.limits.refused_connections += 1
        self.transport.write(_BUSY)
        if len(self.connections) > self.limits.most_connections + LINGERING:
            self._is_discarding = True
            self.transport.close()
        else:
            self.linger()

    def _refuse(self, error: RsvpdError) -> None:
        """Have `error` told in the request's turn, and listen no more."""
        if self._is_discarding:
            return
        if not self._is_in_message or self._is_in_head or self._is_upgrade:
            self._start_refused_cycle()
        elif self.cycle.response_complete:
            self.transport.close()
            return
        self._is_discarding = True
        self._deadline = None
        self._unparsed = b""
        cycle = self.cycle
        scope: Any = cycle.scope
        scope[REFUSAL] = error
        cycle.transport = _LingeringTransport(self)  # type: ignore[assignment]  # as much of a transport as a cycle calls
        cycle.keep_alive = False
        cycle.more_body = False
        cycle.message_event.set()

    def _start_refused_cycle(self) -> None:
        """Make a request of what is known of it, which may be nothing."""
        if not self._is_in_head:
            super().on_message_begin()
        is_known = bool(self.url)
        self.url = _printable_target(self.url)
        super().on_headers_complete()
        if not is_known or self._unknown_method:
            self.scope["method"] = "-"


def connections(limits: ServerLimits) -> type[Connection]:
    """Return the class of the connections behind `limits`; uvicorn makes them itself."""
    return type("LimitedConnection", (Connection,), {"limits": limits})


def end_connection(send: Send) -> None:
    """Send what waits, and end the connection in the middle of an answer; `send` is what the server gave for that."""
    cycle = getattr(send, "__self__", None)
    if isinstance(cycle, RequestResponseCycle):
        cycle.disconnected = True  # nobody shall wonder where the rest is
        cycle.transport.close()


class _HeadJoiningTransport:
    """A transport that sends the head of an answer with what follows: one call of the system, and one waking of whoever
    waits for the answer, instead of two.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._is_begun = False
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Send something; the head waits until the loop has gone round, where nothing follows at once."""
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.writelines((head, data))
        elif self._is_begun or data.startswith(_INTERIM):
            self._transport.write(data)
        else:
            self._is_begun, self._head = True, data
            asyncio.get_running_loop().call_soon(self._flush)

    def close(self) -> None:
        """Send what waits, and end the connection."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head is not None and not self.is_closing():
            self._transport.write(self._head)
        self._head = None


class _LingeringTransport:
    """A transport that does not close at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing

    def close(self) -> None:
        """Say that nothing more will be sent."""
        self._connection.linger()


def _printable_target(url: bytes) -> bytes:
    """Return as much of a target as can be parsed."""
    plain = bytes(one if 0x21 <= one <= 0x7E else 0x5F for one in url[:MAX_TARGET_BYTES])
    try:
        return plain if plain.startswith(b"/") and httptools.parse_url(plain).path else b"/"
    except httptools.HttpParserError:
        return b"/"
