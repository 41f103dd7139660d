"""Cross-origin requests: which pages may read answers in a browser (the Fetch standard, "CORS protocol").

Pages of this machine may, by themselves; others where they are configured. Tokens travel in a header that
a page must set itself, so no credentials of the browser are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from rsvpd import faults
from rsvpd.addresses import is_loopback
from rsvpd.hints import GRAPH_HEADER, HEADER

Headers = tuple[tuple[str, str], ...]

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
# What a page could not read otherwise. The wildcard would say the same only to requests without credentials.
EXPOSED = ", ".join(
    (
        HEADER, GRAPH_HEADER, faults.HEADER, "request-id", "client-request-id", "ETag", "Location", "Retry-After",
        "Allow", "Date", "WWW-Authenticate", "Preference-Applied", "OData-Version", "Content-Encoding",
        "Content-Length",
    )
)

_MAX_AGE_SECONDS = 7200
_REMEMBERED = 256
_LONGEST_ASKED = 2000
_ASKED = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*+")


class Cors:
    """Who may read answers. `origins` are those that are not loopback; `*` stands for all."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._allowed = frozenset(origins)
        self._known: dict[str, bool] = {}

    def allows(self, origin: str) -> bool:
        """Return whether a page of `origin` may read answers."""
        known = self._known.get(origin)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[origin] = self._is_allowed(origin.lower())
        return known

    def _is_allowed(self, origin: str) -> bool:
        return origin in self._allowed or "*" in self._allowed or _is_of_this_machine(origin)

    def headers(self, origin: str | None) -> Headers:
        """Return what goes out with the answer to a request from a page of `origin`."""
        if origin is None:
            return ()
        if not self.allows(origin):
            return (("Vary", "Origin"),)
        return (
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", EXPOSED),
            ("Vary", "Origin"),
        )

    def preflight(self, headers: Mapping[str, str]) -> Headers:
        """Return what answers a preflight, beside `headers`."""
        asked = headers.get("access-control-request-headers", "")
        if not self.allows(headers["origin"]) or not _ASKED.fullmatch(asked[:_LONGEST_ASKED]):
            return ()
        private = headers.get("access-control-request-private-network", "").lower() == "true"
        return (
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Max-Age", str(_MAX_AGE_SECONDS)),
            *((("Access-Control-Allow-Headers", asked[:_LONGEST_ASKED]),) if asked else ()),
            *((("Access-Control-Allow-Private-Network", "true"),) if private else ()),
        )


def is_preflight(headers: Mapping[str, str]) -> bool:
    """Return whether OPTIONS comes from a browser that asks what a page may send."""
    return "origin" in headers and "access-control-request-method" in headers


def _is_of_this_machine(origin: str) -> bool:
    try:
        url = urlsplit(origin)
        return url.scheme in ("http", "https") and is_loopback((url.hostname or "").rstrip("."))
    except ValueError:
        return False
