"""How the server's clock is steered, kept with the data, and what falls due by it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rsvpd.clock import ClockSteering, Instant
from rsvpd.commands.door import reads, writes
from rsvpd.mail.subscription import Subscription
from rsvpd.store import meta, people, personas, subscriptions, uploads
from rsvpd.store.tx import Tx

KEY = "clock"
# How much of one instant is told.
MOST_TOLD = 200

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(ClockSteering).decode


class ExpiredItem(Struct, frozen=True):
    """What ended with its time: somebody's subscription, by what it was to, or a file that came in parts."""

    mailbox: str
    subscription: Subscription | None = None
    file: str = ""


@reads
def stored_steering(tx: Tx) -> ClockSteering | None:
    """Return how the clock is steered, None where nobody did."""
    kept = meta.get(tx, KEY)
    return _decode(kept) if kept else None


@writes
def keep_clock(tx: Tx, steered: ClockSteering | None) -> None:
    """Keep how the clock is steered, and tell everybody who goes by it."""
    if steered is None:
        meta.drop(tx, KEY)
    else:
        meta.put(tx, KEY, _encode(steered))
    tx.renews_all = True


@writes
def move_clock(tx: Tx, steered: ClockSteering, *, now: Instant, passed: int) -> list[ExpiredItem]:
    """Do the same, for a clock that shows `now` from then on; return some of what has expired by then, and ends.

    For messages that are to be sent again `passed` microseconds more have gone by.
    """
    keep_clock(tx, steered)
    if passed > 0:
        subscriptions.hasten(tx, passed)
    return end_expired(tx, now)


@reads
def next_due(tx: Tx, now: Instant, *, machine: Instant) -> Instant | None:
    """Return the next instant of the server's clock after `now` at which something falls due, None where nothing does.

    What did not arrive is sent again by the machine's clock, which shows `machine`.
    """
    again = subscriptions.next_try(tx, machine)
    found = (
        subscriptions.next_expiry(tx, now), subscriptions.next_challenge(tx, now), uploads.next_expiry(tx, now),
        personas.next_due(tx, now), again and now + again - machine,
    )  # fmt: skip
    return min((one for one in found if one is not None), default=None)


@writes
def end_expired(tx: Tx, now: Instant) -> list[ExpiredItem]:
    """End some of what has expired, and return it; nothing where all is done."""
    ended = []
    for one in subscriptions.find_expired(tx, now, most=MOST_TOLD):
        subscriptions.drop(tx, one.mailbox, one.id)
        ended.append(ExpiredItem(_address(tx, one.mailbox), subscription=one))
    ended += [ExpiredItem(_address(tx, mailbox), file=one.name) for mailbox, one in uploads.end_expired(tx, now)]
    return ended


@reads
def challenged_subscriptions(tx: Tx, after: Instant, now: Instant) -> list[tuple[str, Subscription]]:
    """Return the subscriptions of which somebody has to show again that it may, since then, and to whose mailbox."""
    found = subscriptions.to_challenge(tx, now, most=MOST_TOLD)
    return [(_address(tx, one.mailbox), one) for one in found if one.challenge > after]


@reads
def tried_subscriptions(tx: Tx, machine: Instant) -> list[tuple[str, Subscription]]:
    """Return the subscriptions of which messages were sent since then, by the machine's clock, and to whose mailbox."""
    return [(_address(tx, one.mailbox), one) for one in subscriptions.find_tried(tx, machine, most=MOST_TOLD)]


def _address(tx: Tx, mailbox: int) -> str:
    person = people.by_number(tx, mailbox)
    return person.address if person else ""
