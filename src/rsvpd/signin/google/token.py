"""Google's token endpoint: codes, refresh tokens, devices, service accounts.

Rule 1: a refresh token stays good when it is used, and comes only where it was asked for (`access_type=offline`).
Rule 2: who shows a code twice loses what came of it (RFC 6749 4.1.2).
Rule 3: a service account acts for a person (domain-wide delegation); for itself it has no calendar here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from rsvpd import log
from rsvpd.commands import grants
from rsvpd.config import RegisteredClient
from rsvpd.identity import service_accounts
from rsvpd.identity.clients import has_secret
from rsvpd.identity.service_accounts import GOOGLE_TOKEN_ENDPOINTS, InvalidAssertion
from rsvpd.mail.person import Person
from rsvpd.signin import http, pkce
from rsvpd.signin.google import errors, people, scopes
from rsvpd.signin.google.errors import GoogleError
from rsvpd.signin.http import Params, UnreadableForm, json_answer, origin, read_form
from rsvpd.signin.provider import DEVICE_INTERVAL_SECONDS, REFRESH_SECONDS, SECOND, Provider, fresh_secret
from rsvpd.signin.throttle import TooManyAttempts

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_OLD_DEVICE_CODE = "http://oauth.net/grant_type/device/1.0"
_REFRESH_PREFIX = "1//"

_Grant = Callable[[Provider, Request, Params], Awaitable[dict[str, Any]]]


async def token(provider: Provider, request: Request) -> Response:
    """Answer a token request."""
    try:
        form = await read_form(request)
        grant = _GRANTS.get(form.text("grant_type"))
        if grant is None:
            raise errors.UNSUPPORTED_GRANT()
        return json_answer(await grant(provider, request, form))
    except UnreadableForm as wrong:
        return GoogleError("invalid_request", str(wrong)).answer()
    except GoogleError as wrong:
        return wrong.answer()


def client_of(provider: Provider, request: Request, form: Params, *, needs_secret: bool = True) -> RegisteredClient:
    """Return the application that asks. Raises GoogleError."""
    name, secret = _credentials(request, form)
    client = provider.clients.find(name)
    if client is None:
        raise errors.NO_CLIENT()
    if secret:
        _check_secret(provider, request, client, secret)
    elif needs_secret and not client.is_public:
        raise errors.WRONG_SECRET()
    return client


def _check_secret(provider: Provider, request: Request, client: RegisteredClient, secret: str) -> None:
    """Raise GoogleError for a wrong secret, and for any after too many wrong ones."""
    keys, now = (f"client {client.id} {http.client_address(request)}",), provider.wall_clock()
    try:
        provider.throttle.check(keys, now)
    except TooManyAttempts:
        raise errors.TOO_MANY() from None
    if not has_secret(client, secret):
        provider.throttle.count(keys, now)
        raise errors.WRONG_SECRET()


def _credentials(request: Request, form: Params) -> tuple[str, str]:
    """Return id and secret, from the form or from the header (RFC 6749 2.3.1)."""
    try:
        name, secret = http.basic_credentials(request.headers.get("authorization", ""))
    except ValueError:
        raise errors.NO_CLIENT() from None
    return (name, secret) if name or secret else (form.text("client_id"), form.text("client_secret"))


async def _by_code(provider: Provider, request: Request, form: Params) -> dict[str, Any]:
    client, code = client_of(provider, request, form), form.text("code")
    if not code:
        raise errors.missing_parameter("code")
    now = provider.clock()
    found = await provider.door(grants.code, code, now=now)
    if found is grants.SecretFault.USED:
        await provider.door(grants.redeem, code, kind=grants.SecretKind.CODE, successor=None, expires=now)
    if not isinstance(found, grants.Secret) or found.terms is None or found.grant.client != client.id:
        raise errors.NO_SUCH_CODE()
    if found.terms.redirect_uri != form.text("redirect_uri"):
        raise errors.WRONG_REDIRECT()
    _check_verifier(found.terms, form.text("code_verifier"))
    is_offline = scopes.OFFLINE in found.grant.scopes
    refresh_token = fresh_secret(_REFRESH_PREFIX) if is_offline else None
    expires = now + REFRESH_SECONDS * SECOND
    if not await provider.door(
        grants.redeem, code, kind=grants.SecretKind.CODE, successor=refresh_token, expires=expires
    ):
        raise errors.NO_SUCH_CODE()
    return await _answer(
        provider, found.person, client.id, found.grant.scopes, nonce=found.terms.nonce, refresh_token=refresh_token
    )


def _check_verifier(terms: grants.CodeTerms, verifier: str) -> None:
    if not terms.challenge:
        return
    if not verifier:
        raise errors.MISSING_VERIFIER()
    if not pkce.is_verifier_of(verifier, terms.challenge, terms.challenge_method):
        raise errors.WRONG_VERIFIER()


async def _by_refresh_token(provider: Provider, request: Request, form: Params) -> dict[str, Any]:
    client, refresh_token = client_of(provider, request, form), form.text("refresh_token")
    if not refresh_token:
        raise errors.missing_parameter("refresh_token")
    found = await provider.door(grants.refresh_token, refresh_token, now=provider.clock())
    if not isinstance(found, grants.Secret):
        raise errors.REVOKED()
    if found.grant.client != client.id:
        raise GoogleError("unauthorized_client", "Unauthorized", status=401)
    granted = found.grant.scopes
    wanted = scopes.read(form.text("scope")) if form.text("scope") else granted
    if not set(wanted) <= set(granted):
        raise errors.invalid_scopes([name for name in wanted if name not in granted])
    return await _answer(provider, found.person, client.id, wanted)


async def _by_device(provider: Provider, request: Request, form: Params) -> dict[str, Any]:
    client, code = client_of(provider, request, form), form.text("device_code") or form.text("code")
    if not code:
        raise errors.missing_parameter("device_code")
    now = provider.clock()
    found = await provider.door(
        grants.poll_device, code, client=client.id, interval_seconds=DEVICE_INTERVAL_SECONDS, now=now,
        at=provider.wall_clock(),
    )
    if isinstance(found, grants.DeviceState):
        raise _DEVICE_STATES[found]()
    refresh_token = fresh_secret(_REFRESH_PREFIX)
    grant = grants.Grant(oid=found.person.oid, client=client.id, scopes=found.request.scopes, signed_in=now)
    expires = now + REFRESH_SECONDS * SECOND
    await provider.door(grants.start_with_refresh_token, refresh_token, grant, expires=expires, now=now)
    return await _answer(provider, found.person, client.id, found.request.scopes, refresh_token=refresh_token)


async def _by_assertion(provider: Provider, request: Request, form: Params) -> dict[str, Any]:
    assertion = form.text("assertion")
    if not assertion:
        raise errors.missing_parameter("assertion")
    try:
        account = service_accounts.account_of(assertion)
        keys = await _keys_of(provider, account)
        endpoints = (*GOOGLE_TOKEN_ENDPOINTS, f"{origin(request)}{request.url.path}")
        asked = await run_in_threadpool(
            service_accounts.read, assertion, keys=keys, endpoints=endpoints, now=provider.wall_clock()
        )
    except InvalidAssertion as wrong:
        raise GoogleError(wrong.code, str(wrong)) from None
    if not asked.subject:
        raise errors.NO_SUBJECT()
    person = await provider.person_at(asked.subject)
    client = provider.clients.find(account)
    may_touch = client is None or provider.clients.may_touch(account, asked.subject)
    if person is None or not may_touch:
        raise errors.UNKNOWN_SUBJECT()
    if asked.audience:
        log.person.set(person.address)
        known = (scopes.OPENID, scopes.EMAIL)
        claims = people.id_token_claims(person, account, known, access_token="", nonce="", now=provider.wall_clock())
        return {"id_token": (await provider.ring()).sign(claims | {"aud": asked.audience})}
    return await _answer(provider, person, account, scopes.read(" ".join(asked.scopes)))


async def _keys_of(provider: Provider, account: str) -> tuple[str, ...]:
    """Return the public keys of a service account: of one that is registered, or of the one of every server."""
    client = provider.clients.find(account)
    if client is not None:
        return client.certificates
    if account != service_accounts.LOCAL_ACCOUNT or not provider.clients.has_local:
        raise errors.UNKNOWN_ACCOUNT()
    return (service_accounts.public_key(await provider.service_account_key()),)


async def _answer(
    provider: Provider,
    person: Person,
    client: str,
    granted: Collection[str],
    *,
    nonce: str = "",
    refresh_token: str | None = None,
) -> dict[str, Any]:
    log.person.set(person.address)
    now, names = provider.clock(), [name for name in granted if name != scopes.OFFLINE]
    seconds = provider.rules.token_lifetime_seconds
    access_token = provider.tokens.issue(person, now=now, lifetime_seconds=seconds, scopes=names, app_id=client)
    out: dict[str, Any] = {
        "access_token": access_token, "expires_in": seconds, "scope": " ".join(names), "token_type": "Bearer"
    }
    if refresh_token:
        out["refresh_token"] = refresh_token
    if scopes.OPENID in names:
        claims = people.id_token_claims(
            person, client, names, access_token=access_token, nonce=nonce, now=provider.wall_clock()
        )
        out["id_token"] = (await provider.ring()).sign(claims)
    return out


_GRANTS: Mapping[str, _Grant] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    DEVICE_CODE: _by_device,
    _OLD_DEVICE_CODE: _by_device,
    JWT_BEARER: _by_assertion,
}
_DEVICE_STATES: Mapping[grants.DeviceState, Callable[[], GoogleError]] = {
    grants.DeviceState.UNKNOWN: errors.NO_DEVICE,
    grants.DeviceState.EXPIRED: errors.DEVICE_EXPIRED,
    grants.DeviceState.PENDING: errors.PENDING,
    grants.DeviceState.TOO_OFTEN: errors.SLOW_DOWN,
    grants.DeviceState.REFUSED: errors.REFUSED,
}
