"""The Microsoft dialects: one entry for the three profiles.

A request is authenticated, its path resolved, its handler called; whatever the domain refuses
is told in the profile's own error shape. What is not a DomainError flies on to the edge, which
logs it and asks `refuse` for the answer.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from msgspec import structs

from rsvpd import log
from rsvpd.commands.door import Door
from rsvpd.dialects.batch import answer_all
from rsvpd.dialects.microsoft import successors
from rsvpd.dialects.microsoft.about import PAGES
from rsvpd.dialects.microsoft.exchange import access, batch, errors, expansion
from rsvpd.dialects.microsoft.exchange.call import Call, owner_named
from rsvpd.dialects.microsoft.exchange.preferences import preferences, with_client_request_id
from rsvpd.dialects.microsoft.resources import uploads
from rsvpd.dialects.microsoft.routes import Route, resolve
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.url import ResolvedPath
from rsvpd.dialects.push import Sender, discard
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import DomainError, MethodNotAllowed, RsvpdError
from rsvpd.identity.clients import Clients
from rsvpd.identity.tokens import Claims, Tokens

# Clients ask for the same paths over and over; one has at most edge.limits.MAX_TARGET_BYTES.
_REMEMBERED = 512
_segments = lru_cache(maxsize=_REMEMBERED)(url.parse)


@lru_cache(maxsize=_REMEMBERED)
def _resolve(profile: Profile, path: str, method: str) -> ResolvedPath[Route]:
    return resolve(profile, _segments(path), method)


class Microsoft:
    """Answers requests in Microsoft Graph v1.0 and Outlook REST v2.0 and v1.0.

    `clients` are the applications that may ask by themselves; without them, the one that every server knows. `send`
    reaches receivers of notifications; without it nobody is reached.
    """

    def __init__(
        self, door: Door, tokens: Tokens, clients: Clients | None = None, send: Sender = discard
    ) -> None:
        self._door = door
        self._tokens = tokens
        self._clients = clients or Clients()
        self._send = send
        self._uploads = tokens.seal(uploads.PURPOSE)

    async def __call__(self, profile: Profile, request: Request) -> Response:
        """Return the answer to one request. Raises only what is not the caller's doing."""
        try:
            response = await self._answer(profile, request)
        except DomainError as error:
            return self.refuse(profile, request, error)
        return _with_common_headers(profile, request, response)

    async def answer_as(self, profile: Profile, claims: Claims, request: Request) -> Response:
        """Return the answer to a request that is this server's own, in the name of whom `claims` are."""
        try:
            found = _resolve(profile, request.path, request.method)
            return await self._handle(profile, request, claims, found)
        except DomainError as error:
            return errors.refuse(profile, request, error)

    def refuse(self, profile: Profile, request: Request, error: RsvpdError) -> Response:
        """Return the answer that tells `error`, whoever met it."""
        return _with_common_headers(profile, request, errors.refuse(profile, request, error))

    def authenticate(self, request: Request) -> Claims:
        """Return what the token of a request says. Raises NotAuthenticated."""
        claims = self._tokens.verify(request.headers.get("authorization"), request.now)
        log.person.set(claims.upn)
        log.application.set(claims.app_id)
        return claims

    def admit(self, request: Request) -> None:
        """Let in whoever has a token, or the address of an upload. Raises NotAuthenticated."""
        if uploads.secret_of(request, self._uploads) is None:
            self.authenticate(request)

    def methods(self, profile: Profile, request: Request) -> str:
        """Return the methods of a path, with commas between. Raises what `resolve` raises for none."""
        segments = url.parse(request.path)
        if tuple(segment.text.lower() for segment in segments) in PAGES:
            return "GET"
        if batch.is_batch(profile, segments):
            return "POST"
        try:
            resolve(profile, segments, "OPTIONS")
        except MethodNotAllowed as others:
            return others.target or ""
        return "OPTIONS"

    async def _answer(self, profile: Profile, request: Request) -> Response:
        segments = _segments(request.path)
        page = PAGES.get(tuple(segment.text.lower() for segment in segments))
        if page is not None and request.method == "GET":
            return page(profile, request)
        secret = uploads.secret_of(request, self._uploads)
        if secret is not None:
            return await uploads.answer(self._door, self._tokens.tenant, request, secret)
        claims = self.authenticate(request)
        if batch.is_batch(profile, segments):
            return await self._batch(profile, request)
        found = _resolve(profile, request.path, request.method)
        # What follows from another mailbox than this has another state, and is not kept.
        owner = owner_named(found.keys.get("user")) if claims.is_application else claims.oid
        if request.method != "GET" or owner is None:
            return await self._handle(profile, request, claims, found)
        asked = _fragment_key(profile, request, claims)
        kept: Response | None = self._door.recall(owner, asked)
        if kept is not None:
            return kept
        response = await self._handle(profile, request, claims, found)
        if (state := response.state) is not None:
            response = structs.replace(response, codings={})
            size = len(response.body) + len(request.path) + len(request.query)
            self._door.keep(owner, asked, state, response, size)
        return response

    async def _batch(self, profile: Profile, request: Request) -> Response:
        async def front_door(one: Request) -> Response:
            return await self(profile, one)

        def refuse(one: Request, error: RsvpdError) -> Response:
            return self.refuse(profile, one, error)

        asked = batch.read(profile, request)
        return batch.write(profile, request, await answer_all(asked, front_door, refuse))

    async def _handle(self, profile: Profile, request: Request, claims: Claims, found: ResolvedPath[Route]) -> Response:
        call = Call(
            door=self._door,
            profile=profile,
            request=request,
            claims=claims,
            preferences=preferences(request),
            keys=found.keys,
            trail=found.trail,
            needs=found.handler.needs,
            clients=self._clients,
            send=self._send,
            seal=self._tokens.seal,
        )
        await access.check(call)
        expansion.check(call, _segments(request.path))
        return await found.handler.answer(call)


def _with_common_headers(profile: Profile, request: Request, response: Response) -> Response:
    """Return an answer with what is beside it: the client's own id, and what Graph has instead of the call."""
    more = successors.header(profile, request)
    if more:
        response = structs.replace(response, headers=(*response.headers, *more))
    return with_client_request_id(request, response)


def _fragment_key(profile: Profile, request: Request, claims: Claims) -> Hashable:
    """Return all of a request that the reply of a list follows from."""
    return (
        profile, request.origin, request.mount, request.path, request.query,
        request.headers.get("prefer"), request.headers.get("accept"), claims.holder,
    )  # fmt: skip
