"""The one adapter: ASGI on one side, `dialects.wire` on the other. Nothing else sees ASGI's dicts."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Mapping

import msgspec
from starlette.types import Scope, Send

from rsvpd.clock import Instant
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge import coding

GZIP_FROM_BYTES = 1024

_NO_BODY = frozenset({204, 304})

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


def request_ids() -> Callable[[], str]:
    """Return a source of ids that look like GUIDs: random once per process, counted from there."""
    head = os.urandom(10).hex()
    prefix = f"{head[:8]}-{head[8:12]}-4{head[12:15]}-8{head[15:18]}-"
    numbers = itertools.count(int.from_bytes(os.urandom(5), "big"))
    return lambda: f"{prefix}{next(numbers):012x}"


def path_of(scope: Scope) -> str:
    """Return the path as it was sent, percent-encoded."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1")


def make_request(
    scope: Scope, headers: Mapping[str, str], *, path: str, mount: str, origin: str, now: Instant, request_id: str
) -> Request:
    """Return the head of a request as a dialect reads it.

    HEAD is asked as GET; its body is left out when sent.
    """
    method: str = scope["method"]
    return Request(
        method="GET" if method == "HEAD" else method,
        origin=origin,
        mount=mount,
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"",
        now=now,
        request_id=request_id,
    )


def with_body(request: Request, body: bytes, *, was_gzip: bool) -> Request:
    """Return the request with its body; after unpacking, the headers no longer speak of a coding."""
    if not was_gzip:
        return msgspec.structs.replace(request, body=body)
    headers = {name: value for name, value in request.headers.items() if name != "content-encoding"}
    headers["content-length"] = str(len(body))
    return msgspec.structs.replace(request, body=body, headers=headers)


async def send_response(
    send: Send,
    request: Request,
    response: Response,
    *,
    more: Iterable[tuple[str, str]] = (),
    head_only: bool = False,
) -> None:
    """Send `response` with `more` headers, compressed where the client asked for it and it is worth it."""
    headers = [(name.encode("latin-1"), _header_value(value)) for name, value in (*response.headers, *more)]
    headers.append((b"request-id", request.request_id.encode("latin-1")))
    body = response.body
    if len(body) > GZIP_FROM_BYTES:
        headers.append((b"vary", b"Accept-Encoding"))
        if coding.takes_gzip(request.headers.get("accept-encoding")) and not _is_coded(response):
            body = _gzip_body(response)
            headers.append((b"content-encoding", b"gzip"))
    if body or response.status not in _NO_BODY:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else body})


def _gzip_body(response: Response) -> bytes:
    """Return the body in gzip, which is made once for an answer that is kept."""
    if response.codings is None:
        return coding.compress(response.body)
    if "gzip" not in response.codings:
        response.codings["gzip"] = coding.compress(response.body)
    return response.codings["gzip"]


def _header_value(value: str) -> bytes:
    """Return `value` as it may stand in a header; a line break or a foreign letter becomes `?`."""
    if not (value.isascii() and value.isprintable()):
        value = "".join(letter if letter.isprintable() else "?" for letter in value)
    return value.encode("latin-1", "replace")


def _is_coded(response: Response) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in response.headers)
