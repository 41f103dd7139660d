"""The control desk: what it does is a table of verbs, and routes, checks and its description follow from that.

A verb is a function. Its first parameter is the desk, and the others say what is read of the request: a name that
stands in the path, `body`, `request` the whole of it, and every other name an option of the query, which may be left
out where it has a default. A body is JSON, unless the function takes a text: then it is that text, in UTF-8.
What it returns is the answer. Types are checked by msgspec, which describes them as well (`openapi.py`).
"""

from __future__ import annotations

import hmac
import inspect
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from rsvpd.clock import Clock
from rsvpd.config import Config
from rsvpd.control import lines
from rsvpd.control.clock import Timekeeper
from rsvpd.control.live import Live
from rsvpd.control.people import PersonAccounts
from rsvpd.control.workers import HEADER as MISSING
from rsvpd.control.workers import Workers, absent
from rsvpd.errors import AlreadyExists, DomainError, Missing, RsvpdError, StorageFull, Unavailable
from rsvpd.faults import Faults
from rsvpd.journal import Journal
from rsvpd.signin.http import ORIGIN, PEER
from rsvpd.spelling import did_you_mean
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError
from rsvpd.tally import Tally

BODY, REQUEST = "body", "request"
_MAX_BODY_BYTES = 65_536
_NO_TOKEN = (
    "This needs the control token of the running server as `Authorization: Bearer …`; it is the `control_token` in the"
    " file beside the data file whose name ends in .server."
)
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_STATUS: dict[type[RsvpdError], int] = {
    Missing: 404, AlreadyExists: 409, DomainError: 400, StorageFull: 507, Unavailable: 503,
}


class Desk(Struct, frozen=True, kw_only=True):
    """What the verbs work on.

    `service_account` returns the key file of the service account that every server has, for those who reach it under an
    origin; `time` steers the `clock`. With `is_local` whoever is on this machine needs no token. `journal` is that of a
    running server that keeps one, `faults` are the rules of what goes wrong on it, `live` are its streams, `tally` is
    what it counts, `workers` are its other processes where it has some.
    """

    config: Config
    store: Store
    accounts: PersonAccounts
    clock: Clock
    time: Timekeeper
    token: str
    service_account: Callable[[str], Awaitable[object]]
    is_local: bool = False
    journal: Journal | None = None
    faults: Faults | None = None
    live: Live | None = None
    tally: Tally | None = None
    workers: Workers | None = None


class Verb(Struct, frozen=True):
    """One thing that can be asked: where, and the function that does it. `limit` bounds the body in bytes.

    With `is_open` anybody may ask it. `bodies` are what a body may be, where the function reads it itself.
    `patience_seconds` is how long to wait for it at most, None for what takes as
    long as there is data. One that `tells_progress` does so in lines, to whoever wants them (lines.py).
    """

    method: str
    path: str
    does: Callable[..., Awaitable[object]]
    status: int = 200
    limit: int = _MAX_BODY_BYTES
    is_open: bool = False
    patience_seconds: float | None = 30.0
    bodies: tuple[type[Struct], ...] = ()
    tells_progress: bool = False


class Argument(Struct, frozen=True):
    """A parameter of a verb: its name, its type, where it stands in the request, and whether it may be left out."""

    name: str
    kind: Any
    place: str
    is_optional: bool


def arguments(verb: Verb) -> list[Argument]:
    """Return what a verb reads of a request."""
    found = list(inspect.signature(verb.does, eval_str=True).parameters.values())[1:]
    return [
        Argument(one.name, one.annotation, _place(verb, one.name), one.default is not inspect.Parameter.empty)
        for one in found
        if one.name != REQUEST
    ]


def make_desk(desk: Desk, verbs: Sequence[Verb]) -> Starlette:
    """Return the application behind `/_rsvpd`."""
    return Starlette(
        routes=[Route(verb.path, _endpoint(desk, verb), methods=[verb.method]) for verb in verbs],
        exception_handlers={
            RsvpdError: _refusal, CopyError: _not_copied, HTTPException: _http_error,
            HTTPStatus.NOT_FOUND: _unknown_path, HTTPStatus.METHOD_NOT_ALLOWED: _unknown_method,
        },
    )  # fmt: skip


def _place(verb: Verb, name: str) -> str:
    return BODY if name == BODY else "path" if f"{{{name}}}" in verb.path else "query"


