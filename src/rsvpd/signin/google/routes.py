"""Google's sign-in endpoints; each is known under the names that its libraries have used over the years."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rsvpd.signin.google import device, info
from rsvpd.signin.google.authorize import LOGIN_PATH, authorize, login
from rsvpd.signin.google.token import token
from rsvpd.signin.provider import Provider

Endpoint = Callable[[Provider, Request], Awaitable[Response]]

_ROUTES: Sequence[tuple[Endpoint, tuple[str, ...], tuple[str, ...]]] = (
    (authorize, ("GET", "POST"), ("/o/oauth2/v2/auth", "/o/oauth2/auth")),
    (login, ("POST",), (LOGIN_PATH,)),
    (token, ("POST",), ("/token", "/oauth2/v4/token", "/oauth2/v3/token", "/o/oauth2/token")),
    (device.begin, ("POST",), ("/device/code", "/o/oauth2/device/code")),
    (info.revoke, ("GET", "POST"), ("/revoke", "/o/oauth2/revoke")),
    (info.token_info, ("GET", "POST"), ("/tokeninfo", *(f"/oauth2/v{number}/tokeninfo" for number in (1, 2, 3)))),
    (info.user_info, ("GET", "POST"), ("/v1/userinfo", "/oauth2/v3/userinfo")),
    (info.user_info_v2, ("GET",), ("/oauth2/v2/userinfo", "/oauth2/v1/userinfo", "/userinfo/v2/me")),
    (info.keys, ("GET",), ("/oauth2/v3/certs",)),
    (info.certificates, ("GET",), ("/oauth2/v1/certs",)),
    (info.configuration, ("GET",), ("/.well-known/openid-configuration",)),
)  # fmt: skip


def routes(provider: Provider) -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route(device.PAGE, device.device_page(provider), methods=["GET", "POST"]),
        *(
            Route(path, _endpoint(provider, answer), methods=list(methods))
            for answer, methods, paths in _ROUTES
            for path in paths
        ),
    ]


def _endpoint(provider: Provider, answer: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answer(provider, request)

    return endpoint
