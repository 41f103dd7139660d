"""The application: dialects under their mounts, Starlette for the rest.

A dialect's request takes a short way: the longest mount that fits, one `wire.Request`, one
`wire.Response`. No router and no middleware stands before it. What lies outside all mounts
(the index, `/health`, `/_rsvpd/…`, the lifespan) is Starlette's.

Rule 1: whatever happens inside, a client gets an answer in the shape of its dialect, and an error of
ours is logged once and says nothing of what is inside.
Rule 2: a host is checked before anything else is read, and a body that is large or packed is read only
for somebody whose token is good.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from rsvpd import log
from rsvpd.clock import Clock
from rsvpd.config import Config
from rsvpd.dialects.wire import LOGGED, Part, Request, Response
from rsvpd.edge import coding, limits, outside
from rsvpd.edge.connection import end_connection
from rsvpd.edge.cors import Cors, Headers, is_preflight
from rsvpd.edge.faults import NO_FAULTS, FaultDoer, error_of
from rsvpd.edge.hosts import Hosts
from rsvpd.edge.http import header_map, make_request, path_of, request_ids, send_response, with_body
from rsvpd.edge.journal import keep
from rsvpd.edge.request_log import Record
from rsvpd.errors import DomainError, Overloaded, RsvpdError, Unavailable, UnsupportedCoding
from rsvpd.faults import Effect
from rsvpd.hints import HEADER
from rsvpd.journal import Journal
from rsvpd.signin.http import ORIGIN, PEER
from rsvpd.tally import Tally

_log = log.get(__name__)

_JSON = (("Content-Type", "application/json"),)
_CLOSE = (("Connection", "close"),)
# Probes come every few seconds and say nothing.
_NOT_LOGGED = frozenset({"/health", "/_rsvpd/ready"})
_OF_PARTS = tuple(name for name in Part.__struct_fields__ if name in Record.__struct_fields__)


class Dialect(Struct, frozen=True, kw_only=True):
    """A dialect at a path prefix (no slash at the end). `refuse` writes an error in its own shape.

    `authenticate` raises NotAuthenticated for a request without a good token, `methods` says what a path
    takes or raises as the dialect does for a path there is not. Links lead to `mount` where one is given,
    and `notice` is added to the hints of every answer. What is not listed is answered, but is no place to
    send people to. `interface` is how rules of faults name it, and `path` its only path where that is not in its
    requests.
    """

    prefix: str
    title: str
    answer: Callable[[Request], Awaitable[Response]]
    refuse: Callable[[Request, RsvpdError], Response]
    authenticate: Callable[[Request], object]
    methods: Callable[[Request], str]
    mount: str = ""
    notice: str = ""
    is_listed: bool = True
    interface: str = ""
    path: str = ""


def make_app(
    dialects: Sequence[Dialect],
    config: Config,
    *,
    clock: Clock,
    control: ASGIApp | None = None,
    lifespan: Lifespan[Starlette] | None = None,
    requests: log.BackgroundWriter[Record] | None = None,
    journal: Journal | None = None,
    tally: Tally | None = None,
    sign_in: Iterable[BaseRoute] = (),
    faults: FaultDoer = NO_FAULTS,
) -> Edge:
    """Return the whole application. `control` answers below `/_rsvpd`, `requests` is told of every answer, `journal`
    keeps the last of them whole, `tally` counts them, `sign_in` are the routes by which people and applications sign
    in, `faults` makes go wrong what is to go wrong."""
    longest_first = sorted(dialects, key=lambda dialect: -len(dialect.prefix))
    places = {one.title: one.prefix for one in dialects if one.is_listed}
    rest = outside.make_rest(places, control, lifespan, more=sign_in)
    return Edge(
        longest_first, rest, config, clock=clock, requests=requests, journal=journal, tally=tally, faults=faults
    )  # fmt: skip


class Edge:
    """The ASGI callable that uvicorn runs."""

    def __init__(
        self,
        dialects: Sequence[Dialect],
        rest: Starlette,
        config: Config,
        *,
        clock: Clock,
        requests: log.BackgroundWriter[Record] | None,
        journal: Journal | None,
        faults: FaultDoer,
        tally: Tally | None,
    ) -> None:
        self._dialects = tuple((one.prefix, len(one.prefix), one) for one in dialects)
        self._rest = rest
        self._clock = clock
        self._max_body_bytes = config.max_body_bytes
        self._bodies = limits.Pool(config.max_bodies_bytes)
        self._hosts = Hosts((config.host.lower(), *config.hosts), config.trusted_proxies)
        self._cors = Cors(config.cors_origins)
        self._requests = requests
        self._journal = journal
        self._faults = faults
        self._tally = tally
        self._next_id = request_ids()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] != "http":
            return await self._rest(scope, receive, send)
        began = time.perf_counter()
        log.request_id.set(self._next_id())
        # A request that waited for another one begins in that one's context.
        log.person.set("")
        log.application.set("")
        path = path_of(scope)
        dialect = self._find(path)
        request, refusal = self._request(dialect, path, scope)
        exchange = _Exchange(scope, _WatchedReceive(receive), send, request)
        sent: _AnswerRecord | None
        if dialect is None:
            sent = await self._answer_outside(exchange, refusal)
        else:
            if self._faults.board.requests and refusal is None and request.method != "OPTIONS":
                sent = await self._answer_faultily(dialect, exchange)
            else:
                sent = await self._answer(dialect, exchange, refusal)
        if sent is not None and path not in _NOT_LOGGED:
            self._tell(exchange, dialect, sent, time.perf_counter() - began)
        return None

    def _tell(self, exchange: _Exchange, dialect: Dialect | None, sent: _AnswerRecord, seconds: float) -> None:
        """Tell whoever wants to know of an answer that was sent, and of those inside it."""
        if self._tally is not None:
            self._tally.add(dialect.prefix if dialect else "", exchange.scope["method"], sent.status, seconds)
        if self._requests is None and self._journal is None:
            return
        record = _record(exchange, dialect, sent, seconds)
        if self._requests is not None:
            for part in sent.parts:
                self._requests.add(_record_of_part(part, exchange.request))
            self._requests.add(record)
        if self._journal is not None:
            keep(self._journal, record, sent.request or exchange.request, sent.response)

    def _find(self, path: str) -> Dialect | None:
        for prefix, length, dialect in self._dialects:
            if path.startswith(prefix) and (len(path) == length or path[length] == "/"):
                return dialect
        lower = path.lower()
        return self._find(lower) if lower != path else None

    def _request(self, dialect: Dialect | None, path: str, scope: Scope) -> tuple[Request, RsvpdError | None]:
        """Return the head of a request, and what is wrong with it so far."""
        headers = header_map(scope["headers"])
        refusal: RsvpdError | None = None
        try:
            limits.raise_refusal(scope)
            origin = self._hosts.origin(scope, headers)
        except RsvpdError as wrong:
            origin, refusal = Hosts.local_origin(scope), wrong
        request = make_request(
            scope,
            headers,
            path=path[len(dialect.prefix) :] if dialect else path,
            mount=(dialect.mount or dialect.prefix) if dialect else "",
            origin=origin,
            now=self._clock(),
            request_id=log.request_id.get(),
        )
        return request, refusal

    async def _answer(self, dialect: Dialect, exchange: _Exchange, refusal: RsvpdError | None) -> _AnswerRecord | None:
        """Answer in the shape of a dialect; None where the client went away before its request was complete."""
        found = await self._respond(dialect, exchange, refusal)
        return None if found is None else await self._send(exchange, found[1], found[0])

    async def _answer_faultily(self, dialect: Dialect, exchange: _Exchange) -> _AnswerRecord | None:
        """Answer where something may be meant to go wrong; what does carries the name of its rule, and so does the log.

        A connection that ended without an answer has no status.
        """
        request, faults = exchange.request, self._faults
        decision = faults.decide(request, dialect.interface, dialect.authenticate, path=dialect.path)
        try:
            fault = decision.fault
            if fault is None:
                with faults.inside(dialect.interface, dialect.authenticate):
                    return await self._answer(dialect, exchange, None)
            await faults.wait(fault)
            if fault.effect is Effect.DROP:
                end_connection(exchange.send)
                return _AnswerRecord(0, "", fault=fault.name)
            error = error_of(fault)
            if error is not None:
                found: tuple[Request, Response] | None = request, _refuse(dialect, request, error)
            else:
                with faults.inside(dialect.interface, dialect.authenticate):
                    found = await self._respond(dialect, exchange, None)
            if found is None:
                return None
            asked, response = found
            more = (*response.headers, *faults.headers(fault, decision.retry_after))
            marked = msgspec.structs.replace(response, headers=more)
            faulty = msgspec.structs.replace(exchange, send=faults.faulty_send(fault, exchange.send))
            return msgspec.structs.replace(await self._send(faulty, marked, asked), fault=fault.name)
        finally:
            faults.board.end(decision)

    async def _respond(
        self, dialect: Dialect, exchange: _Exchange, refusal: RsvpdError | None
    ) -> tuple[Request, Response] | None:
        """Return the request as far as it was read, and the answer; None where the client went away before."""
        request = exchange.request
        share = limits.Share(self._bodies)
        try:
            if refusal is not None:
                raise refusal
            if request.method == "OPTIONS":
                response = self._options(dialect, request)
            else:
                request = await self._read_request(dialect, exchange, share)
                response = await _call(dialect, request)
        except limits.Disconnected:
            return None
        except RsvpdError as wrong:
            response = _refuse(dialect, request, wrong)
        finally:
            share.release()
        return request, _with_hint(response, dialect.notice) if dialect.notice else response

    async def _send(self, exchange: _Exchange, response: Response, request: Request | None = None) -> _AnswerRecord:
        more = self._cors.headers(exchange.request.headers.get("origin")) + exchange.end()
        await send_response(
            exchange.send, exchange.request, response, more=more, head_only=exchange.scope["method"] == "HEAD"
        )
        return _AnswerRecord(response.status, _hint(response), response.parts, request, response)

    async def _read_request(self, dialect: Dialect, exchange: _Exchange, share: limits.Share) -> Request:
        """Return the request with its body."""
        request = exchange.request
        headers = request.headers
        length = headers.get("content-length")
        is_gzip = coding.is_gzip(headers.get("content-encoding"))
        if length in (None, "0") and "transfer-encoding" not in headers:
            return request
        announced = limits.content_length(length, limit=self._max_body_bytes)

        def grow(size: int) -> None:
            if size > limits.UNAUTHENTICATED_BODY_BYTES:
                dialect.authenticate(request)
                share.grow(size)

        if is_gzip:
            dialect.authenticate(request)
        grow(announced)
        body = await limits.read_body(exchange.scope, exchange.incoming, limit=self._max_body_bytes, grow=grow)
        if is_gzip and body:
            sent_size = len(body)
            body = coding.decompress(body, limit=self._max_body_bytes)
            grow(sent_size + len(body))
        return with_body(request, body, was_gzip=is_gzip)

    def _options(self, dialect: Dialect, request: Request) -> Response:
        """Answer what a browser asks before it asks, or what may be done at a path (RFC 9110 9.3.7)."""
        if is_preflight(request.headers):
            return self._preflight(request)
        try:
            methods = dialect.methods(request)
        except DomainError:
            raise
        except Exception as wrong:
            _log.failure("request.failed", wrong, mount=dialect.prefix, method=request.method)
            return _refuse(dialect, request, RsvpdError())
        return Response(status=204, headers=(("Allow", _with_options(methods)),))

    def _preflight(self, request: Request) -> Response:
        allowed = self._cors.preflight(request.headers)
        if allowed:
            return Response(status=204, headers=allowed)
        hint = (
            f"Pages of {request.headers['origin'][:80]} may not read this: loopback origins may,"
            " others are named by the setting 'cors_origins' (RSVPD_CORS_ORIGINS)."
        )
        return Response(status=204, headers=((HEADER, hint),))

    async def _answer_outside(self, exchange: _Exchange, refusal: RsvpdError | None) -> _AnswerRecord:
        """Starlette answers; a failure is an answer of its own, and the log line is ours."""
        request = exchange.request
        is_control = f"{exchange.scope['path']}/".startswith(f"{outside.CONTROL}/")
        try:
            if refusal is not None:
                raise refusal
            if coding.is_gzip(request.headers.get("content-encoding")):
                raise UnsupportedCoding("A packed body is not read here.", target="Content-Encoding")
        except RsvpdError as wrong:
            return await self._send(exchange, _with_http_headers(outside.refuse(wrong), wrong))
        if request.method == "OPTIONS" and not is_control:
            is_asked = is_preflight(request.headers)
            methods = outside.methods(self._rest, exchange.scope)
            allow = Response(status=204, headers=(("Allow", _with_options(methods)),))
            return await self._send(exchange, self._preflight(request) if is_asked else allow)
        cors: Headers = () if is_control else self._cors.headers(request.headers.get("origin"))
        return await self._pass_on(exchange, cors)

    async def _pass_on(self, exchange: _Exchange, cors: Headers) -> _AnswerRecord:
        """Let Starlette answer, with our headers added."""
        scope = exchange.scope
        scope[ORIGIN], scope[PEER] = exchange.request.origin, self._hosts.peer(scope, exchange.request.headers)
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Pages with forms are for people, never for the scripts of other pages.
                readable = () if _is_page(message["headers"]) else cors
                own = (("request-id", exchange.request.request_id), *readable, *exchange.end())
                lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in own]
                message["headers"] = [*message["headers"], *lines]
            await exchange.send(message)

        async def receive_and_check() -> Message:
            message = await exchange.incoming()
            limits.raise_refusal(scope)
            return message

        try:
            await self._rest(scope, receive_and_check, send_with_headers)
        except Exception as wrong:
            _log.failure("request.failed", wrong, mount="")
        return _AnswerRecord(status, "")


class _WatchedReceive:
    """What comes in of a body, and whether anybody asked for it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_read = False

    async def __call__(self) -> Message:
        self.is_read = True
        return await self._receive()


