"""The application: dialects under their mounts, Starlette for the rest.

A dialect's request takes a short way: the longest mount that fits, one `wire.Request`, one
`wire.Response`. No router and no middleware stands before it. What lies outside all mounts
(the index, `/_rsvpd/…`, the lifespan) is Starlette's.

Rule: whatever happens inside, a client gets an answer in the shape of its dialect, and an error of
ours is logged once and says nothing of what is inside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from rsvpd import log
from rsvpd.clock import Clock
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge import limits
from rsvpd.edge.http import Origins, header_map, make_request, request_ids, send_response
from rsvpd.edge.outside import ERROR_BODY, make_rest
from rsvpd.errors import Overloaded, RsvpdError, TooLarge, Unavailable, UnsupportedMedia
from rsvpd.hints import HEADER

_log = log.get(__name__)

_JSON = (("Content-Type", "application/json"),)


class Dialect(Struct, frozen=True, kw_only=True):
    """A dialect at a path prefix (no slash at the end). `refuse` writes an error in its own shape.

    What is not listed is answered, but is no place to send people to.
    """

    prefix: str
    title: str
    answer: Callable[[Request], Awaitable[Response]]
    refuse: Callable[[Request, RsvpdError], Response]
    is_listed: bool = True


def make_app(
    dialects: Sequence[Dialect],
    *,
    clock: Clock,
    max_body_bytes: int,
    control: ASGIApp | None = None,
    lifespan: Lifespan[Starlette] | None = None,
) -> Edge:
    """Return the whole application. `control` answers below `/_rsvpd`."""
    longest_first = sorted(dialects, key=lambda dialect: -len(dialect.prefix))
    rest = make_rest({one.title: one.prefix for one in dialects if one.is_listed}, control, lifespan)
    return Edge(longest_first, rest, clock=clock, max_body_bytes=max_body_bytes)


class Edge:
    """The ASGI callable that uvicorn runs."""

    def __init__(
        self, dialects: Sequence[Dialect], rest: ASGIApp, *, clock: Clock, max_body_bytes: int
    ) -> None:
        self._dialects = tuple((one.prefix, len(one.prefix), one) for one in dialects)
        self._rest = rest
        self._clock = clock
        self._max_body_bytes = max_body_bytes
        self._origins = Origins()
        self._next_id = request_ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] != "http":
            return await self._rest(scope, receive, send)
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        dialect = self._find(path)
        log.request_id.set(self._next_id())
        if dialect is None:
            return await self._others(scope, receive, send)
        return await self._answer(dialect, path, scope, receive, send)

    def _find(self, path: str) -> Dialect | None:
        for prefix, length, dialect in self._dialects:
            if path.startswith(prefix) and (len(path) == length or path[length] == "/"):
                return dialect
        lower = path.lower()
        return self._find(lower) if lower != path else None

    async def _answer(self, dialect: Dialect, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        headers = header_map(scope["headers"])
        refusal: RsvpdError | None = None
        body = b""
        try:
            limits.check_head(scope.get("raw_path") or b"", scope["query_string"], scope["headers"])
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise UnsupportedMedia("A request body with a content coding is not read; send it as it is.")
            if "content-length" in headers or "transfer-encoding" in headers:
                body = await limits.read_body(
                    receive, headers.get("content-length"), limit=self._max_body_bytes
                )
        except (TooLarge, UnsupportedMedia) as wrong:
            refusal = wrong
        except limits.Disconnected:
            return
        request = make_request(
            scope,
            headers,
            path=path,
            mount=dialect.prefix,
            origin=self._origins.of(scope, headers),
            body=body,
            now=self._clock(),
            request_id=log.request_id.get(),
        )
        if refusal is None:
            response = await _answered(dialect, request)
        else:
            response = _refused(dialect, request, refusal)
        _log_hint(dialect, request, response)
        await send_response(send, request, response, head_only=scope["method"] == "HEAD")

    async def _others(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Starlette answers 500 by itself and raises on; the log line is ours."""
        try:
            await self._rest(scope, receive, send)
        except Exception as wrong:
            _log.failure("request.failed", wrong, mount="")


async def _answered(dialect: Dialect, request: Request) -> Response:
    """A dialect renders its caller's errors itself: what comes out here as an error is ours."""
    try:
        return await dialect.answer(request)
    except Unavailable as wrong:
        if isinstance(wrong, Overloaded):  # what is wrong with the data file is said once, by the store
            _log.warning("request.overloaded", mount=dialect.prefix)
        return _refused(dialect, request, wrong)
    except Exception as wrong:
        _log.failure("request.failed", wrong, mount=dialect.prefix, method=request.method)
        return _refused(dialect, request, RsvpdError())


def _log_hint(dialect: Dialect, request: Request, response: Response) -> None:
    """Say in the log what the caller was told in `X-Rsvpd-Hint`."""
    for name, value in response.headers:
        if name == HEADER:
            _log.info("request.hint", mount=dialect.prefix, method=request.method, hint=value)


def _refused(dialect: Dialect, request: Request, error: RsvpdError) -> Response:
    try:
        response = dialect.refuse(request, error)
    except Exception as wrong:
        _log.failure("refusal.failed", wrong, mount=dialect.prefix)
        response = Response(status=500, headers=_JSON, body=ERROR_BODY)
    return _with_retry(response, error)


def _with_retry(response: Response, error: RsvpdError) -> Response:
    """A server that cannot answer now says when to come back, whether the dialect thought of it or not."""
    if not isinstance(error, Unavailable):
        return response
    if any(name.lower() == "retry-after" for name, _ in response.headers):
        return response
    again = ("Retry-After", str(error.retry_after))
    return msgspec.structs.replace(response, headers=(*response.headers, again))
