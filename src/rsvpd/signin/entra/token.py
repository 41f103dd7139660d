"""`POST /{tenant}/oauth2/v2.0/token`: one function for each way to get tokens."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.responses import Response

from rsvpd.clock import SKEW_SECONDS
from rsvpd.commands import grants
from rsvpd.commands.grants import ApprovedDevice, CodeTerms, DeviceState, Grant, Secret, SecretFault, SecretKind
from rsvpd.config import RegisteredClient
from rsvpd.identity.keys import InvalidToken
from rsvpd.mail.person import Person
from rsvpd.signin.entra.call import Call, authenticate
from rsvpd.signin.entra.errors import EntraError, missing_parameter
from rsvpd.signin.entra.scopes import DEFAULT, Scope, is_covered, parse_scopes, resource_of
from rsvpd.signin.entra.tokens import application_answer, is_offline, token_answer
from rsvpd.signin.pkce import is_verifier_of
from rsvpd.signin.provider import DEVICE_INTERVAL_SECONDS, REFRESH_SECONDS, SECOND, fresh_secret

# As the real ones begin; the rest is random.
REFRESH_PREFIX = "1.A"

_CLOSED = (50057, "The user account is disabled.")
_CODE_FAULTS = {
    SecretFault.UNKNOWN: (70000, "The provided value for the 'code' parameter is not valid."),
    SecretFault.EXPIRED: (70008, "The provided authorization code is expired."),
    SecretFault.USED: (54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code."),
    SecretFault.CLOSED: _CLOSED,
}
_REFRESH_FAULTS = {
    SecretFault.UNKNOWN: (70000, "The provided refresh token is not valid, or was revoked."),
    SecretFault.EXPIRED: (700082, "The refresh token has expired due to inactivity."),
    SecretFault.USED: (70000, "The provided refresh token was used before; all tokens that came of it are revoked."),
    SecretFault.CLOSED: _CLOSED,
}
_DEVICE_FAULTS = {
    DeviceState.UNKNOWN: (70018, "Bad verification code.", ""),
    DeviceState.EXPIRED: (70019, "The device code has expired.", ""),
    DeviceState.PENDING: (70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.", ""),
    DeviceState.TOO_OFTEN: (
        70016, f"The device asks more often than every {DEVICE_INTERVAL_SECONDS} seconds.", "slow_down"
    ),
    DeviceState.REFUSED: (65004, "User declined to consent.", "authorization_declined"),
}  # fmt: skip


async def token(call: Call) -> Response:
    """Answer a request for tokens."""
    grant_type = call.need("grant_type")
    by_type = GRANTS.get(grant_type)
    if by_type is None:
        raise EntraError(70003, f"The app requested an unsupported grant type '{grant_type[:80]}'.")
    return await by_type(call)


async def _by_code(call: Call) -> Response:
    client, text = authenticate(call, or_page=True), call.need("code")
    found = await call.provider.door(grants.code, text, now=call.now)
    if found is SecretFault.USED:
        await call.provider.door(grants.redeem, text, kind=SecretKind.CODE, successor=None, expires=0)
    secret = _usable_secret(found, _CODE_FAULTS, client)
    assert secret.terms is not None
    _check_terms(call, secret.terms)
    asked = _requested_scopes(call, secret.grant)
    refresh = fresh_secret(REFRESH_PREFIX) if is_offline(_scopes_of(secret.grant)) else None
    await _redeem(call, text, SecretKind.CODE, refresh)
    return await token_answer(
        call, client, secret.person, asked=asked, signed_in=secret.grant.signed_in, refresh_token=refresh,
        nonce=secret.terms.nonce,
    )  # fmt: skip


async def _by_refresh_token(call: Call) -> Response:
    client, text = authenticate(call, or_page=True), call.need("refresh_token")
    found = await call.provider.door(grants.refresh_token, text, now=call.now)
    if found is SecretFault.USED:
        await call.provider.door(grants.redeem, text, kind=SecretKind.REFRESH_TOKEN, successor=None, expires=0)
    secret = _usable_secret(found, _REFRESH_FAULTS, client)
    asked = _requested_scopes(call, secret.grant)
    if not is_covered(_of_resources(asked), (one.full for one in _scopes_of(secret.grant))):
        await need_consent(call, client, secret.person, asked)
    refresh = fresh_secret(REFRESH_PREFIX)
    await _redeem(call, text, SecretKind.REFRESH_TOKEN, refresh)
    return await token_answer(
        call, client, secret.person, asked=asked, signed_in=secret.grant.signed_in, refresh_token=refresh
    )


async def _by_device_code(call: Call) -> Response:
    client = authenticate(call)
    text = call.params.text("device_code") or call.need("code")  # MSAL for Python names it both ways
    found = await call.provider.door(
        grants.poll_device, text, client=client.id, interval_seconds=DEVICE_INTERVAL_SECONDS, now=call.now,
        at=call.provider.wall_clock(),
    )
    if not isinstance(found, ApprovedDevice):
        number, message, error = _DEVICE_FAULTS[found]
        raise EntraError(number, message, error=error)
    return await _answer_first(call, client, found.person, parse_scopes(" ".join(found.request.scopes)))


async def _by_application(call: Call) -> Response:
    client = authenticate(call, needs_proof=True)
    if call.tenant.is_open:
        raise EntraError(
            50059,
            "No tenant-identifying information found in either the request or implied by any provided credentials:"
            f" an application needs the tenant's id or domain in place of '{call.tenant.name}'.",
        )
    asked = parse_scopes(call.need("scope"))
    if len(asked) != 1 or asked[0].name != DEFAULT:
        raise EntraError(
            1002012,
            f"The provided value for scope {call.params.text('scope')[:200]} is not valid. Client credential flows"
            " must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
        )
    return await application_answer(call, client, asked[0].resource)


async def _by_password(call: Call) -> Response:
    client = authenticate(call)
    if not client.allows_passwords:
        raise EntraError(70001, f"The application '{client.id}' may not sign in with passwords (allows_passwords).")
    asked = _need_scopes(call)
    resource_of(asked)
    name = call.need("username")
    person = await call.provider.with_password(name, call.need("password"), peer=call.peer)
    if person is None:
        raise EntraError(50126, "Error validating credentials due to invalid username or password.")
    return await _answer_first(call, client, person, asked)


async def _on_behalf_of(call: Call) -> Response:
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow."""
    client = authenticate(call, needs_proof=True)
    if call.need("requested_token_use") != "on_behalf_of":
        raise EntraError(90014, "The value of 'requested_token_use' has to be 'on_behalf_of'.")
    person = await _person_of_assertion(call, client)
    asked = _need_scopes(call)
    await need_consent(call, client, person, asked)
    return await _answer_first(call, client, person, asked)


