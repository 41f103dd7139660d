"""The one adapter: ASGI on one side, `dialects.wire` on the other. Nothing else sees ASGI's dicts."""

from __future__ import annotations

import itertools
import os
import re
import zlib
from collections.abc import Callable, Mapping

from starlette.types import Scope, Send

from rsvpd.clock import Instant
from rsvpd.dialects.wire import Request, Response

GZIP_FROM_BYTES = 1024

_HOST = re.compile(r"[A-Za-z0-9._~-]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,64}\](:\d{1,5})?")
_REFUSED_CODING = re.compile(r"\s*+gzip\s*+;\s*+q\s*+=\s*+0(?:\.0*+)?+\s*+", re.I)
_NO_BODY = frozenset({204, 304})
_ORIGINS_REMEMBERED = 256

RawHeaders = list[tuple[bytes, bytes]]


def header_map(raw: RawHeaders) -> dict[str, str]:
    """Return the headers by lower-case name; lines of one name are joined by a comma (RFC 9110 5.3)."""
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(found) != len(raw):
        _join_repeated(found, raw)
    return found


def _join_repeated(found: dict[str, str], raw: RawHeaders) -> None:
    lines: dict[str, list[str]] = {}
    for name, value in raw:
        lines.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    found.update({name: ", ".join(values) for name, values in lines.items()})


class Origins:
    """Scheme and host as a client sees them. Forwarded headers win; an impossible host is not echoed."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, ...], str] = {}

    def of(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Return the origin, without a slash at the end."""
        get = headers.get
        key = (get("x-forwarded-proto"), get("x-forwarded-host"), get("host"), scope["scheme"])
        origin = self._known.get(key)
        if origin is None:
            if len(self._known) >= _ORIGINS_REMEMBERED:
                self._known.clear()
            origin = self._known[key] = self._made(scope, *key)
        return origin

    @staticmethod
    def _made(
        scope: Scope, proto: str | None, forwarded: str | None, host: str | None, scheme: str | None
    ) -> str:
        """The first of several forwarded values is the one nearest to the client."""
        asked = (proto or "").split(",")[0].strip().lower()
        for name in (forwarded, host):
            bare = (name or "").split(",")[0].strip()
            if _HOST.fullmatch(bare):
                return f"{asked if asked in ('http', 'https') else scheme}://{bare}"
        address, port = scope.get("server") or ("127.0.0.1", None)
        shown = f"[{address}]" if ":" in address else address
        return f"{scheme}://{shown}:{port}" if port else f"{scheme}://{shown}"


def request_ids() -> Callable[[], str]:
    """Return a source of ids that look like GUIDs: random once per process, counted from there."""
    head = os.urandom(10).hex()
    prefix = f"{head[:8]}-{head[8:12]}-4{head[12:15]}-8{head[15:18]}-"
    numbers = itertools.count(int.from_bytes(os.urandom(5), "big"))
    return lambda: f"{prefix}{next(numbers):012x}"


def make_request(
    scope: Scope,
    headers: Mapping[str, str],
    *,
    path: str,
    mount: str,
    origin: str,
    body: bytes,
    now: Instant,
    request_id: str,
) -> Request:
    """Return the request as a dialect reads it. HEAD is asked as GET; its body is left out when sent."""
    method: str = scope["method"]
    return Request(
        method="GET" if method == "HEAD" else method,
        origin=origin,
        mount=mount,
        path=path[len(mount) :],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        now=now,
        request_id=request_id,
    )


async def send_response(send: Send, request: Request, response: Response, *, head_only: bool = False) -> None:
    """Send `response`, compressed where the client asked for it and it is worth it."""
    headers = [(name.encode("latin-1"), _header_value(value)) for name, value in response.headers]
    headers.append((b"request-id", request.request_id.encode("latin-1")))
    body = response.body
    if len(body) > GZIP_FROM_BYTES:
        headers.append((b"vary", b"Accept-Encoding"))
        if _takes_gzip(request.headers.get("accept-encoding")) and not _is_coded(response):
            body = gzipped(body)
            headers.append((b"content-encoding", b"gzip"))
    if body or response.status not in _NO_BODY:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else body})


def _header_value(value: str) -> bytes:
    """Return `value` as it may stand in a header; a line break or a foreign letter becomes `?`."""
    if not (value.isascii() and value.isprintable()):
        value = "".join(letter if letter.isprintable() else "?" for letter in value)
    return value.encode("latin-1", "replace")


def gzipped(body: bytes) -> bytes:
    """Return `body` in the gzip format, quickly rather than tightly."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


def _takes_gzip(accepted: str | None) -> bool:
    if accepted is None or "gzip" not in accepted.lower():
        return False
    return not any(_REFUSED_CODING.fullmatch(one) for one in accepted.split(","))


def _is_coded(response: Response) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in response.headers)
