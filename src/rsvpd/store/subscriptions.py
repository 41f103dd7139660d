"""Subscriptions to what happens in mailboxes, as rows; see mail/subscription.py.

Who sends for one holds it by a lease, which ends with its time: of several processes one sends, and where that dies
another goes on. A data file has one process, which ends the leases of the one before it at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rsvpd.clock import Instant
from rsvpd.mail.subscription import Beside, Subscription, Terms
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Terms).decode

_COLUMNS = (
    "mailbox, id, dialect, holder, origin, expires_us, reached, sending, due_us, lease, leased_us, beside, sent,"
    " failures, failing_us, tried_us, answered, challenge_us, data"
)
_INSERT = (
    f"INSERT INTO subscription ({_COLUMNS}) VALUES (:mailbox, :id, :dialect, :holder, :origin, :expires,"  # noqa: S608 - constants
    " :reached, :sending, :due, :lease, :leased, :beside, :sent, :failures, :failing, :tried, :answered, :challenge,"
    " :data)"
    " ON CONFLICT DO NOTHING"
)
_ONE = f"SELECT {_COLUMNS} FROM subscription WHERE mailbox = :mailbox AND id = :id"  # noqa: S608 - constants
_OF_HOLDER = f"SELECT {_COLUMNS} FROM subscription WHERE holder = :holder AND dialect = :dialect ORDER BY mailbox, id"  # noqa: S608 - constants
_ALL = (
    f"SELECT {_COLUMNS} FROM subscription WHERE (mailbox, id) > (:after_mailbox, :after_id)"  # noqa: S608 - constants
    " ORDER BY mailbox, id LIMIT :most"
)
_TAKEN = "SELECT 1 FROM subscription WHERE id = :id LIMIT 1"
_COUNT = "SELECT count(*) FROM subscription WHERE mailbox = :mailbox AND expires_us > :now AND beside <> :removal"
_RENEW = (
    "UPDATE subscription SET expires_us = :expires, origin = :origin, challenge_us = :challenge, data = :data"
    " WHERE mailbox = :mailbox AND id = :id"
)
_DROP = "DELETE FROM subscription WHERE mailbox = :mailbox AND id = :id"
# What is under way of it is settled by nobody then.
_REMOVE = (
    "UPDATE subscription SET beside = :removal, lease = '', leased_us = 0, due_us = 0, failures = 0, failing_us = 0,"
    " challenge_us = 0 WHERE mailbox = :mailbox AND id = :id"
)
_DROP_HELD = "DELETE FROM subscription WHERE mailbox = :mailbox AND id = :id AND lease = :held"
_EXPIRED = f"SELECT {_COLUMNS} FROM subscription WHERE expires_us <= :now ORDER BY expires_us, mailbox, id LIMIT :most"  # noqa: S608 - constants
_NEXT_EXPIRY = "SELECT min(expires_us) FROM subscription WHERE expires_us > :now"
_NEXT_CHALLENGE = "SELECT min(challenge_us) FROM subscription WHERE challenge_us > :now"
_CHALLENGED = (
    f"SELECT {_COLUMNS} FROM subscription WHERE challenge_us > 0 AND challenge_us <= :now"  # noqa: S608 - constants
    " AND expires_us > :now ORDER BY challenge_us, mailbox, id LIMIT :most"
)
_NEXT_TRY = "SELECT min(due_us) FROM subscription WHERE failures > 0 AND due_us > :at"
_TRIED = (
    f"SELECT {_COLUMNS} FROM subscription WHERE tried_us >= :since"  # noqa: S608 - constants
    " ORDER BY tried_us, mailbox, id LIMIT :most"
)
_HASTEN = "UPDATE subscription SET due_us = due_us - :passed, failing_us = failing_us - :passed WHERE failures > 0"
_EXPIRE = "DELETE FROM subscription WHERE mailbox = :mailbox AND expires_us <= :now"
# One look for all mailboxes, now and then; who has nothing to tell is found without reading a change.
_LISTENED = (
    "SELECT s.mailbox, max(CASE WHEN s.expires_us <= :now THEN 1 ELSE 0 END),"
    " min(CASE WHEN s.beside <> 0 OR s.challenge_us > 0 AND s.challenge_us <= :now"
    " OR s.reached < (SELECT max(number) FROM change WHERE change.mailbox = s.mailbox)"
    " THEN CASE WHEN s.due_us > s.leased_us THEN s.due_us ELSE s.leased_us END END)"
    " FROM subscription AS s GROUP BY s.mailbox"
)
_DUE = (
    f"SELECT {_COLUMNS} FROM subscription WHERE mailbox = :mailbox"  # noqa: S608 - constants
    " AND (beside <> 0 OR reached < :newest OR challenge_us > 0 AND challenge_us <= :now)"
    " AND due_us <= :at AND leased_us <= :at AND expires_us > :now AND instr(:busy, origin || ' ') = 0"
    " ORDER BY reached, id LIMIT :most"
)
_SETTLE = (
    "UPDATE subscription SET reached = :reached, sending = :sending, due_us = :due, lease = '', leased_us = 0,"
    " beside = :beside, sent = :sent, failures = :failures, failing_us = :failing, tried_us = :tried,"
    " answered = :answered WHERE mailbox = :mailbox AND id = :id AND lease = :held"
)
_CLAIM = (
    "UPDATE subscription SET reached = :reached, sending = :sending, beside = :beside, lease = :lease,"
    " leased_us = :leased, challenge_us = :challenge WHERE mailbox = :mailbox AND id = :id"
)
_FREE_ALL = "UPDATE subscription SET lease = '', leased_us = 0 WHERE leased_us <> 0"


class SubscribedMailbox(msgspec.Struct, frozen=True):
    """A mailbox that somebody subscribed to; from when on something of it can be told, None where there is nothing."""

    mailbox: int
    has_expired: bool
    due: Instant | None


def add(tx: Tx, one: Subscription) -> bool:
    """Store a subscription; return whether it is there now: not where its id is taken in that mailbox."""
    tx.subscribed.append(one.mailbox)
    return tx.run(_INSERT, **_values(one), data=_encode(one.terms)) > 0


def one(tx: Tx, mailbox: int, id: str) -> Subscription | None:
    """Return a subscription by its name."""
    row = tx.row(_ONE, mailbox=mailbox, id=id)
    return _decode_row(row) if row else None


def is_taken(tx: Tx, id: str) -> bool:
    """Return whether there is a subscription of this name, to whatever mailbox."""
    return tx.row(_TAKEN, id=id) is not None


def of_holder(tx: Tx, holder: str, dialect: str) -> list[Subscription]:
    """Return the subscriptions that somebody made, in whatever mailbox."""
    return [_decode_row(row) for row in tx.rows(_OF_HOLDER, holder=holder, dialect=dialect)]


def after(tx: Tx, mailbox: int, id: str, *, most: int) -> list[Subscription]:
    """Return the first subscriptions that come after one, by mailbox and id."""
    return [_decode_row(row) for row in tx.rows(_ALL, after_mailbox=mailbox, after_id=id, most=most)]


def count(tx: Tx, mailbox: int, now: Instant) -> int:
    """Return how many subscriptions to a mailbox have not expired."""
    row = tx.row(_COUNT, mailbox=mailbox, now=now, removal=int(Beside.REMOVAL))
    return int(row[0]) if row else 0


def renew(tx: Tx, one: Subscription) -> None:
    """Store another expiry and other terms."""
    tx.write(
        _RENEW, mailbox=one.mailbox, id=one.id, expires=one.expires, origin=one.origin, challenge=one.challenge,
        data=_encode(one.terms),
    )  # fmt: skip


def drop(tx: Tx, mailbox: int, id: str) -> None:
    """Remove a subscription."""
    tx.write(_DROP, mailbox=mailbox, id=id)


def remove(tx: Tx, one: Subscription) -> None:
    """Let a subscription be over, and go once that is told."""
    tx.write(_REMOVE, mailbox=one.mailbox, id=one.id, removal=int(Beside.REMOVAL))
    tx.subscribed.append(one.mailbox)


def expire(tx: Tx, mailbox: int, now: Instant) -> None:
    """Remove the subscriptions to a mailbox that have expired."""
    tx.write(_EXPIRE, mailbox=mailbox, now=now)


def find_expired(tx: Tx, now: Instant, *, most: int) -> list[Subscription]:
    """Return the subscriptions that have expired, those first that did first."""
    return [_decode_row(row) for row in tx.rows(_EXPIRED, now=now, most=most)]


def next_expiry(tx: Tx, now: Instant) -> Instant | None:
    """Return when the next of them expires, by the server's clock."""
    row = tx.row(_NEXT_EXPIRY, now=now)
    return row[0] if row else None


