"""What goes wrong at Microsoft's sign-in endpoints, by its number, and how it is told.

Numbers and words of the list: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. Words that
applications look at are `error` and `suberror`; the number is for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from rsvpd import log
from rsvpd.clock import Instant, to_datetime
from rsvpd.signin.http import NO_STORE, json_answer

NOT_EMULATED = 9000000  # ours: Microsoft has none that says so
# By number: the word of OAuth 2 (RFC 6749 5.2, RFC 8628 3.5, OpenID Connect Core 3.1.2.6), and the status.
_KINDS: Mapping[int, tuple[str, int]] = {
    28000: ("invalid_scope", 400),           # scopes of several resources
    50011: ("invalid_request", 400),         # redirect URI is not registered
    50013: ("invalid_grant", 400),           # assertion is not valid
    500131: ("invalid_grant", 400),          # assertion is for another application
    500133: ("invalid_grant", 400),          # assertion is not valid now
    500112: ("invalid_grant", 400),          # redirect URI is another than the code's
    50034: ("invalid_grant", 400),           # nobody of that name
    50053: ("invalid_grant", 400),           # wrong too often
    50057: ("invalid_grant", 400),           # the account is closed
    50058: ("login_required", 400),          # prompt=none, and nobody is signed in
    50059: ("invalid_request", 400),         # no tenant
    50126: ("invalid_grant", 400),           # name or password is wrong
    501481: ("invalid_grant", 400),          # PKCE does not fit
    54005: ("invalid_grant", 400),           # code was used already
    65001: ("invalid_grant", 400),           # nobody agreed
    65004: ("access_denied", 400),           # the person refused
    650053: ("invalid_client", 400),         # no such scope
    70000: ("invalid_grant", 400),           # code or refresh token is no good
    70002: ("invalid_client", 401),          # the application is not who it says
    70003: ("unsupported_grant_type", 400),
    70005: ("unsupported_response_type", 400),
    70007: ("invalid_request", 400),         # response_mode
    70008: ("invalid_grant", 400),           # code expired
    70011: ("invalid_scope", 400),
    70016: ("authorization_pending", 400),
    70018: ("bad_verification_code", 400),   # device code is unknown
    70019: ("expired_token", 400),           # device code expired
    700016: ("unauthorized_client", 400),    # no such application
    700024: ("invalid_client", 401),         # client assertion is not valid now
    700025: ("invalid_client", 401),         # a public application shows a secret
    700027: ("invalid_client", 401),         # client assertion has a wrong signature
    700054: ("unsupported_response_type", 400),
    700082: ("invalid_grant", 400),          # refresh token expired
    70001: ("unauthorized_client", 400),     # the application may not do this
    7000215: ("invalid_client", 401),        # wrong secret
    7000218: ("invalid_client", 401),        # no secret
    9000410: ("invalid_request", 400),       # cannot be read
    9000411: ("invalid_request", 400),       # a parameter stands there twice
    9002325: ("invalid_request", 400),       # PKCE is missing
    90002: ("invalid_request", 400),         # no such tenant
    900144: ("invalid_request", 400),        # a parameter is missing
    900561: ("invalid_request", 405),        # not a POST
    90014: ("invalid_request", 400),         # a parameter is wrong
    NOT_EMULATED: ("invalid_request", 501),
    90033: ("temporarily_unavailable", 503),
    1002012: ("invalid_scope", 400),         # application alone without .default
}  # fmt: skip
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class EntraError(Exception):
    """What is told to whoever asked; `message` is safe to show. `error` is another word than the number's own."""

    def __init__(self, number: int, message: str, *, error: str = "", suberror: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        kind, self.status = _KINDS[number]
        self.number = number
        self.message = message
        self.error = error or kind
        self.suberror = suberror
        self.retry_after = retry_after

    @property
    def title(self) -> str:
        """Return number and message, the beginning of a description."""
        return f"AADSTS{self.number}: {self.message}"


def missing_parameter(name: str) -> EntraError:
    """Return the error for a parameter that is not there."""
    return EntraError(900144, f"The request body must contain the following parameter: '{name}'.")


def correlation(given: str) -> str:
    """Return the id under which an application wants to find its request, or ours."""
    return given if _GUID.fullmatch(given) else log.request_id.get()


def description(wrong: EntraError, now: Instant, correlation_id: str) -> str:
    """Return what `error_description` says."""
    return (
        f"{wrong.title} Trace ID: {log.request_id.get()} Correlation ID: {correlation_id} Timestamp: {_timestamp(now)}"
    )


def answer(wrong: EntraError, now: Instant, correlation_id: str) -> Response:
    """Return the answer of an endpoint for applications."""
    body = {
        "error": wrong.error,
        "error_description": description(wrong, now, correlation_id),
        "error_codes": [wrong.number],
        "timestamp": _timestamp(now),
        "trace_id": log.request_id.get(),
        "correlation_id": correlation_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={wrong.number}",
        **({"suberror": wrong.suberror} if wrong.suberror else {}),
    }
    more = {"WWW-Authenticate": 'Basic realm="rsvpd"'} if wrong.status == 401 else {}  # RFC 6749 5.2
    again = {"Retry-After": str(wrong.retry_after)} if wrong.retry_after else {}
    allow = {"Allow": "POST, OPTIONS"} if wrong.status == 405 else {}
    return json_answer(body, wrong.status, headers=NO_STORE | more | again | allow)


def _timestamp(now: Instant) -> str:
    return to_datetime(now).strftime("%Y-%m-%d %H:%M:%SZ")