class _Exchange(Struct, frozen=True):
    """A request and its answer on their way."""

    scope: Scope
    incoming: _WatchedReceive
    send: Send
    request: Request

    def end(self) -> Headers:
        """Return the header that ends the connection, where what comes next on it cannot be known.

        That is so after bytes that were refused, and where a client waits to be asked for its body and was
        not: it may send the body or leave it, and both would be right (RFC 9110 10.1.1).
        """
        is_waiting = "expect" in self.request.headers and not self.incoming.is_read
        return _CLOSE if is_waiting or limits.REFUSAL in self.scope else ()


class _AnswerRecord(Struct, frozen=True):
    """What of an answer the log tells, and where a dialect answered, the request and the answer whole."""

    status: int
    hint: str
    parts: tuple[Part, ...] = ()
    request: Request | None = None
    response: Response | None = None
    fault: str = ""


async def _call(dialect: Dialect, request: Request) -> Response:
    """A dialect renders its caller's errors itself: what comes out here as an error is ours."""
    try:
        return await dialect.answer(request)
    except Unavailable as wrong:
        if isinstance(wrong, Overloaded):  # what is wrong with the data file is said once, by the store
            _log.warning("request.overloaded", mount=dialect.prefix)
        return _refuse(dialect, request, wrong)
    except Exception as wrong:
        _log.failure("request.failed", wrong, mount=dialect.prefix, method=request.method)
        return _refuse(dialect, request, RsvpdError())


