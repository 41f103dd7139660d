"""Requests and answers as the dialects see them: HTTP without ASGI, sockets or frameworks."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.errors import RsvpdError
from rsvpd.query.algebra import MailboxState

# So much of a path, and of a query, waits for the log of requests, which cuts its lines much shorter.
LOGGED = 500


class Request(Struct, frozen=True, kw_only=True):
    """One request. `path` is what follows `mount`, still percent-encoded, and starts with `/` (or is empty).

    `origin` is scheme and host as the client sees them (Host and forwarded headers respected), without a
    slash at the end; `query` is the raw query string; header names are lower-case.
    """

    method: str
    origin: str
    mount: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    now: Instant
    request_id: str

    @property
    def base(self) -> str:
        """Return the absolute URL of the dialect's root, without a slash at the end."""
        return self.origin + self.mount


class Part(Struct, frozen=True, kw_only=True):
    """What the log and the journal of requests tell of a request that came inside another one.

    `person` is an address or empty, `application` a client id or empty, as the token of that request says. `fault` is
    the rule by which it went wrong on purpose. `request` and `response` are the whole of it, for the journal.
    """

    person: str
    application: str
    method: str
    mount: str
    path: str
    query: str
    status: int
    seconds: float
    hint: str
    fault: str = ""
    request: Request | None = None
    response: Response | None = None


class Response(Struct, frozen=True, kw_only=True):
    """One answer. An empty body has no content type.

    `state` is set where all of it follows from the request and the state of one mailbox. `codings` are the coded forms
    of the body, by their names, where it is kept to be sent again. `parts` are the requests that were answered inside.
    `problem` is the kind of error that the answer tells.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    state: MailboxState | None = None
    codings: dict[str, bytes] | None = None
    parts: tuple[Part, ...] = ()
    problem: type[RsvpdError] | None = None
