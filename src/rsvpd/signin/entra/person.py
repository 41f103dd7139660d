"""What an application asks about whoever signed in: userinfo; and how somebody signs out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rsvpd import log
from rsvpd.errors import NotAuthenticated, Unavailable
from rsvpd.identity.clients import has_redirect
from rsvpd.identity.keys import InvalidToken
from rsvpd.identity.tokens import ALL_SCOPES
from rsvpd.signin import http, pages
from rsvpd.signin.entra.authorize import error_page
from rsvpd.signin.entra.errors import EntraError
from rsvpd.signin.entra.tenants import find_tenant
from rsvpd.signin.http import NO_STORE, Params, UnreadableForm, json_answer
from rsvpd.signin.provider import Provider
from rsvpd.signin.session import Browser

Endpoint = Callable[[Request], Awaitable[Response]]


def userinfo(provider: Provider) -> Endpoint:
    """Return the endpoint of OpenID Connect Core 5.3; its tokens are those for Graph."""

    async def endpoint(request: Request) -> Response:
        try:
            claims = provider.tokens.verify(request.headers.get("authorization"), provider.clock())
        except NotAuthenticated as wrong:
            return _refusal(401, "invalid_token", wrong.message)
        if claims.is_application or not claims.scopes & {"openid", ALL_SCOPES}:
            return _refusal(403, "insufficient_scope", "The token has to be a person's, with the scope openid.")
        log.person.set(claims.upn)
        person = await provider.person_of(claims.oid)
        if person is None:
            return _refusal(401, "invalid_token", "The person of the token is not here any more.")
        given, _, family = person.name.partition(" ")
        return json_answer({
            "sub": provider.pairwise(person.oid, claims.app_id),
            "name": person.name,
            "given_name": given,
            "family_name": family,
            "email": person.address,
        })  # fmt: skip

    return endpoint


def logout(provider: Provider) -> Endpoint:
    """Return the endpoint that ends the session of a browser (OpenID Connect RP-Initiated Logout 1.0)."""

    async def endpoint(request: Request) -> Response:
        try:
            await find_tenant(provider, request.path_params["tenant"])
            query = http.parse_parameters(http.query(request))
            params = await http.read_form(request) if request.method == "POST" else query
            target = await _after_logout(provider, params)
        except (EntraError, UnreadableForm, Unavailable) as wrong:
            return error_page(wrong)
        browser = Browser(provider, request)
        browser.sign_out()
        if target is None:
            text = "You signed out of your account. It's a good idea to close all browser windows."
            return browser.send(pages.message("Signed out", text))
        return browser.send(http.redirect(target))

    return endpoint


async def _after_logout(provider: Provider, params: Params) -> str | None:
    """Return where the browser goes, only if that is a redirect URI of the application that sends it."""
    target, client_id = params.text("post_logout_redirect_uri"), params.text("client_id")
    hint = params.text("id_token_hint")
    if hint and not client_id:
        try:
            client_id = str((await provider.ring()).open(hint).get("aud", ""))
        except InvalidToken:
            return None
    known = [found] if (found := provider.clients.find(client_id)) else provider.clients.all if not client_id else []
    if not target or not any(has_redirect(one, target) for one in known):
        return None
    state = params.text("state")
    return http.with_parameters(target, {"state": state}) if state else target


def _refusal(status: int, error: str, text: str) -> Response:
    """Return a refusal as RFC 6750 3 and Graph have it."""
    plain = text.replace('"', "'")
    headers = NO_STORE | {"WWW-Authenticate": f'Bearer error="{error}", error_description="{plain}"'}
    return json_answer({"error": {"code": "InvalidAuthenticationToken", "message": text}}, status, headers=headers)