def next_challenge(tx: Tx, now: Instant) -> Instant | None:
    """Return when the next who subscribed has to show again that it may, by the server's clock."""
    row = tx.row(_NEXT_CHALLENGE, now=now)
    return row[0] if row else None


def to_challenge(tx: Tx, now: Instant, *, most: int) -> list[Subscription]:
    """Return the subscriptions of which that is to be told by now."""
    return [_decode_row(row) for row in tx.rows(_CHALLENGED, now=now, most=most)]


def next_try(tx: Tx, at: Instant) -> Instant | None:
    """Return when the next message that did not arrive is sent again, by the machine's clock."""
    row = tx.row(_NEXT_TRY, at=at)
    return row[0] if row else None


def find_tried(tx: Tx, since: Instant, *, most: int) -> list[Subscription]:
    """Return the subscriptions of which a message was tried since, by the machine's clock."""
    return [_decode_row(row) for row in tx.rows(_TRIED, since=since, most=most)]


def hasten(tx: Tx, passed: int) -> None:
    """Let so many microseconds more have passed for what is to be sent again."""
    tx.write(_HASTEN, passed=passed)


def subscribed_mailboxes(tx: Tx, now: Instant) -> list[SubscribedMailbox]:
    """Return the mailboxes that somebody subscribed to."""
    return [SubscribedMailbox(mailbox, bool(expired), due) for mailbox, expired, due in tx.rows(_LISTENED, now=now)]