GRANTS: Mapping[str, Callable[[Call], Awaitable[Response]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_application,
    "password": _by_password,
    "urn:ietf:params:oauth:grant-type:device_code": _by_device_code,
    "device_code": _by_device_code,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _on_behalf_of,
}


async def need_consent(call: Call, client: RegisteredClient, person: Person, asked: Sequence[Scope]) -> None:
    """Raise EntraError where neither the person nor the administrator agreed to all that is asked."""
    if client.admin_consent:
        return
    known = await call.provider.door(grants.consented_scopes, person, client.id)
    if not is_covered(_of_resources(asked), known):
        raise EntraError(
            65001,
            f"The user or administrator has not consented to use the application with ID '{client.id}'. Send an"
            " interactive authorization request for this user and resource.",
            suberror="consent_required",
        )


async def _answer_first(call: Call, client: RegisteredClient, person: Person, asked: Sequence[Scope]) -> Response:
    """Answer a sign-in that begins here, without a code."""
    refresh = fresh_secret(REFRESH_PREFIX) if is_offline(asked) else None
    if refresh:
        grant = Grant(
            oid=person.oid, client=client.id, scopes=tuple(map(str, asked)), signed_in=call.now, tenant=call.tenant.name
        )
        expires = call.now + REFRESH_SECONDS * SECOND
        await call.provider.door(grants.start_with_refresh_token, refresh, grant, expires=expires, now=call.now)
    return await token_answer(
        call, client, person, asked=_of_one_resource(asked), signed_in=call.now, refresh_token=refresh
    )


async def _redeem(call: Call, text: str, kind: SecretKind, successor: str | None) -> None:
    """Use a secret. Where two come with it at once, the second one ends what the first one began."""
    expires = call.now + REFRESH_SECONDS * SECOND
    if not await call.provider.door(grants.redeem, text, kind=kind, successor=successor, expires=expires):
        number, message = (_CODE_FAULTS if kind is SecretKind.CODE else _REFRESH_FAULTS)[SecretFault.USED]
        raise EntraError(number, message)


def _usable_secret(
    found: Secret | SecretFault, faults: Mapping[SecretFault, tuple[int, str]], client: RegisteredClient
) -> Secret:
    """Return a secret that is good and this application's. Raises EntraError."""
    if isinstance(found, SecretFault):
        raise EntraError(*faults[found])
    if found.grant.client != client.id:
        raise EntraError(*faults[SecretFault.UNKNOWN])
    return found


def _check_terms(call: Call, terms: CodeTerms) -> None:
    """Raise EntraError unless the request knows what belongs to a code."""
    redirect_uri = call.need("redirect_uri")
    if not hmac.compare_digest(redirect_uri.encode("utf-8", "replace"), terms.redirect_uri.encode()):
        raise EntraError(
            500112, "The reply address does not match the reply address provided when requesting Authorization code."
        )
    verifier = call.params.text("code_verifier")
    if terms.challenge and not verifier:
        raise missing_parameter("code_verifier")
    # One that nobody announced is refused as well (RFC 9700 2.1.1).
    if (verifier or terms.challenge) and not is_verifier_of(verifier, terms.challenge, terms.challenge_method):
        raise EntraError(
            501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."
        )


def _scopes_of(grant: Grant) -> tuple[Scope, ...]:
    return parse_scopes(" ".join(grant.scopes))


def _requested_scopes(call: Call, grant: Grant) -> tuple[Scope, ...]:
    """Return what a request asks for, of one resource: its own scopes, and those of the sign-in where it has none.

    Those of OpenID Connect go on as they were agreed to (applications leave them out here).
    """
    granted = _scopes_of(grant)
    own = parse_scopes(call.params.text("scope"))
    if not any(one.resource for one in own):
        return _of_one_resource(granted)
    resource_of(own)
    return tuple(dict.fromkeys((*own, *(one for one in granted if not one.resource))))


def _of_one_resource(asked: Sequence[Scope]) -> tuple[Scope, ...]:
    """Return the scopes of the first resource and those of none: a token is for one."""
    first = next((one.resource for one in asked if one.resource), "")
    return tuple(one for one in asked if one.resource in ("", first))


def _of_resources(asked: Sequence[Scope]) -> list[Scope]:
    """Return what opens something. The scopes of OpenID Connect tell an application nothing more by now: it has the
    person's sign-in, and libraries add them to every request."""
    return [one for one in asked if one.resource]


def _need_scopes(call: Call) -> tuple[Scope, ...]:
    asked = parse_scopes(call.need("scope"))
    if not asked:
        raise missing_parameter("scope")
    return asked


async def _person_of_assertion(call: Call, client: RegisteredClient) -> Person:
    """Return for whom the token was made that an application got, which has to be for that application."""
    try:
        claims = (await call.provider.ring()).open(call.need("assertion"))
    except InvalidToken:
        raise EntraError(
            50013, "Assertion failed signature validation: it has to be a token for this application, made here."
        ) from None
    if claims.get("aud") not in {client.id, f"api://{client.id}"} or "scp" not in claims:
        raise EntraError(
            500131, "Assertion audience does not match the Client app presenting the assertion."
        )
    if not claims["nbf"] - SKEW_SECONDS <= call.provider.wall_clock() // SECOND < claims["exp"]:
        raise EntraError(500133, "Assertion is not within its valid time range.")
    person = await call.provider.person_of(str(claims["oid"]))
    if person is None:
        raise EntraError(50034, "The user account of the assertion does not exist in this directory.")
    return person


