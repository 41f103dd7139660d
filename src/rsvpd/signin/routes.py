"""Which path leads to which sign-in endpoint, whatever the host."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from rsvpd.signin.entra import discovery
from rsvpd.signin.entra.authorize import authorize, login
from rsvpd.signin.entra.call import form_endpoint
from rsvpd.signin.entra.device import device_code, device_page
from rsvpd.signin.entra.missing import MISSING, refuse
from rsvpd.signin.entra.person import logout, userinfo
from rsvpd.signin.entra.token import token
from rsvpd.signin.google import routes as google
from rsvpd.signin.provider import Provider


def routes(provider: Provider) -> Sequence[BaseRoute]:
    """Return the routes of all sign-in endpoints."""
    return [*_entra(provider), *google.routes(provider)]


def _entra(provider: Provider) -> list[Route]:
    configuration = discovery.configuration(provider)
    return [
        Route("/common/discovery/instance", discovery.instances(provider)),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        Route("/{tenant}/.well-known/openid-configuration", configuration),
        Route("/{tenant}/discovery/v2.0/keys", discovery.keys(provider)),
        Route("/{tenant}/discovery/keys", discovery.keys(provider)),
        Route("/{tenant}/oauth2/v2.0/token", form_endpoint(provider, token), methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/authorize", authorize(provider), methods=["GET", "POST"]),
        Route("/{tenant}/login", login(provider), methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/devicecode", form_endpoint(provider, device_code), methods=["POST"]),
        Route("/devicelogin", device_page(provider), methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/deviceauth", device_page(provider), methods=["GET", "POST"]),
        Route("/{tenant}/oauth2/v2.0/logout", logout(provider), methods=["GET", "POST"]),
        *(Route(path, refuse(provider, gap), methods=["GET", "POST"]) for path, gap in MISSING.items()),
        Route("/oidc/userinfo", userinfo(provider), methods=["GET", "POST"]),
    ]
