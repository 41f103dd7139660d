"""Google's page for signing in: an application sends a browser, and gets a code back.

Google Identity: OAuth 2.0 for web server applications; for mobile and desktop apps.

Rule 1: what is wrong with a request is told on a page; only that somebody refused goes to the application.
Rule 2: a refresh token comes with `access_type=offline`, and the second time only with `prompt=consent`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.commands.grants import CodeTerms, Grant
from rsvpd.config import RegisteredClient
from rsvpd.errors import Unavailable
from rsvpd.identity.clients import has_redirect
from rsvpd.signin import http, pages
from rsvpd.signin.google import errors, people, scopes
from rsvpd.signin.google.errors import GoogleError
from rsvpd.signin.http import Params, UnreadableForm
from rsvpd.signin.interaction import (
    CONSENT,
    NONE,
    SELECT_ACCOUNT,
    Consent,
    ConsentRequest,
    ConsentRequired,
    ForeignForm,
    LoginRequired,
    PersonRefused,
    interact,
    read_terms,
)
from rsvpd.signin.provider import CODE_SECONDS, SECOND, Provider, fresh_secret

LOGIN_PATH = "/o/oauth2/v2/login"

_CODE_PREFIX = "4/0A"
_MODES = ("query", "form_post")
_PROMPTS = frozenset({NONE, CONSENT, SELECT_ACCOUNT})
_TELLS = {LoginRequired: "login_required", ConsentRequired: "consent_required", PersonRefused: "access_denied"}
_LINES = {
    scopes.EMAIL: "See your primary email address",
    scopes.PROFILE: "See your personal info, including any that you've made publicly available",
    "https://www.googleapis.com/auth/calendar": "See, edit, share, and delete all your calendars",
    "https://www.googleapis.com/auth/calendar.readonly": "See all your calendars",
    "https://www.googleapis.com/auth/calendar.events": "See and edit the events of all your calendars",
    "https://www.googleapis.com/auth/calendar.events.readonly": "See the events of all your calendars",
}


class _Authorization(Struct, frozen=True, kw_only=True):
    """An authorization request, checked."""

    client: RegisteredClient
    uri: str
    mode: str
    state: str
    scopes: tuple[str, ...]
    terms: CodeTerms
    prompts: frozenset[str]
    hint: str
    is_offline: bool
    adds_to_granted: bool


async def authorize(provider: Provider, request: Request) -> Response:
    """Answer a browser that an application sent."""
    return await _on_a_page(provider, request, _begin)


async def login(provider: Provider, request: Request) -> Response:
    """Answer a form of our own pages."""
    return await _on_a_page(provider, request, _go_on)


def consent_request_of(
    client: RegisteredClient,
    wanted: tuple[str, ...],
    *,
    action: str,
    query: str,
    prompts: frozenset[str],
    hint: str = "",
    on_device: bool = False,
) -> ConsentRequest:
    """Return what scopes come to for the person who is asked."""
    named = tuple(one for one in wanted if one != scopes.OFFLINE)
    return ConsentRequest(
        client=client, wanted=named, lines=tuple(_LINES.get(one, one) for one in named if one != scopes.OPENID),
        is_covered=set(named).issubset, action=action, query=query, prompts=prompts, hint=hint, on_device=on_device,
    )  # fmt: skip


async def _begin(provider: Provider, request: Request) -> Response:
    return await _answer(provider, request, await http.query_or_form(request), None)


async def _go_on(provider: Provider, request: Request) -> Response:
    form = await http.read_form(request)
    return await _answer(provider, request, form.text("request"), form)


async def _answer(provider: Provider, request: Request, query: str, form: Params | None) -> Response:
    wanted = _read(provider, http.parse_parameters(query))
    consent_request = consent_request_of(
        wanted.client, wanted.scopes, action=LOGIN_PATH, query=query, prompts=wanted.prompts, hint=wanted.hint
    )
    try:
        consent = await interact(provider, request, consent_request, form=form)
    except (LoginRequired, ConsentRequired, PersonRefused) as wrong:
        return _reply(wanted, {"error": _TELLS[type(wrong)]})
    if isinstance(consent, Response):
        return consent
    return consent.browser.send(_reply(wanted, await _authorization_response(provider, wanted, consent)))


def _read(provider: Provider, params: Params) -> _Authorization:
    """Return the request, checked. Raises GoogleError."""
    for name in ("client_id", "redirect_uri", "response_type"):
        if not params.text(name):
            raise errors.missing_parameter(name)
    if params.repeated:
        name = min(params.repeated)[:80]
        raise GoogleError("invalid_request", f"OAuth 2 parameters can only have a single value: {name}")
    client = provider.clients.find(params.text("client_id"))
    if client is None:
        raise errors.NO_CLIENT()
    uri, mode = params.text("redirect_uri"), params.text("response_mode") or "query"
    if not has_redirect(client, uri) or uri.startswith("urn:"):  # codes to be copied by hand are no more
        raise GoogleError("redirect_uri_mismatch", f"The redirect URI {uri[:200]} is not registered for this client.")
    if params.text("response_type") != "code":
        raise GoogleError("unsupported_response_type", "Only response_type=code is emulated here.")
    if mode not in _MODES:
        raise GoogleError("invalid_request", f"Invalid response_mode: {mode[:80]}")
    return _Authorization(
        client=client, uri=uri, mode=mode, state=params.text("state"), scopes=scopes.read(params.text("scope")),
        terms=_terms(params), prompts=_prompts(params), hint=params.text("login_hint"),
        is_offline=params.text("access_type") == "offline",
        adds_to_granted=params.text("include_granted_scopes") == "true",
    )  # fmt: skip


def _terms(params: Params) -> CodeTerms:
    terms = read_terms(params)
    if terms is None:
        raise GoogleError("invalid_request", "Invalid parameter value for code_challenge or its method.")
    return terms


def _prompts(params: Params) -> frozenset[str]:
    found = frozenset(params.text("prompt").split())
    if params.text("approval_prompt") == "force":  # what it was called before
        found |= {CONSENT}
    if found - _PROMPTS or (NONE in found and len(found) > 1):
        raise GoogleError("invalid_request", f"Invalid parameter value for prompt: {params.text('prompt')[:80]}")
    return found


async def _authorization_response(provider: Provider, wanted: _Authorization, consent: Consent) -> Mapping[str, str]:
    """Return the parameters of a good answer."""
    person, client, now = consent.person, wanted.client, provider.clock()
    known = await provider.door(grants.consented_scopes, person, client.id)
    granted = list(wanted.scopes)
    if wanted.adds_to_granted:
        granted += sorted(known - {scopes.OFFLINE, *granted})
    is_first = scopes.OFFLINE not in known
    if wanted.is_offline and (is_first or CONSENT in wanted.prompts):
        granted.append(scopes.OFFLINE)
        if is_first:
            await provider.door(grants.consent, person, client.id, scopes=[scopes.OFFLINE])
    code = fresh_secret(_CODE_PREFIX)
    grant = Grant(oid=person.oid, client=client.id, scopes=tuple(granted), signed_in=consent.session.signed_in)
    expires = now + CODE_SECONDS * SECOND
    await provider.door(grants.start_with_code, code, grant, terms=wanted.terms, expires=expires, now=now)
    scope = " ".join(one for one in granted if one != scopes.OFFLINE)
    return {"code": code, "scope": scope, "authuser": "0", "prompt": "consent" if is_first else "none"}


def _reply(wanted: _Authorization, values: Mapping[str, str]) -> Response:
    own = {**({"state": wanted.state} if wanted.state else {}), "iss": people.ISSUER}  # RFC 9207
    return pages.reply(wanted.uri, wanted.mode, {**own, **values})


async def _on_a_page(
    provider: Provider, request: Request, endpoint: Callable[[Provider, Request], Awaitable[Response]]
) -> Response:
    """Answer, and tell on a page what goes wrong."""
    try:
        return await endpoint(provider, request)
    except ForeignForm:
        return pages.foreign_form()
    except (GoogleError, UnreadableForm, Unavailable) as wrong:
        return error_page(wrong)


def error_page(wrong: Exception) -> Response:
    """Return the page that says what went wrong."""
    match wrong:
        case GoogleError():
            known = wrong
        case Unavailable():
            known = GoogleError("temporarily_unavailable", wrong.message, status=503)
        case _:
            known = GoogleError("invalid_request", str(wrong))
    return pages.message("Access blocked", f"{known.message} Error {known.status}: {known.code}", status=known.status)
