"""The device flow (RFC 8628): a device asks for a code, and somebody types it on a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.commands.grants import DeviceRequest
from rsvpd.signin import user_codes
from rsvpd.signin.device_page import DevicePage, as_endpoint
from rsvpd.signin.entra.authorize import consent_request_of, error_page
from rsvpd.signin.entra.call import Call, authenticate
from rsvpd.signin.entra.errors import missing_parameter
from rsvpd.signin.entra.scopes import parse_scopes
from rsvpd.signin.http import json_answer
from rsvpd.signin.interaction import CONSENT, ConsentRequest
from rsvpd.signin.provider import DEVICE_INTERVAL_SECONDS, DEVICE_SECONDS, SECOND, Provider, fresh_secret

PAGE = "/devicelogin"


async def device_code(call: Call) -> Response:
    """Answer a device that wants somebody to sign in."""
    client = authenticate(call)
    scopes = parse_scopes(call.need("scope"))
    if not scopes:
        raise missing_parameter("scope")
    device, user = fresh_secret("B"), user_codes.new_code(9)
    request = DeviceRequest(client=client.id, scopes=tuple(map(str, scopes)), tenant=call.tenant.name)
    expires = call.now + DEVICE_SECONDS * SECOND
    await call.provider.door(grants.start_device, device, user, request=request, expires=expires, now=call.now)
    page = f"{call.origin}{PAGE}"
    return json_answer({
        "user_code": user,
        "device_code": device,
        "verification_uri": page,
        "expires_in": DEVICE_SECONDS,
        "interval": DEVICE_INTERVAL_SECONDS,
        "message": f"To sign in, use a web browser to open the page {page} and enter the code {user} to authenticate.",
    })  # fmt: skip


def device_page(provider: Provider) -> Callable[[Request], Awaitable[Response]]:
    """Return the page on which codes are typed, and what follows on it."""

    def describe(wanted: DeviceRequest, query: str) -> ConsentRequest | None:
        client = provider.clients.find(wanted.client)
        if client is None or not wanted.tenant:
            return None
        # Somebody may have been sent a code that another person's device shows: it is said whose, and always asked.
        return consent_request_of(
            client, parse_scopes(" ".join(wanted.scopes)), action=PAGE, query=query, prompts=frozenset({CONSENT}),
            on_device=True,
        )  # fmt: skip

    return as_endpoint(DevicePage(provider, PAGE, describe, error_page))
