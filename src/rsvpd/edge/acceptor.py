"""Taking connections whose first bytes decide what becomes of them: TLS, and CONNECT to the vendors' hosts.

The socket stays a bare one until its first bytes are known, so that both ways end in the same protocol class,
in this process, without a byte being copied from one connection to another.

Rule 1: what is not yet a connection of the server counts towards the most connections too, and has
`head_seconds` to say what it wants, and as long again for its handshake.
Rule 2: bytes are looked at before they are taken (MSG_PEEK): whoever comes next finds them all.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
import socket
import ssl
from collections.abc import Awaitable, Callable

from rsvpd import log
from rsvpd.edge.connection import LINGER_SECONDS, LINGERING, ServerLimits
from rsvpd.edge.hosts import VENDOR_HOSTS

_log = log.get(__name__)

_HANDSHAKE = b"\x16"  # RFC 8446 5.1: the content type of the first record
_UNRECOGNIZED_NAME = b"\x15\x03\x03\x00\x02\x02\x70"  # RFC 6066 3: fatal, 112
_PAUSE_SECONDS = 1.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_MOST_CONNECT_BYTES = 8192
_MOST_LINGER_BYTES = 65_536
_END = b"\r\n\r\n"
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}+) (\S{1,1024}+) HTTP/1\.[01]\r\n")
_AUTHORITY = re.compile(rb"([A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,64}\]):([0-9]{1,5})")

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"

Handler = Callable[[socket.socket], Awaitable[None]]


class Acceptor:
    """Accepts what comes at listening sockets. `count` tells how many connections the server has."""

    def __init__(self, limits: ServerLimits, *, count: Callable[[], int]) -> None:
        self._limits = limits
        self._count = count
        self._pending = set[asyncio.Task[None]]()
        self._accepting = list[tuple[socket.socket, asyncio.Task[None]]]()

    def listen(self, bound: socket.socket, handler: Handler, *, backlog: int) -> None:
        """Hand each connection that comes at `bound` to `handler`, which owns it from then on."""
        bound.listen(backlog)
        bound.setblocking(False)
        self._accepting.append((bound, asyncio.create_task(self._accept(bound, handler))))

    async def close(self) -> None:
        """Accept nothing more, and drop what is not yet a connection of the server."""
        tasks = [task for _, task in self._accepting] + list(self._pending)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for bound, _ in self._accepting:
            bound.close()

    async def _accept(self, bound: socket.socket, handler: Handler) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(bound)
            except OSError as wrong:
                _log.debug("connection.not_accepted", error=wrong.strerror)
                await asyncio.sleep(_PAUSE_SECONDS if wrong.errno in _EXHAUSTED else 0)
                continue
            if len(self._pending) + self._count() >= self._limits.most_connections + LINGERING:
                self._limits.refused_connections += 1
                accepted.close()
                continue
            task = asyncio.create_task(_handle(accepted, handler))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)


async def _handle(accepted: socket.socket, handler: Handler) -> None:
    """Have a connection handled; whoever leaves early or says nonsense is no matter for the log of errors."""
    try:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await handler(accepted)
    except OSError as wrong:  # ssl.SSLError and TimeoutError are such
        _log.debug("connection.refused", error=type(wrong).__name__, reason=str(getattr(wrong, "reason", "") or ""))
        accepted.close()
    except asyncio.CancelledError:
        accepted.close()
        raise
    except Exception as wrong:
        _log.failure("connection.failed", wrong)
        accepted.close()


class Secure:
    """Speaks TLS with a client and then HTTP; plain HTTP is told that it came to the wrong port."""

    def __init__(
        self, context: ssl.SSLContext, limits: ServerLimits, make_protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        self._context = context
        self._limits = limits
        self._make_protocol = make_protocol

    async def __call__(self, accepted: socket.socket) -> None:
        """Take a connection over, in which nothing has been read of what the client says to the host."""
        async with asyncio.timeout(self._limits.head_seconds):
            first = await _peek(accepted, 1)
        if first and first != _HANDSHAKE:
            words = "This port speaks HTTPS: begin the URL with https://, and trust what `rsvpd trust` tells."
            return await _tell(accepted, "400 Bad Request", words)
        if not first:
            accepted.close()
            return None
        return await self._shake_hands(accepted)

    async def _shake_hands(self, accepted: socket.socket) -> None:
        """Begin TLS. What ends a handshake is dropped with the transport, so the one alert that tells a person
        something leaves through a second handle of the connection; nothing is encrypted yet (RFC 8446 6)."""
        with accepted.dup() as spare:
            try:
                await asyncio.get_running_loop().connect_accepted_socket(
                    self._make_protocol, accepted, ssl=self._context,
                    ssl_handshake_timeout=self._limits.head_seconds, ssl_shutdown_timeout=LINGER_SECONDS,
                )
            except ssl.SSLError as wrong:
                if wrong.reason == "CALLBACK_FAILED":  # of the callback that looks at the name
                    await _send(spare, _UNRECOGNIZED_NAME)
                raise


class Proxy:
    """A proxy for one method, CONNECT (RFC 9110 9.3.6), and one list of hosts, for which this server answers."""

    def __init__(self, secure: Handler, limits: ServerLimits) -> None:
        self._secure = secure
        self._limits = limits

    async def __call__(self, accepted: socket.socket) -> None:
        """Read what is asked for, and hand the connection over or refuse."""
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                head = await _read_head(accepted)
        except TimeoutError:
            words = f"No complete request came within {self._limits.head_seconds} seconds."
            return await _tell(accepted, "408 Request Timeout", words)
        refusal = _refusal(head)
        if refusal is not None:
            return await _tell(accepted, *refusal)
        await _send(accepted, _ESTABLISHED)
        return await self._secure(accepted)


def _refusal(head: bytes | None) -> tuple[str, str, str] | tuple[str, str] | None:
    """Return status, words and where due a header line, or None for what is let through."""
    if head is None:
        return "431 Request Header Fields Too Large", f"The head is larger than {_MOST_CONNECT_BYTES} bytes."
    line = _REQUEST_LINE.match(head)
    if line is None:
        return "400 Bad Request", "This is not an HTTP request."
    if line[1] != b"CONNECT":
        words = "This proxy is for https alone: it takes CONNECT, and only for the hosts that rsvpd stands in for."
        return "405 Method Not Allowed", words, "Allow: CONNECT\r\n"
    target = _AUTHORITY.fullmatch(line[2])
    if target is None:
        return "400 Bad Request", "CONNECT names a host and a port, like graph.microsoft.com:443."
    host = target[1].decode().lower().rstrip(".")
    if host not in VENDOR_HOSTS or int(target[2]) != 443:
        words = (
            f"{host[:80]}:{int(target[2])} is not reached through this proxy; it leads to rsvpd in the place of"
            f" {', '.join(VENDOR_HOSTS)}, port 443. NO_PROXY names hosts that are reached directly."
        )
        return "403 Forbidden", words
    return None


async def _read_head(accepted: socket.socket) -> bytes | None:
    """Return the head of a request with its last blank line, or None where it is too large; what follows stays."""
    head = b""
    while len(head) < _MOST_CONNECT_BYTES:
        piece = await _peek(accepted, _MOST_CONNECT_BYTES - len(head))
        if not piece:
            raise ConnectionResetError
        so_far = head + piece
        end = so_far.find(_END, max(0, len(head) - len(_END)))
        size = len(piece) if end < 0 else end + len(_END) - len(head)
        head += accepted.recv(size)
        if end >= 0:
            return head
    return None


async def _peek(accepted: socket.socket, size: int) -> bytes:
    """Return what has come, at most `size` bytes of it, and leave it there; empty at the end."""
    await _readable(accepted)
    return accepted.recv(size, socket.MSG_PEEK)


async def _readable(accepted: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(accepted.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(accepted.fileno())


async def _tell(accepted: socket.socket, status: str, words: str, line: str = "") -> None:
    """Answer with a text and end the connection, listening for a moment (RFC 9112 9.6)."""
    body = f"{words}\n".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"{line}Connection: close\r\n\r\n"
    )
    await _send(accepted, head.encode() + body)
    accepted.shutdown(socket.SHUT_WR)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            await _drain(accepted)
    accepted.close()


async def _drain(accepted: socket.socket) -> None:
    loop, left = asyncio.get_running_loop(), _MOST_LINGER_BYTES
    while left > 0 and (piece := await loop.sock_recv(accepted, left)):
        left -= len(piece)


async def _send(accepted: socket.socket, content: bytes) -> None:
    """Send what fits into any socket's buffer; a client that takes nothing is given up."""
    async with asyncio.timeout(LINGER_SECONDS):
        await asyncio.get_running_loop().sock_sendall(accepted, content)


