"""Bearer tokens: JSON Web Tokens with the claims clients look for, signed with the data file's key.

Clients treat them as opaque, but some read `upn`, `unique_name`, `oid`, `tid` or `exp` from them
as they would from a token of the Microsoft identity platform. Rules: HS256 only, whatever the
token says of itself; times are checked on every request, the signature once per token.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from rsvpd.clock import SKEW_SECONDS, Instant
from rsvpd.errors import TokenExpired, TokenMalformed, TokenMissing
from rsvpd.identity.jose import SIGNATURE_ONLY
from rsvpd.identity.seal import Seal
from rsvpd.mail.person import Person

LIFETIME_SECONDS = 86_400
# What a token of `rsvpd token` carries: it may do everything its person may, in every dialect.
ALL_SCOPES = "rsvpd.All"
SCOPES = ("Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send", "User.Read", "User.ReadBasic.All", ALL_SCOPES)
AUDIENCE = "https://graph.microsoft.com"
MAX_LENGTH = 8192

_ALGORITHM = "HS256"
_SECOND = 1_000_000
_REMEMBERED = 4096


class Claims(Struct, frozen=True, kw_only=True):
    """What a valid token says. `expires` and `not_before` are instants.

    `scopes` are what a person lets an application do, short names for Microsoft and URLs for Google; ALL_SCOPES
    stands for all of them. `roles` are what an application may do by itself: then there is no person, `oid` is
    the application's and `upn` empty. `app_id` is the client's id, empty for a token of `rsvpd token`.
    """

    oid: str
    upn: str
    name: str
    tid: str
    scopes: frozenset[str]
    expires: Instant
    not_before: Instant = 0
    roles: frozenset[str] = frozenset()
    app_id: str = ""

    @property
    def holder(self) -> tuple[Hashable, ...]:
        """Return who may ask for what, whenever: the same in the next token."""
        return self.oid, self.upn, self.name, self.tid, self.scopes, self.roles, self.app_id

    @property
    def is_application(self) -> bool:
        """Return whether an application speaks for itself, without a person."""
        return not self.upn


class _Payload(Struct, frozen=True):
    """The claims as they stand in the token; a claim of another type or none makes it malformed."""

    oid: str
    tid: str
    exp: int
    nbf: int
    upn: str = ""
    name: str = ""
    scp: str = ""
    roles: tuple[str, ...] = ()
    appid: str = ""


class Tokens:
    """Makes and checks the tokens of one data file."""

    def __init__(self, key: bytes, tenant: str) -> None:
        self._key = key
        self._tenant = tenant
        self._open = lru_cache(maxsize=_REMEMBERED)(self._check)
        self._seen: dict[str, Claims] = {}  # by their signatures, the last so many

    @property
    def tenant(self) -> str:
        """Return what the tenant is called."""
        return self._tenant

    def seal(self, purpose: str) -> Seal:
        """Return what signs texts of another purpose than these tokens."""
        return Seal(self._key, purpose)

    def issue(
        self,
        person: Person,
        *,
        now: Instant,
        lifetime_seconds: int = LIFETIME_SECONDS,
        scopes: Iterable[str] = SCOPES,
        app_id: str = "",
    ) -> str:
        """Return a token for `person`, valid from `now` (whole seconds) for `lifetime_seconds`."""
        return self._sign(now, lifetime_seconds, {
            "name": person.name,
            "oid": person.oid,
            "preferred_username": person.address,
            "scp": " ".join(scopes),
            "unique_name": person.address,
            "upn": person.address,
            **({"appid": app_id} if app_id else {}),
        })  # fmt: skip

    def issue_to_application(
        self, app_id: str, oid: str, *, roles: Iterable[str], now: Instant, lifetime_seconds: int = LIFETIME_SECONDS
    ) -> str:
        """Return a token with which an application speaks for itself; `oid` is its own object id in the tenant."""
        return self._sign(now, lifetime_seconds, {
            "appid": app_id, "idtyp": "app", "oid": oid, "roles": list(roles), "sub": oid,
        })  # fmt: skip

    def verify(self, authorization: str | None, now: Instant) -> Claims:
        """Return the claims of an `Authorization` header's bearer token.

        Raises TokenMissing where there is none, TokenExpired from the second of `exp` on, and
        TokenMalformed for all else, a token from another key included, and one not yet valid by more than clocks of
        several servers differ.
        """
        claims = self._open(_bearer(authorization))
        if now >= claims.expires:
            raise TokenExpired("Access token has expired.")
        if now < claims.not_before - SKEW_SECONDS * _SECOND:
            raise TokenMalformed("Access token is not yet valid.")
        return claims

    def expired_tokens(self, after: Instant, until: Instant) -> list[Claims]:
        """Return the tokens that ran out after an instant and until another, of those that were shown here lately."""
        found = (one for one in self._seen.values() if after < one.expires <= until)
        return sorted(found, key=lambda one: (one.expires, one.upn, one.app_id))

    def _sign(self, now: Instant, lifetime_seconds: int, more: dict[str, Any]) -> str:
        second = now // _SECOND
        claims = {
            "aud": AUDIENCE,
            "iss": f"https://sts.windows.net/{self._tenant}/",
            "iat": second,
            "nbf": second,
            "exp": second + lifetime_seconds,
            "tid": self._tenant,
            "ver": "1.0",
            **more,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def _check(self, token: str) -> Claims:
        try:
            payload = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=SIGNATURE_ONLY)
            known = msgspec.convert(payload, _Payload)
            if not known.upn and not known.appid:
                raise ValueError
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise TokenMalformed("Access token is malformed or was not issued by this server.") from None
        if known.tid != self._tenant:
            raise TokenMalformed("Access token is of another tenant.")
        claims = Claims(
            oid=known.oid, upn=known.upn, name=known.name, tid=known.tid, scopes=frozenset(known.scp.split()),
            expires=known.exp * _SECOND, not_before=known.nbf * _SECOND, roles=frozenset(known.roles),
            app_id=known.appid,
        )
        self._seen[token.rpartition(".")[2]] = claims
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return claims


def _bearer(authorization: str | None) -> str:
    """Return the token in the header; the scheme may stand in any case (RFC 9110 11.1)."""
    if not authorization:
        raise TokenMissing("Access token is empty.")
    if len(authorization) > MAX_LENGTH:
        raise TokenMalformed("Access token is too long.")
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing("Access token is empty.")
    return token