def _refuse(dialect: Dialect, request: Request, error: RsvpdError) -> Response:
    try:
        response = dialect.refuse(request, error)
    except Exception as wrong:
        _log.failure("refusal.failed", wrong, mount=dialect.prefix)
        response = Response(status=500, headers=_JSON, body=outside.ERROR_BODY, problem=RsvpdError)
    return _with_http_headers(response, error)


def _with_http_headers(response: Response, error: RsvpdError) -> Response:
    """What HTTP says with some answers goes out whether the dialect thought of it or not."""
    match error:
        case Unavailable():
            wanted = ("Retry-After", str(error.retry_after))
        case UnsupportedCoding():
            wanted = ("Accept-Encoding", coding.READ)  # RFC 9110 12.5.3
        case _:
            return response
    if any(name.lower() == wanted[0].lower() for name, _ in response.headers):
        return response
    return msgspec.structs.replace(response, headers=(*response.headers, wanted))


def _with_hint(response: Response, text: str) -> Response:
    own = _hint(response)
    others = tuple(one for one in response.headers if one[0] != HEADER)
    return msgspec.structs.replace(response, headers=(*others, (HEADER, f"{own} {text}" if own else text)))


def _hint(response: Response) -> str:
    for name, value in response.headers:
        if name == HEADER:
            return value
    return ""


def _is_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(value.startswith(b"text/html") for name, value in headers if name == b"content-type")


def _with_options(methods: str) -> str:
    known = [one.strip() for one in methods.split(",") if one.strip()]
    head = ["HEAD"] if "GET" in known else []
    return ", ".join(dict.fromkeys([*known, *head, "OPTIONS"]))


def _record(exchange: _Exchange, dialect: Dialect | None, sent: _AnswerRecord, seconds: float) -> Record:
    request = exchange.request
    return Record(
        at=time.time(),
        person=log.person.get(),
        application=log.application.get(),
        method=exchange.scope["method"],
        mount=dialect.prefix if dialect else "",
        path=request.path[:LOGGED],
        query=request.query[:LOGGED],
        status=sent.status,
        seconds=seconds,
        hint=sent.hint,
        request_id=request.request_id,
        fault=sent.fault,
    )


def _record_of_part(part: Part, outer: Request) -> Record:
    """Return the line of a request inside another one, which has the id of that."""
    facts = {name: getattr(part, name) for name in _OF_PARTS}
    return Record(at=time.time(), request_id=outer.request_id, **facts)
