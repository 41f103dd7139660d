"""A request of an application to one of Microsoft's endpoints, and who the application is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from rsvpd.clock import Instant
from rsvpd.config import RegisteredClient
from rsvpd.errors import Unavailable
from rsvpd.identity import assertions
from rsvpd.identity.assertions import Fault, InvalidAssertion
from rsvpd.identity.clients import PAGE, has_secret
from rsvpd.signin import http
from rsvpd.signin.entra import errors
from rsvpd.signin.entra.errors import EntraError
from rsvpd.signin.entra.tenants import Tenant, find_tenant
from rsvpd.signin.http import Params, UnreadableForm
from rsvpd.signin.provider import Provider
from rsvpd.signin.throttle import TooManyAttempts

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_FAULTS = {Fault.TIME: 700024}
# What an assertion may name as whom it is for (RFC 7523 3): this endpoint, its issuer, the tenant's root.
_AUDIENCES = ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/v2.0/", "/", "")


class Call(Struct, frozen=True):
    """What came in, read. `origin` is where the application sees this server, `peer` whom the connection leads to."""

    provider: Provider
    tenant: Tenant
    params: Params
    origin: str
    peer: str
    now: Instant
    authorization: str = ""

    def need(self, name: str) -> str:
        """Return a parameter. Raises EntraError where it is not there."""
        value = self.params.text(name)
        if not value:
            raise errors.missing_parameter(name)
        return value


Answer = Callable[[Call], Awaitable[Response]]


def form_endpoint(provider: Provider, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that reads a form, and tells what goes wrong as Microsoft does."""

    async def endpoint(request: Request) -> Response:
        now, correlation_id = provider.clock(), errors.correlation(request.headers.get("client-request-id", ""))
        try:
            if request.method != "POST":
                raise EntraError(
                    900561, f"The endpoint only accepts POST requests. Received a {request.method} request."
                )
            params = await http.read_form(request)
            correlation_id = errors.correlation(params.text("client-request-id") or correlation_id)
            if params.repeated:
                raise repeated_parameter(params)
            tenant = await find_tenant(provider, request.path_params["tenant"])
            return await answer(
                Call(
                    provider, tenant, params, http.origin(request), http.client_address(request), now,
                    request.headers.get("authorization", ""),
                )
            )  # fmt: skip
        except (EntraError, UnreadableForm, TooManyAttempts, Unavailable) as wrong:
            return errors.answer(entra_error(wrong), now, correlation_id)

    return endpoint


def entra_error(wrong: Exception) -> EntraError:
    """Return what went wrong as Microsoft tells it."""
    match wrong:
        case EntraError():
            return wrong
        case TooManyAttempts():
            return EntraError(
                50053,
                "You've tried to sign in too many times with an incorrect user ID or password.",
                retry_after=wrong.retry_after,
            )
        case Unavailable():
            return EntraError(90033, wrong.message, retry_after=wrong.retry_after)
        case _:
            return EntraError(9000410, f"Malformed request. {wrong}")


def repeated_parameter(params: Params) -> EntraError:
    """Return the error for parameters that stand there more than once."""
    name = min(params.repeated)[:80]
    return EntraError(9000411, f"The request is not properly formatted. The parameter '{name}' is duplicated.")


def find_client(provider: Provider, client_id: str, *, or_page: bool = False) -> RegisteredClient:
    """Return the application of an id, the server's own page only where it may come. Raises EntraError."""
    found = PAGE if or_page and client_id == PAGE.id else provider.clients.find(client_id)
    if found is None:
        raise EntraError(
            700016,
            f"Application with identifier '{client_id[:80]}' was not found in the directory. Settings name it:"
            " [[clients]] in the configuration.",
        )
    return found


def authenticate(call: Call, *, needs_proof: bool = False, or_page: bool = False) -> RegisteredClient:
    """Return the application that calls, which has shown who it is unless it is a public one. Raises EntraError."""
    basic_id, secret = _basic(call.authorization)
    client_id = call.params.text("client_id")
    if basic_id and client_id and basic_id.lower() != client_id.lower():
        raise EntraError(90014, "The 'client_id' of the body is another than that of the Authorization header.")
    client = find_client(call.provider, client_id or basic_id or call.need("client_id"), or_page=or_page)
    secret = secret or call.params.text("client_secret")
    if call.params.text("client_assertion"):
        _check_assertion(call, client)
    elif secret:
        _check_secret(call, client, secret)
    elif needs_proof or not client.is_public:
        raise EntraError(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    return client


def _check_secret(call: Call, client: RegisteredClient, secret: str) -> None:
    if not client.secrets and not client.certificates:
        raise EntraError(
            700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
        )
    keys = (f"client {client.id} {call.peer}",)
    call.provider.throttle.check(keys, call.now)
    if not has_secret(client, secret):
        call.provider.throttle.count(keys, call.now)
        raise EntraError(7000215, f"Invalid client secret provided. It is not one of app '{client.id}'.")


def _check_assertion(call: Call, client: RegisteredClient) -> None:
    if call.params.text("client_assertion_type") != ASSERTION_TYPE:
        raise EntraError(90014, f"The 'client_assertion_type' has to be '{ASSERTION_TYPE}'.")
    text = call.params.text("client_assertion")
    hosts = (call.origin, "https://login.microsoftonline.com")
    names = {call.tenant.name, call.tenant.id, call.provider.tenant}
    audiences = [f"{host}/{name}{ending}" for host in hosts for name in names for ending in _AUDIENCES]
    try:
        keys = assertions.keys_of(client.certificates, text)
        claims = assertions.open_assertion(text, keys, audiences=audiences, now=call.provider.wall_clock())
    except InvalidAssertion as wrong:
        number = _ASSERTION_FAULTS.get(wrong.fault, 700027)
        raise EntraError(number, f"The client assertion is not valid: {wrong}.") from None
    if any(str(claims.get(name, "")).lower() != client.id.lower() for name in ("iss", "sub")):
        raise EntraError(700027, "The client assertion is not valid: 'iss' and 'sub' have to be the client id.")


def _basic(authorization: str) -> tuple[str, str]:
    """Return id and secret of a Basic header. Raises EntraError."""
    try:
        return http.basic_credentials(authorization)
    except ValueError:
        raise EntraError(70002, "The Authorization header cannot be read.") from None