def _endpoint(desk: Desk, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
    wanted = arguments(verb)
    reads_request = REQUEST in inspect.signature(verb.does).parameters

    async def answer(request: Request) -> Response:
        if not (verb.is_open or _is_allowed(desk, request)):
            raise HTTPException(401, _NO_TOKEN)
        _check_options(wanted, request)
        given = {one.name: await _read(verb, one, request) for one in wanted if not _is_left_out(one, request)}
        if reads_request:
            given[REQUEST] = request
        missing: list[int] = []
        absent.set(missing)
        if verb.tells_progress and lines.are_wanted(request):
            found = await lines.answer(partial(verb.does, desk, **given), _fault_of)
        else:
            found = await verb.does(desk, **given)
        response = found if isinstance(found, Response) else _json(found, verb.status)
        if missing:
            response.headers[MISSING] = ", ".join(map(str, missing))
        return response

    return answer


def _is_allowed(desk: Desk, request: Request) -> bool:
    """Return whether somebody has the token, or is on this machine and no page of somebody else's.

    A browser says of what another page asks where that page is from, and so a page cannot act for whoever looks at it.
    What came through a proxy comes from anywhere.
    """
    shown = request.headers.get("authorization", "").encode("utf-8", "replace")
    if hmac.compare_digest(shown, f"Bearer {desk.token}".encode()):
        return True
    is_direct = not any(name in request.headers for name in _OF_PROXIES)
    is_near = is_direct and _is_loopback(request.scope.get(PEER, ""))
    return desk.is_local and not shown and is_own_page(request) and is_near


def is_own_page(request: Request) -> bool:
    """Return whether no page asks, or one of this server."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
    return origin in (None, request.scope.get(ORIGIN)) and site in ("none", "same-origin")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _check_options(wanted: Sequence[Argument], request: Request) -> None:
    known = [one.name for one in wanted if one.place == "query"]
    for name in request.query_params:
        if name not in known:
            here = f"here are {', '.join(known)}" if known else "none is read here"
            raise HTTPException(400, f"There is no option '{name:.80}': {here}.")


def _is_left_out(one: Argument, request: Request) -> bool:
    return one.is_optional and one.place == "query" and one.name not in request.query_params


async def _read(verb: Verb, one: Argument, request: Request) -> Any:
    if one.place == BODY:
        return await _read_body(verb, one, request)
    texts = request.path_params if one.place == "path" else request.query_params
    if one.name not in texts:
        raise HTTPException(400, f"The option '{one.name}' is missing.")
    try:
        return msgspec.convert(texts[one.name], one.kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise HTTPException(400, f"{one.name} cannot be {texts[one.name]!r:.80}: {wrong}") from None


async def _read_body(verb: Verb, one: Argument, request: Request) -> Any:
    raw = bytearray()
    try:
        async for part in request.stream():
            raw += part
            if len(raw) > verb.limit:
                raise HTTPException(413, f"The body is too large: {verb.limit} bytes are read.")
    except ClientDisconnect:
        raise HTTPException(400, "The body is not complete.") from None
    try:
        return raw.decode("utf-8-sig") if one.kind is str else msgspec.json.decode(raw, type=one.kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise HTTPException(400, f"The body is not what this takes: {wrong}{_members(one.kind, str(wrong))}") from None


def _members(kind: Any, wrong: str) -> str:
    """Return what a body may have where it has something else; of what stands deeper the path is told already."""
    name, _, deeper = wrong.partition("unknown field `")[2].partition("`")
    if not name or deeper or not inspect.isclass(kind) or not issubclass(kind, Struct):
        return ""
    names = [one.encode_name for one in msgspec.structs.fields(kind)]
    return did_you_mean(name, names) or f"; here are {', '.join(names)}"


def _fault_of(wrong: Exception) -> lines.Fault | None:
    if isinstance(wrong, DomainError | Unavailable):
        return lines.Fault(type(wrong).__name__, wrong.message or "")
    return lines.Fault("RequestNotPossible", str(wrong)) if isinstance(wrong, CopyError) else None


def _refusal(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, (DomainError, Unavailable))
    status = next(_STATUS[kind] for kind in type(wrong).__mro__ if kind in _STATUS)
    headers = {"Retry-After": str(wrong.retry_after)} if isinstance(wrong, Unavailable) else None
    return _error(status, type(wrong).__name__, wrong.message, headers)


def _not_copied(request: Request, wrong: Exception) -> Response:
    return _error(409, "RequestNotPossible", str(wrong))


def _http_error(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    return _error(wrong.status_code, "RequestNotPossible", wrong.detail)


def _unknown_path(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    if wrong.detail != HTTPStatus.NOT_FOUND.phrase:
        return _http_error(request, wrong)
    root, path = request.scope.get("root_path", ""), request.url.path
    known = {f"{root}{one.path}" for one in request.app.routes}
    guess = did_you_mean(path, known) or f"; GET {root}/openapi.json has all of them"
    return _error(404, "RequestNotPossible", f"There is no verb at {path:.80}{guess}")


def _unknown_method(request: Request, wrong: Exception) -> Response:
    fitting = [one for one in request.app.routes if one.matches(request.scope)[0] is not Match.NONE]
    known = ", ".join(sorted({method for one in fitting for method in one.methods} - {"HEAD"}))
    message = f"{request.url.path:.80} takes {known}, not {request.method:.20}."
    return _error(405, "RequestNotPossible", message, {"Allow": known})


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return _json({"error": {"code": code, "message": message}}, status, headers)


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    if body is None:
        return Response(status_code=204, headers=headers)
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
