"""Runs plans: sends each request with the token, waits and repeats where that is right.

What is repeated. Reads: after no connection and after 429, 503 and 504. Everything else only where the
service says when to come back (429 or 503 with `Retry-After`), which means that it did nothing; an answer
that may have arrived is never sent twice. A 401 is followed by one attempt with a renewed token, if there can
be one.

The token leaves for the host of `base` and for no other, whatever a page link says. An answer is read up to
a size and for a time that no honest service needs.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd.client.credentials import Credentials
from rsvpd.client.errors import NotSignedIn, Unavailable, Unreadable
from rsvpd.client.requests import HttpRequest, HttpResponse, Plan, is_throttled

T = TypeVar("T")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LONGEST_BYTES = 64 * 1024 * 1024
_TOKEN = re.compile(r"[!-~]++(?: ++[!-~]++)*+", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often and how long. `longest_seconds` bounds each wait: who asks for more is not waited for.

    `answer_seconds` bounds how long one answer may take to come in, and after `reading_seconds` a read that
    failed is not begun again.
    """

    attempts: int = 4
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    answer_seconds: float = 60.0
    reading_seconds: float = 60.0

    def backoff(self, attempt: int) -> float:
        """Return how long to wait after attempt number `attempt`, counted from 0."""
        return min(self.longest_seconds, self.first_seconds * 2.0**attempt)


def http_client(base: str, *, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return an HTTP client. For this machine's own servers no proxy of the environment is used.

    Raises Unreadable where `base` is no URL.
    """
    scheme, host, _ = origin(base)
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(30, connect=10),
        trust_env=host not in LOOPBACK,
        # Redirects are not followed, so plain http never turns into https: no need to load certificates.
        verify=scheme != "http",
        follow_redirects=False,
        headers={"User-Agent": "rsvpd-client"},
    )


class Session:
    """One service, one person's token, one connection pool."""

    def __init__(
        self,
        base: str,
        credentials: Credentials,
        *,
        http: httpx.Client | None = None,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: clocks.Clock = clocks.system_clock,
    ) -> None:
        self._origin = origin(base)
        self._credentials = credentials
        self._http = http or http_client(base)
        self._retry = retry or RetryPolicy()
        self._sleep = sleep
        self._clock = clock

    def run(self, plan: Plan[T]) -> T:
        """Run a plan to its end and return what it found. Raises ClientError."""
        try:
            request = next(plan)
            while True:
                request = plan.send(self.exchange(request))
        except StopIteration as done:
            found: T = done.value
            return found

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """Send one request and return its answer, whatever it says. Raises ClientError where none came."""
        if origin(request.url) != self._origin:
            raise Unreadable(
                f"The service points to {urlsplit(request.url).netloc}, which is not where it stands itself; "
                "the token is not sent there."
            )
        response = self._exchange_with_retries(request, self._credentials.token())
        if response.status == 401:
            token = self._credentials.renewed()
            return self._exchange_with_retries(request, token) if token else response
        return response

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _exchange_with_retries(self, request: HttpRequest, token: str) -> HttpResponse:
        if not _TOKEN.fullmatch(token):
            raise NotSignedIn("What is kept as a token is none: it is empty, or has letters no token has.")
        enough = time.monotonic() + self._retry.reading_seconds
        for attempt in range(self._retry.attempts):
            is_last = attempt + 1 == self._retry.attempts or time.monotonic() > enough
            try:
                response = self._exchange_once(request, token)
            except httpx.HTTPError as wrong:
                if is_last or not request.is_read:
                    raise _transport_error(request, wrong) from None
                wait: float | None = self._retry.backoff(attempt)
            else:
                wait = None if is_last else self._pause(request, response, attempt)
                if wait is None:
                    return response
            self._sleep(wait or 0.0)
        raise AssertionError("the last attempt returns or raises")

    def _exchange_once(self, request: HttpRequest, token: str) -> HttpResponse:
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        try:
            with self._http.stream(
                request.method, request.url, headers=headers, content=request.body or None
            ) as found:
                body = _whole(found, until=time.monotonic() + self._retry.answer_seconds)
        except (httpx.InvalidURL, ValueError) as wrong:
            raise Unreadable(f"This request cannot be sent ({wrong}).") from None
        return HttpResponse(
            status=found.status_code,
            headers={name.lower(): value for name, value in found.headers.items()},
            body=body,
        )

    def _pause(self, request: HttpRequest, response: HttpResponse, attempt: int) -> float | None:
        """Return how long to wait before sending the same again, or None where that is not done."""
        may_come_back = is_throttled(response) or (request.is_read and response.status == 504)
        if not may_come_back:
            return None
        asked = retry_after(response, self._clock())
        if asked is None:
            return self._retry.backoff(attempt) if request.is_read else None
        return asked if asked <= self._retry.longest_seconds else None


def _whole(found: httpx.Response, *, until: float) -> bytes:
    """Return the body of an answer. Raises ReadTimeout where it trickles, Unreadable where it does not end."""
    body = bytearray()
    for part in found.iter_bytes():
        body += part
        if len(body) > LONGEST_BYTES:
            raise Unreadable(f"The service sends more than {LONGEST_BYTES // 2**20} MB.", status=found.status_code)
        if time.monotonic() > until:
            raise httpx.ReadTimeout("its answer comes too slowly")
    return bytes(body)


def retry_after(response: HttpResponse, now: clocks.Instant) -> float | None:
    """Return the seconds a `Retry-After` asks for: a number, also a fraction, or an HTTP date."""
    text = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (clocks.from_datetime(parsedate_to_datetime(text)) - now) / 1_000_000
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port. Raises Unreadable for what is no HTTP URL."""
    try:
        parts = urlsplit(url)
        scheme, port = parts.scheme.lower(), parts.port
    except ValueError:
        raise Unreadable(f"'{url}' is not a URL.") from None
    if scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise Unreadable(f"'{url}' is not an http or https URL.")
    return scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[scheme]


def _transport_error(request: HttpRequest, wrong: Exception) -> Unavailable:
    host = urlsplit(request.url).netloc
    reason = str(wrong) or type(wrong).__name__
    if isinstance(wrong, httpx.ConnectError | httpx.ConnectTimeout):
        return Unavailable(f"{host} cannot be reached ({reason}).")
    if request.is_read:
        return Unavailable(f"{host} does not answer as it should ({reason}).")
    return Unavailable(
        f"{host} did not reply ({reason}); whether the answer arrived is not known. Look before repeating it."
    )
