"""`/{tenant}/oauth2/v2.0/authorize`: an application sends a browser, and gets a code and an ID token back.

Rule: until application and redirect URI are known to belong together, what is wrong is told on a page; from then on
it goes to the application (RFC 6749 4.1.2.1).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.commands import grants
from rsvpd.commands.grants import CodeTerms, Grant
from rsvpd.config import RegisteredClient
from rsvpd.errors import Unavailable
from rsvpd.identity.clients import PAGE, has_redirect, is_page_redirect
from rsvpd.identity.jose import half_hash
from rsvpd.signin import http, pages, pkce
from rsvpd.signin.entra import errors
from rsvpd.signin.entra.call import Call, entra_error, find_client, repeated_parameter
from rsvpd.signin.entra.errors import EntraError, missing_parameter
from rsvpd.signin.entra.scopes import Scope, is_covered, parse_scopes
from rsvpd.signin.entra.tenants import Tenant, find_tenant
from rsvpd.signin.entra.tokens import client_info, id_token
from rsvpd.signin.http import Params, UnreadableForm
from rsvpd.signin.interaction import (
    CONSENT,
    LOGIN,
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

Endpoint = Callable[[Request], Awaitable[Response]]

CODE_PREFIX = "1.A"
_TYPES = (frozenset({"code"}), frozenset({"id_token"}), frozenset({"code", "id_token"}))
_MODES = ("query", "fragment", "form_post")
_PROMPTS = frozenset({NONE, LOGIN, CONSENT, SELECT_ACCOUNT})
_NUMBER = re.compile(r"[0-9]{1,9}")


class ReplyTo(Struct, frozen=True):
    """Where an answer goes, and how."""

    uri: str
    mode: str
    state: str


class Authorization(Struct, frozen=True, kw_only=True):
    """An authorization request, checked."""

    client: RegisteredClient
    reply_to: ReplyTo
    types: frozenset[str]
    scopes: tuple[Scope, ...]
    prompts: frozenset[str]
    terms: CodeTerms
    hint: str
    max_age_seconds: int | None


def authorize(provider: Provider) -> Endpoint:
    """Return the endpoint to which applications send browsers."""

    async def endpoint(request: Request) -> Response:
        query = await http.query_or_form(request)  # a form of ours goes to `login`
        return await _answer(provider, request, query, None)

    return _on_a_page(provider, endpoint)


def login(provider: Provider) -> Endpoint:
    """Return the endpoint to which our own pages send their forms."""

    async def endpoint(request: Request) -> Response:
        form = await http.read_form(request)
        return await _answer(provider, request, form.text("request"), form)

    return _on_a_page(provider, endpoint)


async def _answer(provider: Provider, request: Request, query: str, form: Params | None) -> Response:
    params = http.parse_parameters(query)
    tenant = await find_tenant(provider, request.path_params["tenant"])
    call = Call(provider, tenant, params, http.origin(request), http.client_address(request), provider.clock())
    client, uri = _client_and_redirect(call)
    reply_to = ReplyTo(uri, params.text("response_mode") or _default_mode(params), params.text("state"))
    try:
        wanted = _read(call, client, reply_to)
        consent = await interact(provider, request, _consent_request(call, wanted, query), form=form)
        if isinstance(consent, Response):
            return consent
        response = await _authorization_response(call, wanted, consent)
        return consent.browser.send(pages.reply(reply_to.uri, reply_to.mode, response))
    except (EntraError, LoginRequired, ConsentRequired, PersonRefused) as wrong:
        return pages.reply(reply_to.uri, reply_to.mode, _refusal(call, _error_for(wrong, client)))


def _client_and_redirect(call: Call) -> tuple[RegisteredClient, str]:
    """Return which application asks and where it is answered. Raises EntraError, which goes on a page."""
    if call.params.repeated:
        raise repeated_parameter(call.params)
    client, uri = find_client(call.provider, call.need("client_id"), or_page=True), call.need("redirect_uri")
    if not (is_page_redirect(uri, call.origin) if client is PAGE else has_redirect(client, uri)):
        raise EntraError(
            50011,
            f"The redirect URI '{uri[:200]}' specified in the request does not match the redirect URIs configured for"
            f" the application '{client.id}'.",
        )
    return client, uri


def _default_mode(params: Params) -> str:
    return "fragment" if "id_token" in params.text("response_type").split() else "query"


def _read(call: Call, client: RegisteredClient, reply_to: ReplyTo) -> Authorization:
    """Return the request, checked. Raises EntraError, which goes to the application."""
    params = call.params
    types = frozenset(call.need("response_type").split())
    if types not in _TYPES:
        raise EntraError(
            700054 if "token" not in types else 70005,
            f"response_type '{params.text('response_type')[:80]}' is not enabled for the application.",
        )
    if reply_to.mode not in _MODES or (reply_to.mode == "query" and types != {"code"}):
        raise EntraError(70007, f"'{reply_to.mode[:80]}' is not a supported value for 'response_mode' here.")
    scopes = parse_scopes(call.need("scope"))
    if not scopes:
        raise missing_parameter("scope")
    if "id_token" in types and not params.text("nonce"):
        raise missing_parameter("nonce")
    terms = _terms(params)
    if client is PAGE and not _is_of_page(types, reply_to, terms):
        raise EntraError(9002325, "The page signs in by a code with PKCE (S256), which comes in the fragment.")
    return Authorization(
        client=client, reply_to=reply_to, types=types, scopes=scopes, prompts=_prompts(params), terms=terms,
        hint=params.text("login_hint"), max_age_seconds=_max_age(params),
    )  # fmt: skip


def _is_of_page(types: frozenset[str], reply_to: ReplyTo, terms: CodeTerms) -> bool:
    """Return whether the page itself would ask like this. Nobody is asked whether it may, so that a code must never get
    where somebody reads it who made the request in its place: into a log, as queries do."""
    return types == {"code"} and reply_to.mode == "fragment" and terms.challenge_method == pkce.S256


def _prompts(params: Params) -> frozenset[str]:
    found = frozenset(params.text("prompt").split())
    if found - _PROMPTS or (NONE in found and len(found) > 1):
        raise EntraError(90014, f"The value '{params.text('prompt')[:80]}' of 'prompt' is not supported.")
    return found


def _terms(params: Params) -> CodeTerms:
    terms = read_terms(params)
    if terms is None:
        raise EntraError(90014, "The 'code_challenge' or its method is not valid (RFC 7636 4.2).")
    return terms


def _max_age(params: Params) -> int | None:
    text = params.text("max_age")
    if text and not _NUMBER.fullmatch(text):
        raise EntraError(90014, "The 'max_age' has to be a number of seconds.")
    return int(text) if text else None


def _consent_request(call: Call, wanted: Authorization, query: str) -> ConsentRequest:
    return consent_request_of(
        wanted.client, wanted.scopes, action=f"/{call.tenant.name}/login", query=query, prompts=wanted.prompts,
        hint=wanted.hint, max_age_seconds=wanted.max_age_seconds,
    )  # fmt: skip


def consent_request_of(
    client: RegisteredClient,
    scopes: tuple[Scope, ...],
    *,
    action: str,
    query: str,
    prompts: frozenset[str],
    hint: str = "",
    max_age_seconds: int | None = None,
    on_device: bool = False,
) -> ConsentRequest:
    """Return what scopes come to for the person who is asked."""
    return ConsentRequest(
        client=client,
        wanted=tuple(one.full for one in scopes),
        lines=tuple(_line(one) for one in scopes if one.resource),
        is_covered=lambda known: is_covered(scopes, known),
        action=action,
        query=query,
        prompts=prompts,
        hint=hint,
        max_age_seconds=max_age_seconds,
        on_device=on_device,
    )


def _line(scope: Scope) -> str:
    known = {".default": "everything it may ask for"}.get(scope.name, scope.name)
    return f"{known} ({scope.resource.removeprefix('https://')})"


async def _authorization_response(call: Call, wanted: Authorization, consent: Consent) -> Mapping[str, str]:
    """Return the parameters of a good answer."""
    found: dict[str, str] = {}
    if "code" in wanted.types:
        found["code"] = await _new_code(call, wanted, consent)
    if "id_token" in wanted.types:
        more = {"c_hash": half_hash(found["code"])} if "code" in found else {}
        found["id_token"] = await id_token(
            call, wanted.client, consent.person, asked=wanted.scopes, signed_in=consent.session.signed_in,
            nonce=wanted.terms.nonce, more=more,
        )  # fmt: skip
    if call.params.text("client_info") == "1":
        found["client_info"] = client_info(call, consent.person)
    return found | _own(wanted.reply_to, call.tenant, call.origin)


async def _new_code(call: Call, wanted: Authorization, consent: Consent) -> str:
    code, now = fresh_secret(CODE_PREFIX), call.now
    grant = Grant(
        oid=consent.person.oid, client=wanted.client.id, scopes=tuple(map(str, wanted.scopes)),
        signed_in=consent.session.signed_in, tenant=call.tenant.name,
    )  # fmt: skip
    expires = now + CODE_SECONDS * SECOND
    await call.provider.door(grants.start_with_code, code, grant, terms=wanted.terms, expires=expires, now=now)
    return code


def _refusal(call: Call, wrong: EntraError) -> Mapping[str, str]:
    """Return the parameters of an answer that says what went wrong."""
    correlation_id = errors.correlation(call.params.text("client-request-id"))
    found = {"error": wrong.error, "error_description": errors.description(wrong, call.now, correlation_id)}
    state = call.params.text("state")
    return found | _own(ReplyTo("", "", state), call.tenant, call.origin)


def _own(reply_to: ReplyTo, tenant: Tenant, origin: str) -> dict[str, str]:
    """Return what stands in every answer: the application's state, and who answers (RFC 9207)."""
    return {**({"state": reply_to.state} if reply_to.state else {}), "iss": tenant.issuer(origin)}


def _error_for(wrong: Exception, client: RegisteredClient) -> EntraError:
    match wrong:
        case LoginRequired():
            return EntraError(50058, "A silent sign-in request was sent but no user is signed in.")
        case ConsentRequired():
            return EntraError(
                65001,
                f"The user or administrator has not consented to use the application with ID '{client.id}'.",
                error="interaction_required",
                suberror="consent_required",
            )
        case PersonRefused():
            return EntraError(65004, "User declined to consent to access the app.")
        case _:
            return entra_error(wrong)


def _on_a_page(provider: Provider, endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that tells on a page what goes wrong before there is somebody else to tell."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ForeignForm:
            return pages.foreign_form()
        except (EntraError, UnreadableForm, Unavailable) as wrong:
            return error_page(wrong)

    return answer


def error_page(wrong: Exception) -> Response:
    """Return the page that says what went wrong."""
    known = entra_error(wrong)
    return pages.message("Sorry, but we're having trouble signing you in", known.title, status=known.status)
