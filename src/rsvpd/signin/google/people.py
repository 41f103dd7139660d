"""What Google tells an application about a person: ID tokens and the answers of userinfo.

Google Identity: OpenID Connect; an ID token's payload, the userinfo endpoint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from rsvpd.clock import Instant
from rsvpd.identity.jose import half_hash
from rsvpd.mail.person import Person
from rsvpd.signin.google.scopes import EMAIL, OPENID, PROFILE

ISSUER = "https://accounts.google.com"
ID_TOKEN_SECONDS = 3_600

_SECOND = 1_000_000
_ID_DIGITS = 21


def subject(oid: str) -> str:
    """Return the number that a person has at Google, the same for every application."""
    return str(int.from_bytes(hashlib.sha256(f"google {oid}".encode()).digest()) % 10**_ID_DIGITS).zfill(_ID_DIGITS)


def id_token_claims(
    person: Person, client: str, scopes: Collection[str], *, access_token: str, nonce: str, now: Instant
) -> dict[str, Any]:
    """Return what an ID token says to `client`."""
    second = now // _SECOND
    return {
        "iss": ISSUER,
        "azp": client,
        "aud": client,
        "sub": subject(person.oid),
        **_claims_of(person, scopes),
        "at_hash": half_hash(access_token),
        **({"nonce": nonce} if nonce else {}),
        "iat": second,
        "exp": second + ID_TOKEN_SECONDS,
    }


def user_info(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """Return what the userinfo endpoint of OpenID Connect answers."""
    return {"sub": subject(person.oid), **_claims_of(person, scopes)}


def user_info_v2(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    """Return what the endpoint before it answers (oauth2 v2, userinfo.get)."""
    known = user_info(person, scopes)
    if "email_verified" in known:
        known["verified_email"] = known.pop("email_verified")
    return {"id": known.pop("sub"), **known}


def _claims_of(person: Person, scopes: Collection[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if EMAIL in scopes:
        domain = person.address.partition("@")[2]
        out |= {"hd": domain, "email": person.address, "email_verified": True}
    if PROFILE in scopes or (OPENID in scopes and EMAIL not in scopes):
        given, _, family = person.name.partition(" ")
        out |= {"name": person.name, "given_name": given, **({"family_name": family} if family else {})}
    return out
