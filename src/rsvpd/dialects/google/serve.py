"""Google Calendar v3: from a request to an answer.

Rule 1: what cannot be understood is refused before anything is done, `fields` included.
Rule 2: a calendar is `primary` or an address; somebody else's is not found, unless it is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from rsvpd import log
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.commands.door import Door, Who
from rsvpd.dialects.batch import answer_all
from rsvpd.dialects.google import discovery
from rsvpd.dialects.google.exchange import access, batch, errors, hints, partial
from rsvpd.dialects.google.exchange.call import JSON, Call, encode, owner_named, response
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.routes import resolve
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.refusals import Refusal, unknown_field
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import (
    DomainError,
    MalformedBody,
    MethodNotAllowed,
    NotAuthenticated,
    RsvpdError,
    ScopeMissing,
    TokenMissing,
    Unavailable,
)
from rsvpd.hints import HEADER as HINT_HEADER
from rsvpd.identity.tokens import Claims, Tokens

MOUNT = "/calendar/v3"
BATCH = "/batch/calendar/v3"
# Its name in the journal of requests and with answers.
INTERFACE = "google"

_OVERRIDE = "x-http-method-override"
_FORM = "application/x-www-form-urlencoded"
_CHALLENGE = 'Bearer realm="https://accounts.google.com/"'


class Google:
    """The dialect. `mint` makes the id of a new event whose client chose none."""

    def __init__(self, door: Door, tokens: Tokens, *, mint: Callable[[], str] = identifiers.new_event_id) -> None:
        self._door = door
        self._tokens = tokens
        self._mint = mint
        self._seal = tokens.seal("google sync")

    async def __call__(self, request: Request) -> Response:
        """Answer one request; every error that is the caller's, or says we are busy, is an answer too."""
        try:
            call, handler = await self._read_call(override_method(request))
            reply = await handler(call)
            if call.is_times_only and reply.body is not None:
                reply = structs.replace(reply, body=access.times(reply.body))
            return response(call, reply)
        except RsvpdError as error:
            return self.refuse(request, error)

    async def batch(self, request: Request) -> Response:
        """Answer a request at `BATCH`, the address that the published document names for many calls in one.

        Each of them may carry a token of its own, so the batch itself needs none.
        """
        try:
            asked = batch.read(request, MOUNT, is_known=self._is_known(request))
        except DomainError as error:
            return self.refuse(request, error)
        return batch.write(request, await answer_all(asked, self, self.refuse))

    async def describe(self, request: Request) -> Response:
        """Answer the document that describes the interface; it is for everybody, as Google's is."""
        if request.method not in ("GET", "HEAD"):
            return self.refuse(request, MethodNotAllowed("This document can only be read.", target="GET"))
        return Response(
            status=200, headers=(("Content-Type", JSON),), body=encode(discovery.document(request.origin), pretty=True)
        )

    def refuse(self, request: Request, error: RsvpdError) -> Response:
        """Return the answer that says what is wrong."""
        status = errors.row_of(error).status
        hint = hints.header(errors.hints_of(error))
        return Response(
            status=status,
            headers=(
                ("Content-Type", JSON),
                ("Cache-Control", "private, max-age=0, must-revalidate"),
                ("Vary", "Authorization"),
                *_of_error(error),
                *(((HINT_HEADER, hint),) if hint else ()),
            ),
            body=encode(errors.document(error), pretty=True),
            problem=type(error),
        )

    def authenticate(self, request: Request) -> Claims:
        """Return what the token of a request says. Raises NotAuthenticated, or what is wrong with the query."""
        return self._claims(request, Options(request.query))

    def methods(self, request: Request) -> str:
        """Return the methods of a path, with commas between. Raises what `resolve` raises for none."""
        try:
            resolve("OPTIONS", request.path)
        except MethodNotAllowed as others:
            return others.target or ""
        return "OPTIONS"

    def _is_known(self, request: Request) -> bool:
        """Return whether a request has a good token. Raises what is wrong with its query."""
        try:
            self.authenticate(request)
        except NotAuthenticated:
            return False
        return True

    def _claims(self, request: Request, options: Options) -> Claims:
        claims = self._tokens.verify(_authorization(request, options), request.now)
        log.person.set(claims.upn)
        log.application.set(claims.app_id)
        return claims

    async def _read_call(self, request: Request) -> tuple[Call, Any]:
        options = Options(request.query)
        claims = self._claims(request, options)
        route, names = resolve(request.method, request.path)
        calendar = names.get("calendarId")
        owner = None if calendar is None else owner_named(calendar)
        number = None if calendar is None else DEFAULT_CALENDAR
        who = Who(claims.oid, owner, request.now, calendar=number, interface=INTERFACE)
        reach = await access.reach_of(self._door, claims, route.needs, route.id, who)
        is_times_only = access.is_times_only(reach, route.needs, route.id, options)
        options.word("alt", ("json",))
        options.flag("prettyPrint", default=True)
        selection = _selection(options, route.names)
        call = Call(
            door=self._door,
            who=who,
            request=request,
            options=options,
            names=names,
            mint=self._mint,
            seal=self._seal,
            application=claims.app_id,
            selection=selection,
            is_times_only=is_times_only,
        )
        return call, route.handler


def override_method(request: Request) -> Request:
    """Return the request that a POST with X-HTTP-Method-Override stands for.

    Clients send a GET whose URL would be too long that way, with the query as a form.
    """
    method = request.headers.get(_OVERRIDE, "").strip().upper()
    if request.method != "POST" or not method:
        return request
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if method != "GET" or media != _FORM:
        return structs.replace(request, method=method)
    try:
        form = request.body.decode()
    except UnicodeDecodeError:
        raise MalformedBody("Parse Error: the form is not UTF-8.") from None
    query = "&".join(part for part in (request.query, form) if part)
    return structs.replace(request, method=method, query=query, body=b"")


def _authorization(request: Request, options: Options) -> str | None:
    """Return the Authorization header, or what a parameter stands for (Google: OAuth 2.0, calling APIs)."""
    token = options.text("access_token") or options.text("oauth_token")
    return request.headers.get("authorization") or (f"Bearer {token}" if token else None)


def _selection(options: Options, names: partial.Names) -> partial.Selection | None:
    text = options.text("fields")
    if text is None:
        return None
    if not text.strip():
        raise Refusal(unknown_field(""), "fields: the selection is empty.", target="fields")
    selection = partial.parse(text)
    if names:
        partial.check(selection, names)
    return selection


def _of_error(error: RsvpdError) -> tuple[tuple[str, str], ...]:
    match error:
        case Unavailable():
            return (("Retry-After", str(error.retry_after)),)
        case MethodNotAllowed(target=str(allowed)):
            return (("Allow", allowed),)
        case TokenMissing():
            return (("WWW-Authenticate", _CHALLENGE),)
        case ScopeMissing():  # RFC 6750, 3.1
            wanted = " ".join(sorted(error.wanted))
            return (("WWW-Authenticate", f'{_CHALLENGE}, error="insufficient_scope", scope="{wanted}"'),)
        case NotAuthenticated():
            return (("WWW-Authenticate", f'{_CHALLENGE}, error="invalid_token"'),)
        case _:
            return ()
