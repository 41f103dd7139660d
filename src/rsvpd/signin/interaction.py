"""What happens between an application's request and its answer: somebody signs in, and agrees.

No provider's words stand here. A provider reads its request into `ConsentRequest`, gives it to `interact`, and gets
either a page to send or `Consent`. Nothing is kept meanwhile: each form brings the request back as it came, and it is
read and checked anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd import log
from rsvpd.commands import grants, people
from rsvpd.commands.grants import CodeTerms
from rsvpd.config import RegisteredClient
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person, PersonKind
from rsvpd.signin import http, pages, pkce
from rsvpd.signin.http import Params
from rsvpd.signin.pages import Form
from rsvpd.signin.provider import SECOND, Provider
from rsvpd.signin.session import Browser, Session
from rsvpd.signin.throttle import TooManyAttempts

MOST_LISTED = 20

# What an application may want of the person (OpenID Connect Core 3.1.2.1).
NONE, LOGIN, CONSENT, SELECT_ACCOUNT = "none", "login", "consent", "select_account"

_WRONG = "The address or the password is wrong."
_EMPTY = "Nobody lives here yet; `rsvpd user add ADDRESS` gives somebody a mailbox."
_NOBODY = "Nobody here has that address."


class LoginRequired(Exception):
    """Nobody is signed in, and nobody may be asked (prompt=none)."""


class ConsentRequired(Exception):
    """The person has not agreed to all of it, and may not be asked (prompt=none)."""


class PersonRefused(Exception):
    """The person did not want to sign in, or to agree."""


class ForeignForm(Exception):
    """A form that no page of ours sent from this browser."""


class ConsentRequest(Struct, frozen=True, kw_only=True):
    """What an application wants of the person.

    `wanted` are scopes as consents keep them, `is_covered` says whether those that were agreed to are enough, `lines`
    are the lines of the consent page. Forms go to `action` and carry `query`, the request as it came.
    `max_age_seconds` is how long ago the person may have signed in, None for any time.
    """

    client: RegisteredClient
    wanted: tuple[str, ...]
    lines: tuple[str, ...]
    is_covered: Callable[[Iterable[str]], bool]
    action: str
    query: str
    prompts: frozenset[str] = frozenset()
    hint: str = ""
    max_age_seconds: int | None = None
    on_device: bool = False

    @property
    def app(self) -> str:
        """Return what the pages call the application."""
        return self.client.name or self.client.id


class Consent(Struct, frozen=True):
    """Who signed in and agreed, and the browser in which that was: its cookies go with the answer."""

    person: Person
    session: Session
    browser: Browser


def read_terms(params: Params) -> CodeTerms | None:
    """Return what whoever shows the code has to know besides; None where the challenge is not well-formed.

    Without a method a challenge is the verifier itself (RFC 7636 4.3).
    """
    challenge, method = params.text("code_challenge"), params.text("code_challenge_method")
    method = method or (pkce.PLAIN if challenge else "")
    if (method or challenge) and (method not in (pkce.S256, pkce.PLAIN) or not pkce.is_well_formed(challenge)):
        return None
    return CodeTerms(
        redirect_uri=params.text("redirect_uri"), challenge=challenge, challenge_method=method,
        nonce=params.text("nonce"),
    )  # fmt: skip


async def interact(
    provider: Provider, request: Request, wanted: ConsentRequest, *, form: Params | None
) -> Consent | Response:
    """Return who agreed, or the page that comes next. `form` is what a page of ours sent, None for a new request.

    Raises LoginRequired, ConsentRequired, PersonRefused, ForeignForm.
    """
    step = _Step(provider, request, wanted)
    if form is None:
        return await step.begin()
    by_name = {"login": step.log_in, "consent": step.consent}.get(form.text("step"))
    if by_name is None:
        raise ForeignForm
    return await by_name(form)


class _Step:
    """One request of the way, and what it needs."""

    def __init__(self, provider: Provider, request: Request, wanted: ConsentRequest) -> None:
        self._provider = provider
        self._request = wanted
        self._peer = http.client_address(request)
        self._browser = Browser(provider, request)
        self._request_digest = hashlib.sha256(wanted.query.encode("utf-8", "surrogatepass")).hexdigest()

    async def begin(self) -> Consent | Response:
        """Take who is signed in already, or ask."""
        person = await self._person_of_session()
        is_silent = NONE in self._request.prompts
        if person is None or self._request.prompts & {LOGIN, SELECT_ACCOUNT}:
            if is_silent:
                raise LoginRequired
            return await self._ask_who()
        return await self._go_on(person)

    async def log_in(self, form: Params) -> Consent | Response:
        """Take who was picked, or whose password was given."""
        if not self._browser.is_own_form(form.text("token"), self._login_purpose):
            raise ForeignForm
        if form.text("decision") == "cancel":
            raise PersonRefused
        try:
            person = await self._person_of_form(form)
        except TooManyAttempts as wrong:
            return await self._ask_who(f"Too many attempts; try again in {wrong.retry_after} seconds.")
        if person is None:
            return await self._ask_who(_NOBODY if self._provider.rules.is_local else _WRONG)
        self._browser.sign_in(person.oid)
        return await self._go_on(person)

    async def consent(self, form: Params) -> Consent:
        """Take what was said on the consent page."""
        session = self._browser.session
        person = await self._provider.person_of(session.oid) if session else None
        if session is None or person is None:
            raise ForeignForm
        if not self._browser.is_own_form(form.text("token"), self._consent_purpose(session)):
            raise ForeignForm
        log.person.set(person.address)
        if form.text("decision") != "accept":
            raise PersonRefused
        await self._provider.door(grants.consent, person, self._request.client.id, scopes=self._request.wanted)
        return Consent(person, session, self._browser)

    async def _person_of_session(self) -> Person | None:
        """Return who is signed in, if that is who is meant, and recently enough."""
        session = self._browser.session
        if session is None or self._is_too_long_ago(session):
            return None
        person = await self._provider.person_of(session.oid)
        is_meant = person is not None and fold(self._request.hint) in ("", fold(person.address))
        return person if is_meant else None

    def _is_too_long_ago(self, session: Session) -> bool:
        most = self._request.max_age_seconds
        return most is not None and self._provider.clock() - session.signed_in > most * SECOND

    async def _go_on(self, person: Person) -> Consent | Response:
        """Return who agreed, where all was agreed to before; else ask."""
        log.person.set(person.address)
        session = self._browser.session
        assert session is not None
        if await self._is_agreed(person):
            return Consent(person, session, self._browser)
        if NONE in self._request.prompts:
            raise ConsentRequired
        form = self._form("consent", self._consent_purpose(session))
        page = pages.ask_consent(
            form, person, app=self._request.app, scopes=self._request.lines, on_device=self._request.on_device
        )
        return self._browser.send(page)

    async def _is_agreed(self, person: Person) -> bool:
        if CONSENT in self._request.prompts:
            return False
        known = await self._provider.door(grants.consented_scopes, person, self._request.client.id)
        return self._request.client.admin_consent or self._request.is_covered(known)

    async def _person_of_form(self, form: Params) -> Person | None:
        if self._provider.rules.is_local:
            return await self._provider.person_at(form.text("account"))
        return await self._provider.with_password(form.text("username"), form.text("password"), peer=self._peer)

    async def _ask_who(self, problem: str = "") -> Response:
        form = self._form("login", self._login_purpose)
        if not self._provider.rules.is_local:
            page = pages.ask_password(form, app=self._request.app, hint=self._request.hint, problem=problem)
            return self._browser.send(page)
        users = [one for one in await self._provider.door(people.people) if one.kind is PersonKind.USER]
        problem = problem or ("" if users else _EMPTY)
        users.sort(key=lambda one: fold(one.address) != fold(self._request.hint))  # whoever is meant comes first
        page = pages.pick_person(
            form, users[:MOST_LISTED], app=self._request.app, hint=self._request.hint, problem=problem,
            more=len(users) if len(users) > MOST_LISTED else 0,
        )  # fmt: skip
        return self._browser.send(page)

    def _form(self, step: str, purpose: str) -> Form:
        token = self._browser.form_token(purpose)
        return Form(action=self._request.action, hidden={"request": self._request.query, "step": step, "token": token})

    @property
    def _login_purpose(self) -> str:
        return f"login {self._request_digest}"

    def _consent_purpose(self, session: Session) -> str:
        """A consent form is good for this request and this sign-in: where an application wanted a fresh one, no form
        of an older one does."""
        return f"consent {session.oid} {session.signed_in} {self._request_digest}"
