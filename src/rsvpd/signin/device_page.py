"""The page on which somebody types the code that a device shows (RFC 8628 3.3), whoever's device it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.commands.grants import DeviceRequest
from rsvpd.errors import Unavailable
from rsvpd.signin import http, pages, user_codes
from rsvpd.signin.http import Params, UnreadableForm, parse_parameters
from rsvpd.signin.interaction import Consent, ConsentRequest, ForeignForm, PersonRefused, interact
from rsvpd.signin.pages import Form
from rsvpd.signin.provider import Provider
from rsvpd.signin.session import Browser
from rsvpd.signin.throttle import TooManyAttempts

_PURPOSE = "code"
_NO_SUCH_CODE = "That code didn't work. Check the code and try again."


class DevicePage(Struct, frozen=True):
    """The page at `path`. `describe` returns what a device asks for, given the query that its forms carry, or None
    for a device of another provider; `error_page` makes the page of an error.
    """

    provider: Provider
    path: str
    describe: Callable[[DeviceRequest, str], ConsentRequest | None]
    error_page: Callable[[Exception], Response]

    async def __call__(self, request: Request) -> Response:
        """Ask for the code, or take what a form of ours sent."""
        try:
            if request.method != "POST":
                return self._ask(request)
            form = await http.read_form(request)
            return await (self._take_code if form.text("step") == "code" else self._take_decision)(request, form)
        except ForeignForm:
            return pages.foreign_form()
        except TooManyAttempts as wrong:
            return self._ask(request, f"Too many wrong codes; try again in {wrong.retry_after} seconds.")
        except (UnreadableForm, Unavailable) as wrong:
            return self.error_page(wrong)

    def _ask(self, request: Request, problem: str = "") -> Response:
        browser = Browser(self.provider, request)
        form = Form(action=self.path, hidden={"step": "code", "token": browser.form_token(_PURPOSE)})
        return browser.send(pages.ask_code(form, problem=problem))

    async def _take_code(self, request: Request, form: Params) -> Response:
        """Take a code and ask who is there."""
        if not Browser(self.provider, request).is_own_form(form.text("token"), _PURPOSE):
            raise ForeignForm
        return await self._go_on(request, user_codes.normalize(form.text("user_code")), None)

    async def _take_decision(self, request: Request, form: Params) -> Response:
        code = parse_parameters(form.text("request")).text("user_code")
        return await self._go_on(request, code, form)

    async def _go_on(self, request: Request, code: str, form: Params | None) -> Response:
        consent_request = await self._consent_request(request, code)
        if consent_request is None:
            return self._ask(request, _NO_SUCH_CODE)
        try:
            consent = await interact(self.provider, request, consent_request, form=form)
        except PersonRefused:
            await self.provider.door(grants.decide_device, code, None)
            return pages.message("You have declined", f"{consent_request.app} was not signed in.")
        if not isinstance(consent, Consent):
            return consent
        if not await self.provider.door(grants.decide_device, code, consent.person):
            return self._ask(request, _NO_SUCH_CODE)  # somebody else was quicker
        done = f"You have signed in to {consent_request.app} on your device. You may now close this window."
        return consent.browser.send(pages.message("You're all set", done))

    async def _consent_request(self, request: Request, code: str) -> ConsentRequest | None:
        """Return what the device asks for; wrong codes are counted. Raises TooManyAttempts."""
        keys, now = (f"user code {http.client_address(request)}",), self.provider.wall_clock()
        self.provider.throttle.check(keys, now)
        found = await self.provider.door(grants.device_request, code, now=self.provider.clock())
        consent_request = self.describe(found, f"user_code={code}") if found else None
        if consent_request is None:
            self.provider.throttle.count(keys, now)
        return consent_request


def as_endpoint(page: DevicePage) -> Callable[[Request], Awaitable[Response]]:
    """Return the page as an endpoint: Starlette takes functions."""

    async def endpoint(request: Request) -> Response:
        return await page(request)

    return endpoint
