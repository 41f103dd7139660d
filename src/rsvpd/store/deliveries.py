"""Deliveries that are under way (see commands/deliver.py), kept until every guest has his part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from rsvpd.calendar.revision import Revision
from rsvpd.mail.message import Letter
from rsvpd.scheduling.effects import KeepDelivery
from rsvpd.store import messages, revisions
from rsvpd.store.tx import Tx

_KEEP = (
    "INSERT INTO delivery (mailbox, uid, done, letters, revision, data)"
    " VALUES (:mailbox, :uid, :done, :letters, :revision, :data)"
)
_UNDER_WAY = "SELECT 1 FROM delivery WHERE mailbox = :mailbox AND uid = :uid LIMIT 1"
# Of each meeting the first alone: while another process has it, what comes after it in the same meeting waits.
_OLDEST = (
    "SELECT number, done, letters, revision FROM delivery AS one WHERE NOT EXISTS (SELECT 1 FROM delivery AS earlier"
    " WHERE earlier.number < one.number AND earlier.mailbox = one.mailbox AND earlier.uid = one.uid)"
    " ORDER BY number LIMIT 1"
)
_DATA = "SELECT data FROM delivery WHERE number = :number"
_ADVANCE = "UPDATE delivery SET done = :done WHERE number = :number"
_OVER = "DELETE FROM delivery WHERE number = :number"
_WAITING = "SELECT count(*) FROM delivery"

_numbers_to = msgspec.json.Encoder().encode
_numbers_from = msgspec.json.Decoder(tuple[int, int]).decode


class StoredDelivery(Struct, frozen=True):
    """A delivery under way: its first `done` guests have it; `letters` are stored under these numbers."""

    number: int
    done: int
    letters: tuple[int, int]
    revision: Revision
    part: Any


def keep(tx: Tx, effect: KeepDelivery, number_of: Callable[[Letter], int]) -> None:
    """Keep a delivery for `deliver_next`; somebody is woken for it after the commit."""
    letters = tuple(number_of(one) for one in effect.letters)
    numbers = _numbers_to(letters).decode()
    tx.write(
        _KEEP,
        mailbox=effect.mailbox,
        uid=effect.uid,
        done=effect.done,
        letters=numbers,
        revision=revisions.number_of(tx, effect.revision),
        data=effect.data,
    )
    tx.has_delivery = True


def is_under_way(tx: Tx, mailbox: int, uid: str) -> bool:
    """Return whether a delivery of this meeting has guests left."""
    return tx.row(_UNDER_WAY, mailbox=mailbox, uid=uid) is not None


def oldest(tx: Tx, decode: Callable[[bytes], Any]) -> StoredDelivery | None:
    """Return the delivery that began first, of those that no other process carries out and that wait for none which
    another does. A large one is decoded once for all its slices.
    """
    row = tx.row(_OLDEST + tx.to_claim)
    if row is None:
        return None
    number, done, letters, revision = row
    found = tx.directory.delivery
    if found is None or found[0] != number:
        data = tx.row(_DATA, number=number)
        assert data is not None
        found = tx.delivery = (number, decode(data[0]))
    return StoredDelivery(number, done, _numbers_from(letters), revisions.by_number(tx, revision), found[1])


def advance(tx: Tx, kept: StoredDelivery, done: int, *, is_over: bool) -> None:
    """Note that the first `done` guests have it, or that all have."""
    if is_over:
        tx.write(_OVER, number=kept.number)
        revisions.drop_unheld(tx, revisions.number_of(tx, kept.revision))
        if any(one.attachments for one in (kept.revision.event, *kept.revision.exceptions.values())):
            messages.drop_unheld(tx, kept.letters)
    else:
        tx.write(_ADVANCE, number=kept.number, done=done)


def count_deliveries(tx: Tx) -> int:
    """Return how many deliveries are under way."""
    row = tx.row(_WAITING)
    return int(row[0]) if row else 0
