"""The device flow (RFC 8628): a device asks for a code, and somebody types it on a page."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.commands.grants import DeviceRequest
from rsvpd.errors import Unavailable
from rsvpd.signin import http, pages
from rsvpd.signin.entra.authorize import asked_of, foreign_form, told_on_page
from rsvpd.signin.entra.call import Call, authenticate, find_client
from rsvpd.signin.entra.errors import EntraError, missing
from rsvpd.signin.entra.scopes import parse_scopes
from rsvpd.signin.http import Params, UnreadableForm, json_answer, parse_parameters
from rsvpd.signin.interaction import CONSENT, Agreed, ForeignForm, PersonRefused, interact
from rsvpd.signin.pages import Form
from rsvpd.signin.provider import DEVICE_INTERVAL_SECONDS, DEVICE_SECONDS, SECOND, Provider, fresh_secret
from rsvpd.signin.session import Browser
from rsvpd.signin.throttle import TooManyAttempts

PAGE = "/devicelogin"
# No vowels and nothing that looks like another letter; 20^9 is more than 38 bits (RFC 8628 5.1, 6.1).
_LETTERS, _LENGTH = "BCDFGHJKLMNPQRSTVWXZ", 9
_PURPOSE = "code"


async def device_code(call: Call) -> Response:
    """Answer a device that wants somebody to sign in."""
    client = authenticate(call)
    scopes = parse_scopes(call.need("scope"))
    if not scopes:
        raise missing("scope")
    device, user = fresh_secret("B"), "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
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

    async def endpoint(request: Request) -> Response:
        try:
            if request.method != "POST":
                return _ask(provider, request)
            form = await http.read_form(request)
            return await (_typed if form.text("step") == "code" else _decided)(provider, request, form)
        except ForeignForm:
            return pages.message("Start again", foreign_form(), status=400)
        except TooManyAttempts as wrong:
            return _ask(provider, request, f"Too many wrong codes; try again in {wrong.retry_after} seconds.")
        except (EntraError, UnreadableForm, Unavailable) as wrong:
            return told_on_page(wrong)

    return endpoint


def _ask(provider: Provider, request: Request, problem: str = "") -> Response:
    browser = Browser(provider, request)
    form = Form(action=PAGE, hidden={"step": "code", "token": browser.form_token(_PURPOSE)})
    return browser.send(pages.ask_code(form, problem=problem))


async def _typed(provider: Provider, request: Request, form: Params) -> Response:
    """Take a code and ask who is there."""
    if not Browser(provider, request).is_own_form(form.text("token"), _PURPOSE):
        raise ForeignForm
    code = form.text("user_code").upper().replace("-", "").replace(" ", "")
    return await _go_on(provider, request, code, None)


async def _decided(provider: Provider, request: Request, form: Params) -> Response:
    code = parse_parameters(form.text("request")).text("user_code")
    return await _go_on(provider, request, code, form)


async def _go_on(provider: Provider, request: Request, code: str, form: Params | None) -> Response:
    wanted = await _request_of(provider, request, code)
    if wanted is None:
        return _ask(provider, request, "That code didn't work. Check the code and try again.")
    client = find_client(provider, wanted.client)
    # Somebody may have been sent a code that another person's device shows: it is said whose, and always asked.
    asked = asked_of(
        client, parse_scopes(" ".join(wanted.scopes)), action=PAGE, query=f"user_code={code}",
        prompts=frozenset({CONSENT}), on_device=True,
    )  # fmt: skip
    try:
        agreed = await interact(provider, request, asked, form=form)
    except PersonRefused:
        await provider.door(grants.decide_device, code, None)
        return pages.message("You have declined", f"{asked.app} was not signed in.")
    if not isinstance(agreed, Agreed):
        return agreed
    await provider.door(grants.decide_device, code, agreed.person)
    done = f"You have signed in to {asked.app} on your device. You may now close this window."
    return agreed.browser.send(pages.message("You're all set", done))


async def _request_of(provider: Provider, request: Request, code: str) -> DeviceRequest | None:
    """Return what the device asks for; wrong codes are counted. Raises TooManyAttempts."""
    keys, now = (f"user code {http.client_address(request)}",), provider.clock()
    provider.throttle.check(keys, now)
    found = await provider.door(grants.device_request, code, now=now)
    if found is None:
        provider.throttle.count(keys, now)
    return found
