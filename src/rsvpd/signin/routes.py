"""Which path leads to which sign-in endpoint, whatever the host."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rsvpd.signin import pages
from rsvpd.signin.entra import discovery
from rsvpd.signin.entra.authorize import authorize, login
from rsvpd.signin.entra.call import Answer, form_endpoint
from rsvpd.signin.entra.device import device_code, device_page
from rsvpd.signin.entra.missing import MISSING, refuse
from rsvpd.signin.entra.person import logout, userinfo
from rsvpd.signin.entra.token import token
from rsvpd.signin.google import routes as google
from rsvpd.signin.provider import Provider


def routes(provider: Provider) -> Sequence[BaseRoute]:
    """Return the routes of all sign-in endpoints. Google's paths are whole ones, and come first: Microsoft's begin
    with whatever names a tenant, `o` included."""
    return [*google.routes(provider), *_entra(provider)]


def _entra(provider: Provider) -> list[Route]:
    configuration = discovery.configuration(provider)
    return [
        Route("/common/discovery/instance", discovery.instances(provider)),
        Route("/{tenant}/userrealm/{user}", discovery.user_realm(provider)),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{tenant}/.well-known/openid-configuration", configuration),
        Route("/{tenant}/discovery/v2.0/keys", discovery.keys(provider)),
        Route("/{tenant}/discovery/keys", discovery.keys(provider)),
        *_form("/{tenant}/oauth2/v2.0/token", provider, token),
        Route("/{tenant}/oauth2/v2.0/authorize", authorize(provider), methods=["GET", "POST"]),
        Route("/{tenant}/login", login(provider), methods=["POST"]),
        Route("/{tenant}/login", _answer_reopening, methods=["GET"]),
        *_form("/{tenant}/oauth2/v2.0/devicecode", provider, device_code),
        Route("/devicelogin", device_page(provider), methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/deviceauth", device_page(provider), methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/v2.0/logout", logout(provider), methods=["GET", "POST"]),
        *(Route(path, refuse(provider, gap), methods=["GET", "POST"]) for path, gap in MISSING.items()),
        Route("/oidc/userinfo", userinfo(provider), methods=["GET", "POST"]),
    ]


def _form(path: str, provider: Provider, answer: Answer) -> list[Route]:
    """Return the routes of an endpoint that takes forms; any other method is told so by the same endpoint."""
    endpoint = form_endpoint(provider, answer)
    return [Route(path, endpoint, methods=["POST"]), Route(path, endpoint, methods=["GET", "PUT", "PATCH", "DELETE"])]


async def _answer_reopening(request: Request) -> Response:
    """Answer a browser that opens the address of a form again."""
    return pages.foreign_form()
