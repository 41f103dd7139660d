"""Subscriptions as the administrator of the server sees them: who is told, how far, and what came of the last try."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.clock import Instant, to_datetime
from rsvpd.commands.subscriptions import SubscriptionView


class ToldSubscription(Struct, frozen=True, kw_only=True):
    """A subscription. `pending` changes of the mailbox are not told yet, some of which may be none of its business.

    `has_content` says that notifications hold the items themselves. `answered` is what came of the last try: a status
    of HTTP, timeout, refused or forbidden, busy where this server was; empty before the first. `next_try` is set after
    one that came to nothing.
    """

    id: str
    mailbox: str
    interface: str
    topic: str
    has_content: bool
    receiver: str
    expires: str
    sent: int
    pending: int
    failures: int
    answered: str
    last_try: str | None
    next_try: str | None


def describe_subscription(view: SubscriptionView, pending: int) -> ToldSubscription:
    """Return a subscription as it is listed; of the receiver no more than where it is, as URLs may hold secrets."""
    stored = view.stored
    return ToldSubscription(
        id=stored.terms.label or stored.id,
        mailbox=view.owner.address,
        interface=stored.dialect,
        topic=stored.terms.topic.name.lower(),
        has_content=stored.terms.has_content,
        receiver=stored.origin,
        expires=_text(stored.expires),
        sent=stored.sent,
        pending=pending,
        failures=stored.failures,
        answered=stored.answered,
        last_try=_text(stored.tried) if stored.tried else None,
        next_try=_text(stored.due) if stored.failures else None,
    )


def _text(instant: Instant) -> str:
    return to_datetime(instant).isoformat(timespec="seconds").replace("+00:00", "Z")
