"""What Microsoft's sign-in has and this server has not: told by name, not as a path that nobody knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from rsvpd.signin.entra import errors
from rsvpd.signin.entra.errors import EntraError
from rsvpd.signin.provider import Provider

_VERSION_1 = "version 1.0 of these endpoints ('resource' in the place of 'scope'); those below /oauth2/v2.0 are here"
MISSING: Mapping[str, str] = {
    "/{tenant}/oauth2/authorize": _VERSION_1,
    "/{tenant}/oauth2/token": _VERSION_1,
    "/{tenant}/oauth2/devicecode": _VERSION_1,
    "/{tenant}/oauth2/logout": _VERSION_1,
    "/{tenant}/adminconsent": "consent of an administrator; the setting 'admin_consent' of a client gives it",
    "/{tenant}/v2.0/adminconsent": "consent of an administrator; the setting 'admin_consent' of a client gives it",
    "/{tenant}/saml2": "SAML",
    "/{tenant}/wsfed": "WS-Federation",
    "/{tenant}/kerberos": "Kerberos",
}


def refuse(provider: Provider, gap: str) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that says what is not emulated."""

    async def endpoint(request: Request) -> Response:
        wrong = EntraError(errors.NOT_EMULATED, f"This server does not emulate {gap}.")
        return errors.answer(wrong, provider.clock(), errors.correlation(""))

    return endpoint
