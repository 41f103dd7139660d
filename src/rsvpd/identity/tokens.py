"""Bearer tokens: JSON Web Tokens with the claims clients look for, signed with the data file's key.

Clients treat them as opaque, but some read `upn`, `unique_name`, `oid`, `tid` or `exp` from them
as they would from a token of the Microsoft identity platform. Rules: HS256 only, whatever the
token says of itself; times are checked on every request, the signature once per token.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.errors import TokenExpired, TokenMalformed, TokenMissing
from rsvpd.mail.person import Person

LIFETIME_SECONDS = 86_400
SCOPES = ("Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send", "User.Read", "User.ReadBasic.All")
AUDIENCE = "https://graph.microsoft.com"
MAX_LENGTH = 8192

_ALGORITHM = "HS256"
_SECOND = 1_000_000
_REMEMBERED = 4096
# PyJWT would ask the machine's clock; the times are compared with the request's own instant below.
_SIGNATURE_ONLY: Any = {
    "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False,
}


class Claims(Struct, frozen=True, kw_only=True):
    """What a valid token says. `expires` and `not_before` are instants; `scopes` are short names."""

    oid: str
    upn: str
    name: str
    tid: str
    scopes: frozenset[str]
    expires: Instant
    not_before: Instant = 0


class _Payload(Struct, frozen=True):
    """The claims as they stand in the token; a claim of another type or none makes it malformed."""

    oid: str
    upn: str
    tid: str
    exp: int
    nbf: int
    name: str = ""
    scp: str = ""


class Tokens:
    """Makes and checks the tokens of one data file."""

    def __init__(self, key: bytes, tenant: str) -> None:
        self._key = key
        self._tenant = tenant
        self._open = lru_cache(maxsize=_REMEMBERED)(self._checked)

    def issue(
        self,
        person: Person,
        *,
        now: Instant,
        lifetime_seconds: int = LIFETIME_SECONDS,
        scopes: Iterable[str] = SCOPES,
    ) -> str:
        """Return a token for `person`, valid from `now` (whole seconds) for `lifetime_seconds`."""
        second = now // _SECOND
        claims = {
            "aud": AUDIENCE,
            "iss": f"https://sts.windows.net/{self._tenant}/",
            "iat": second,
            "nbf": second,
            "exp": second + lifetime_seconds,
            "name": person.name,
            "oid": person.oid,
            "preferred_username": person.address,
            "scp": " ".join(scopes),
            "tid": self._tenant,
            "unique_name": person.address,
            "upn": person.address,
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def verify(self, authorization: str | None, now: Instant) -> Claims:
        """Return the claims of an `Authorization` header's bearer token.

        Raises TokenMissing where there is none, TokenExpired from the second of `exp` on, and
        TokenMalformed for all else, a token from another key and one not yet valid included.
        """
        claims = self._open(_bearer(authorization))
        if now >= claims.expires:
            raise TokenExpired("Access token has expired.")
        if now < claims.not_before:
            raise TokenMalformed("Access token is not yet valid.")
        return claims

    def _checked(self, token: str) -> Claims:
        try:
            payload = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=_SIGNATURE_ONLY)
            said = msgspec.convert(payload, _Payload)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise TokenMalformed("Access token is malformed or was not issued by this server.") from None
        if said.tid != self._tenant:
            raise TokenMalformed("Access token is of another tenant.")
        return Claims(
            oid=said.oid, upn=said.upn, name=said.name, tid=said.tid, scopes=frozenset(said.scp.split()),
            expires=said.exp * _SECOND, not_before=said.nbf * _SECOND,
        )


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
