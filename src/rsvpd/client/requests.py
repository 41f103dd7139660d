"""Requests and answers as values, and the plans made of them. No sockets here.

A plan is a generator: it yields one `HttpRequest`, is sent the `HttpResponse`, and returns what was asked
for. Who runs it (`session.py`, a test, an async program) adds the token and the network.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urljoin

import msgspec
from msgspec import Struct

from rsvpd.client.errors import (
    ClientError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refused,
    Unavailable,
    Unreadable,
)

T = TypeVar("T")

MAX_PAGES = 60
HINT_HEADER = "x-rsvpd-hint"


class HttpRequest(Struct, frozen=True, kw_only=True):
    """One request without its token."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def is_read(self) -> bool:
        """Return whether sending it twice does no more than sending it once."""
        return self.method == "GET"


class HttpResponse(Struct, frozen=True, kw_only=True):
    """One answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def hint(self) -> str | None:
        """Return what an rsvpd server has to say beside its answer."""
        return self.headers.get(HINT_HEADER)


Plan = Generator[HttpRequest, HttpResponse, T]


def segment(text: str) -> str:
    """Return `text` as one path segment. `=` may stand in one (RFC 3986 3.3) and ends many ids."""
    return quote(text, safe="=")


def get(url: str, query: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None) -> HttpRequest:
    """Return a GET. The query keeps the `$` of OData names readable and writes blanks as `%20`."""
    whole = f"{url}?{urlencode(query, safe='$,/:', quote_via=quote)}" if query else url
    return HttpRequest(method="GET", url=whole, headers={"Accept": "application/json", **(headers or {})})


def send(method: str, url: str, body: Mapping[str, Any]) -> HttpRequest:
    """Return a request with a JSON body."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    return HttpRequest(method=method, url=url, headers=headers, body=msgspec.json.encode(body))


def fetch(request: HttpRequest) -> Plan[dict[str, Any]]:
    """Ask for one object."""
    return decode(check((yield request)))


def pages(
    first: HttpRequest, following: Callable[[dict[str, Any]], str | None], *, items: str
) -> Plan[list[dict[str, Any]]]:
    """Ask for a list, page after page. `following` finds the URL of the next page, `items` names the list.

    Raises Unreadable rather than returning a part of a list that does not end.
    """
    request, found = first, list[dict[str, Any]]()
    for _ in range(MAX_PAGES):
        page = yield from fetch(request)
        found += objects(page.get(items))
        link = following(page)
        if not link:
            return found
        request = HttpRequest(method="GET", url=_join(first.url, link), headers=first.headers)
    raise Unreadable(f"The service keeps sending pages; stopped after {MAX_PAGES} of them.")


def _join(url: str, link: Any) -> str:
    try:
        return urljoin(url, str(link))
    except ValueError:
        raise Unreadable("The service points to a next page in a way that cannot be read.") from None


def objects(value: Any) -> list[dict[str, Any]]:
    """Return a list of objects, or raise Unreadable."""
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    raise Unreadable("The service answered with something that is not a list.")


def decode(response: HttpResponse) -> dict[str, Any]:
    """Return the object an answer holds. Raises Unreadable."""
    try:
        found = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    raise Unreadable(
        "The service answered with something that is not JSON; is this its base URL?", status=response.status
    )


def unreadable_event(wrong: Exception) -> Unreadable:
    """Return the error for an event that is not described as this service describes events."""
    why = f"it lacks {wrong}" if isinstance(wrong, KeyError) else str(wrong)
    return Unreadable(f"The service described an event in a way that cannot be read ({why}).")


# --- errors

_BY_STATUS: dict[int, type[ClientError]] = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    410: NotFound,
    429: Unavailable,
}
# Google says so under 403, and means 429.
_THROTTLED = {"rateLimitExceeded", "userRateLimitExceeded"}


def check(response: HttpResponse) -> HttpResponse:
    """Return `response` where it is a success, else raise the ClientError it tells of."""
    if 200 <= response.status < 300:
        return response
    raise error_of(response)


def is_throttled(response: HttpResponse) -> bool:
    """Return whether the service asks to come back later, having done nothing."""
    return response.status in (429, 503) or (response.status == 403 and _complaint(response)[0] in _THROTTLED)


def error_of(response: HttpResponse) -> ClientError:
    """Return the error an answer tells of, in the service's own words where it has any."""
    code, message = _complaint(response)
    kind = _BY_STATUS.get(response.status, Refused if 400 <= response.status < 500 else Unavailable)
    if is_throttled(response):
        kind = Unavailable
    elif not 400 <= response.status < 600:
        kind = Unreadable
    return kind(
        message or _status_text(response),
        code=code,
        hint=response.hint,
        status=response.status,
    )


def _status_text(response: HttpResponse) -> str:
    if 300 <= response.status < 400 and "location" in response.headers:
        return (
            f"The service answered {response.status} and points to {response.headers['location'][:200]}, "
            "which is not followed; is this its base URL?"
        )
    return f"The service answered {response.status} without saying why."


def _complaint(response: HttpResponse) -> tuple[str, str]:
    """Return code and message of `{"error": {"code", "message"}}`; Google's code is in `errors[].reason`."""
    try:
        error = msgspec.json.decode(response.body)["error"]
        if isinstance(error, str):
            return error, ""
        reasons = error.get("errors") or [{}]
        return str(reasons[0].get("reason") or error.get("code") or ""), str(error.get("message") or "")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, LookupError, TypeError, AttributeError):
        return "", ""