def due(
    tx: Tx, mailbox: int, newest: int, *, at: Instant, now: Instant, busy: str, most: int
) -> list[Subscription]:
    """Return subscriptions to a mailbox with something to tell that nobody holds, who is furthest behind first.

    `busy` are origins that get no more for now, each with a blank after it. No other transaction gets the same.
    """
    found = tx.rows(_DUE + tx.to_claim, mailbox=mailbox, newest=newest, at=at, now=now, busy=busy, most=most)
    return [_decode_row(row) for row in found]


def claim(tx: Tx, claimed: Iterable[Subscription]) -> None:
    """Store how far each is told next, and who holds it until when."""
    with tx.together():
        for one in claimed:
            tx.add(
                _CLAIM, mailbox=one.mailbox, id=one.id, reached=one.reached, sending=one.sending,
                beside=int(one.beside), lease=one.lease, leased=one.leased, challenge=one.challenge,
            )  # fmt: skip


def settle(tx: Tx, settled: Iterable[tuple[Subscription, str]]) -> None:
    """Store what came of messages, each by the lease that it was sent under, unless somebody else has it by now.

    What has expired with it goes.
    """
    with tx.together():
        for one, held in settled:
            if not one.expires:
                tx.add(_DROP_HELD, mailbox=one.mailbox, id=one.id, held=held)
                continue
            tx.add(
                _SETTLE, mailbox=one.mailbox, id=one.id, held=held, reached=one.reached, sending=one.sending,
                due=one.due, beside=int(one.beside), sent=one.sent, failures=one.failures, failing=one.failing,
                tried=one.tried, answered=one.answered,
            )  # fmt: skip


def free_all(tx: Tx) -> None:
    """End all leases: of a process that is gone."""
    tx.write(_FREE_ALL)


def _values(one: Subscription) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Subscription.__struct_fields__ if name != "terms"}
    return values | {"beside": int(one.beside)}


def _decode_row(row: Row) -> Subscription:
    (
        mailbox, id, dialect, holder, origin, expires, reached, sending, due, lease, leased, beside, sent,
        failures, failing, tried, answered, challenge, data,
    ) = row  # fmt: skip
    return Subscription(
        mailbox=mailbox, id=id, dialect=dialect, holder=holder, origin=origin, expires=expires,
        reached=reached, sending=sending, due=due, lease=lease, leased=leased, beside=Beside(beside), sent=sent,
        failures=failures, failing=failing, tried=tried, answered=answered, challenge=challenge,
        terms=_decode(data),
    )  # fmt: skip
