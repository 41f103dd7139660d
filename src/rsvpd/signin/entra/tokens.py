"""The tokens that Microsoft's endpoints hand out, and the answer they travel in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from rsvpd import log
from rsvpd.clock import Instant
from rsvpd.config import RegisteredClient
from rsvpd.identity.jose import base64url
from rsvpd.mail.person import Person
from rsvpd.signin.entra import scopes
from rsvpd.signin.entra.call import Call
from rsvpd.signin.entra.scopes import OFFLINE, OWN, Scope
from rsvpd.signin.http import json_answer
from rsvpd.signin.provider import SECOND

ID_TOKEN_SECONDS = 3600


async def token_answer(
    call: Call,
    client: RegisteredClient,
    person: Person,
    *,
    asked: Sequence[Scope],
    signed_in: Instant,
    refresh_token: str | None = None,
    nonce: str = "",
) -> Response:
    """Return the answer of the token endpoint to an application for which `person` signed in."""
    log.person.set(person.address)
    known = {one.name for one in asked if not one.resource}
    body: dict[str, Any] = {
        **_bearer(call),
        "scope": scopes.scope_text(asked),
        "access_token": await _access_token(call, client, person, asked),
    }
    if refresh_token:
        body["refresh_token"] = refresh_token
    if "openid" in known:
        body["id_token"] = await id_token(call, client, person, asked=asked, signed_in=signed_in, nonce=nonce)
    if call.params.text("client_info") == "1":
        body["client_info"] = client_info(call, person)
    return json_answer(body)


async def application_answer(call: Call, client: RegisteredClient, resource: str) -> Response:
    """Return the answer to an application that speaks for itself."""
    oid = str(uuid.uuid5(uuid.UUID(call.provider.tenant), client.id.lower()))
    lifetime = call.provider.rules.token_lifetime_seconds
    if resource in OWN:
        token = call.provider.tokens.issue_to_application(
            client.id, oid, roles=client.roles, now=call.now, lifetime_seconds=lifetime
        )
    else:
        token = await _foreign_token(call, client, resource, {
            "idtyp": "app", "oid": oid, "roles": list(client.roles), "sub": oid,
        })  # fmt: skip
    return json_answer({**_bearer(call), "access_token": token})


async def id_token(
    call: Call,
    client: RegisteredClient,
    person: Person,
    *,
    asked: Sequence[Scope],
    signed_in: Instant,
    nonce: str,
    more: Mapping[str, str] | None = None,
) -> str:
    """Return an ID token (OpenID Connect Core 2), with the claims of
    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference."""
    wall = call.provider.wall_clock()
    second = wall // SECOND
    known = {one.name for one in asked}
    claims = {
        "aud": client.id,
        "iss": call.tenant.issuer(call.origin),
        "iat": second,
        "nbf": second,
        "exp": second + ID_TOKEN_SECONDS,
        "auth_time": (wall - (call.now - signed_in)) // SECOND,
        "sub": call.provider.pairwise(person.oid, client.id),
        "oid": person.oid,
        "tid": call.tenant.id,
        "uti": uuid.uuid4().hex,
        "ver": "2.0",
        **({"name": person.name, "preferred_username": person.address} if "profile" in known else {}),
        **({"email": person.address} if "email" in known else {}),
        **({"nonce": nonce} if nonce else {}),
        **(more or {}),
    }
    return (await call.provider.ring()).sign(claims)


def client_info(call: Call, person: Person) -> str:
    """Return what MSAL keys its accounts by."""
    return base64url(msgspec.json.encode({"uid": person.oid, "utid": call.tenant.id}))


def is_offline(asked: Sequence[Scope]) -> bool:
    """Return whether an application wants to go on without the person (OpenID Connect Core 11)."""
    return any(one.name == OFFLINE for one in asked)


def _bearer(call: Call) -> dict[str, Any]:
    lifetime = call.provider.rules.token_lifetime_seconds
    return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}


async def _access_token(call: Call, client: RegisteredClient, person: Person, asked: Sequence[Scope]) -> str:
    resource, names = scopes.resource_of(asked), scopes.names(asked)
    if resource in OWN:
        return call.provider.tokens.issue(
            person, now=call.now, lifetime_seconds=call.provider.rules.token_lifetime_seconds,
            scopes=names, app_id=client.id,
        )  # fmt: skip
    return await _foreign_token(call, client, resource, {
        "name": person.name, "oid": person.oid, "preferred_username": person.address,
        "scp": " ".join(one for one in names if one not in scopes.OPENID),
        "sub": call.provider.pairwise(person.oid, resource),
    })  # fmt: skip


async def _foreign_token(call: Call, client: RegisteredClient, resource: str, claims: Mapping[str, Any]) -> str:
    """Return a token for an interface of the user's own: whoever gets it checks it by the published keys."""
    second = call.provider.wall_clock() // SECOND
    return (await call.provider.ring()).sign({
        "aud": resource,
        "iss": call.tenant.issuer(call.origin),
        "iat": second,
        "nbf": second,
        "exp": second + call.provider.rules.token_lifetime_seconds,
        "azp": client.id,
        "tid": call.tenant.id,
        "uti": uuid.uuid4().hex,
        "ver": "2.0",
        **claims,
    })  # fmt: skip
