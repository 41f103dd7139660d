"""A device without a browser asks for a code to show (Google Identity: OAuth 2.0 for limited-input devices)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.signin import user_codes
from rsvpd.signin.device_page import DevicePage, as_endpoint
from rsvpd.signin.google import scopes
from rsvpd.signin.google.authorize import consent_request_of, error_page
from rsvpd.signin.google.errors import GoogleError
from rsvpd.signin.google.token import client_of
from rsvpd.signin.http import UnreadableForm, json_answer, origin, read_form
from rsvpd.signin.interaction import CONSENT, ConsentRequest
from rsvpd.signin.provider import DEVICE_INTERVAL_SECONDS, DEVICE_SECONDS, SECOND, Provider, fresh_secret

PAGE = "/device"

# Google's devices always get a refresh token.
_ALWAYS = (scopes.OFFLINE,)


def device_page(provider: Provider) -> Callable[[Request], Awaitable[Response]]:
    """Return the page on which the code is typed."""

    def describe(wanted: grants.DeviceRequest, query: str) -> ConsentRequest | None:
        client = provider.clients.find(wanted.client)
        if client is None or wanted.tenant:
            return None
        return consent_request_of(
            client, wanted.scopes, action=PAGE, query=query, prompts=frozenset({CONSENT}), on_device=True
        )

    return as_endpoint(DevicePage(provider, PAGE, describe, error_page))


async def begin(provider: Provider, request: Request) -> Response:
    """Answer the code for the device and the one for the person."""
    try:
        form = await read_form(request)
        client = client_of(provider, request, form, needs_secret=False)
        asked = scopes.read(form.text("scope"))
    except UnreadableForm as wrong:
        return GoogleError("invalid_request", str(wrong)).answer()
    except GoogleError as wrong:
        return wrong.answer()
    now, device_code, user_code = provider.clock(), fresh_secret("AH-1Ng"), user_codes.new_code(8)
    wanted = grants.DeviceRequest(client=client.id, scopes=(*asked, *_ALWAYS))
    await provider.door(
        grants.start_device, device_code, user_code, request=wanted, expires=now + DEVICE_SECONDS * SECOND, now=now
    )
    page = f"{origin(request)}{PAGE}"
    return json_answer(
        {
            "device_code": device_code,
            "user_code": user_codes.with_hyphen(user_code),
            "expires_in": DEVICE_SECONDS,
            "interval": DEVICE_INTERVAL_SECONDS,
            "verification_url": page,
            "verification_uri": page,
        }
    )
