"""Requests that this server sends to receivers of notifications, as dialects see them: no sockets, no frameworks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from rsvpd.addresses import is_loopback
from rsvpd.commands.notifications import Notification
from rsvpd.mail.subscription import Verdict

_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2_048


class Push(Struct, frozen=True, kw_only=True):
    """A POST to a receiver. `seconds` is how long its answer is waited for, ten at most."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 10.0


class Answer(Struct, frozen=True):
    """What a receiver answered; of the body no more than its beginning."""

    status: int
    content_type: str = ""
    body: bytes = b""


class Undelivered(Exception):
    """No answer came; the text is one word for why: timeout, refused, forbidden."""


class Sender(Protocol):
    """Sends to receivers."""

    async def __call__(self, push: Push) -> Answer:
        """Return the answer, within the time of the push and without following it elsewhere. Raises Undelivered."""
        ...


class Publisher(Struct, frozen=True):
    """How a dialect tells: the request for a notification, and what a status says of it; None is no answer at all."""

    push: Callable[[Notification], Awaitable[Push]]
    verdict: Callable[[int | None], Verdict]


class UnusableUrl(ValueError):
    """A URL that nothing is sent to; the text says why."""


def origin_of(url: str) -> str:
    """Return scheme, host and port of a receiver: https anywhere, http on this machine.

    Raises UnusableUrl. Whether the host may be reached shows when it is (delivery/sender.py).
    """
    if len(url) > LONGEST_URL or not url.isascii() or any(letter <= " " or letter == "\x7f" for letter in url):
        raise UnusableUrl("It is too long, or has letters that no URL has.")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise UnusableUrl("It is no URL.") from None
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.fragment:
        raise UnusableUrl("It is no absolute https URL.")
    if parts.scheme == "http" and not is_loopback(host):
        raise UnusableUrl("It has to be https; http is for this machine alone.")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}:{port or _PORTS[parts.scheme]}"


async def discard(push: Push) -> Answer:
    """Send nothing: for a server that reaches nobody."""
    raise Undelivered("forbidden")
