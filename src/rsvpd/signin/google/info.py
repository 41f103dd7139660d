"""What Google answers about tokens and people: userinfo, tokeninfo, revocation, keys, the discovery document."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from rsvpd import log
from rsvpd.commands import grants
from rsvpd.errors import NotAuthenticated
from rsvpd.identity.keys import InvalidToken
from rsvpd.identity.tokens import ALL_SCOPES, Claims
from rsvpd.mail.person import Person
from rsvpd.signin.google import errors, people, scopes
from rsvpd.signin.google.errors import GoogleError
from rsvpd.signin.http import PUBLIC, UnreadableForm, json_answer, origin, parse_parameters, read_form
from rsvpd.signin.provider import SECOND, Provider

_UNAUTHENTICATED = {
    "error": {
        "code": 401,
        "message": "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie"
        " or other valid authentication credential.",
        "status": "UNAUTHENTICATED",
    }
}
_EVERYTHING = (scopes.OPENID, scopes.EMAIL, scopes.PROFILE)


async def user_info(provider: Provider, request: Request) -> Response:
    """Answer who signed in, as OpenID Connect has it (Core 5.3)."""
    found = await _person_and_scopes(provider, request)
    return _refusal() if found is None else json_answer(people.user_info(*found))


async def user_info_v2(provider: Provider, request: Request) -> Response:
    """Answer who signed in, as oauth2 v2 has it."""
    found = await _person_and_scopes(provider, request)
    return _refusal() if found is None else json_answer(people.user_info_v2(*found))


async def token_info(provider: Provider, request: Request) -> Response:
    """Answer what an access token or an ID token is worth."""
    try:
        params = await read_form(request) if request.method == "POST" else parse_parameters(request.url.query)
        if params.text("id_token"):
            return json_answer(await _of_id_token(provider, params.text("id_token")))
        return json_answer(_of_access_token(provider, params.text("access_token")))
    except UnreadableForm as wrong:
        return GoogleError("invalid_request", str(wrong)).answer()
    except GoogleError as wrong:
        return wrong.answer()


async def revoke(provider: Provider, request: Request) -> Response:
    """End a sign-in by its refresh token (RFC 7009). An access token goes on until its time is over."""
    try:
        params = await read_form(request)
        token = params.text("token") or parse_parameters(request.url.query).text("token")
        if not token:
            raise errors.missing_parameter("token")
        if not await provider.door(grants.revoke, token):
            _of_access_token(provider, token)
        return json_answer({})
    except UnreadableForm as wrong:
        return GoogleError("invalid_request", str(wrong)).answer()
    except GoogleError as wrong:
        return wrong.answer()


async def keys(provider: Provider, request: Request) -> Response:
    """Answer the public keys of ID tokens as JSON Web Keys (RFC 7517)."""
    return json_answer({"keys": (await provider.ring()).public}, headers=PUBLIC)


async def certificates(provider: Provider, request: Request) -> Response:
    """Answer the same keys as certificates, by their names; older libraries ask for these."""
    return json_answer((await provider.ring()).certificates, headers=PUBLIC)


async def configuration(provider: Provider, request: Request) -> Response:
    """Answer where everything is (OpenID Connect Discovery 4.2)."""
    base = origin(request)
    return json_answer(
        {
            "issuer": people.ISSUER,
            "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
            "device_authorization_endpoint": f"{base}/device/code",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/v1/userinfo",
            "revocation_endpoint": f"{base}/revoke",
            "jwks_uri": f"{base}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": [
                "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "sub",
            ],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": [
                "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
        },
        headers=PUBLIC,
    )  # fmt: skip


async def _person_and_scopes(provider: Provider, request: Request) -> tuple[Person, frozenset[str]] | None:
    """Return who signed in and what the application may know, None without a good token."""
    bearer = request.headers.get("authorization")
    if bearer is None:
        token = parse_parameters(request.url.query).text("access_token")
        bearer = f"Bearer {token}" if token else None
    try:
        claims = provider.tokens.verify(bearer, provider.clock())
    except NotAuthenticated:
        return None
    person = await provider.person_of(claims.oid)
    if person is None:
        return None
    log.person.set(person.address)
    return person, frozenset(_EVERYTHING) if ALL_SCOPES in claims.scopes else claims.scopes


def _refusal() -> Response:
    answer = json_answer(_UNAUTHENTICATED, 401)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return answer


def _of_access_token(provider: Provider, token: str) -> dict[str, Any]:
    now = provider.clock()
    try:
        claims: Claims = provider.tokens.verify(f"Bearer {token}", now)
    except NotAuthenticated:
        raise errors.INVALID_TOKEN() from None
    return {
        "azp": claims.app_id,
        "aud": claims.app_id,
        "sub": people.subject(claims.oid),
        "scope": " ".join(sorted(claims.scopes)),
        "exp": str(claims.expires // SECOND),
        "expires_in": str((claims.expires - now) // SECOND),
        **({"email": claims.upn, "email_verified": "true"} if scopes.EMAIL in claims.scopes else {}),
        "access_type": "offline",
    }


async def _of_id_token(provider: Provider, token: str) -> dict[str, Any]:
    try:
        claims = (await provider.ring()).open(token)
    except InvalidToken:
        raise errors.INVALID_TOKEN() from None
    if claims.get("iss") != people.ISSUER or int(claims["exp"]) * SECOND <= provider.wall_clock():
        raise errors.INVALID_TOKEN()
    return {name: _as_text(value) for name, value in claims.items()}


def _as_text(value: Any) -> Any:
    """Return a value as this endpoint has it: every number and flag is a text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return value
