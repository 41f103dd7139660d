"""People who answer by themselves, and what of it is still to come (scheduling/persona.py)."""

from __future__ import annotations

import json
from collections.abc import Collection

import msgspec
from msgspec import Struct

from rsvpd.calendar.event import MeetingKey
from rsvpd.clock import Instant
from rsvpd.scheduling.persona import Persona
from rsvpd.store.tx import Tx

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Persona).decode

_ONE = "SELECT data FROM persona WHERE mailbox = :mailbox"
_OF = "SELECT mailbox, data FROM json_each(:mailboxes) AS one CROSS JOIN persona WHERE mailbox = one.value"
_KEEP = (
    "INSERT INTO persona (mailbox, data) VALUES (:mailbox, :data)"
    " ON CONFLICT (mailbox) DO UPDATE SET data = excluded.data"
)
_DROP = ("DELETE FROM persona WHERE mailbox = :mailbox", "DELETE FROM persona_due WHERE mailbox = :mailbox")
_WAIT = (
    "INSERT INTO persona_due (mailbox, uid, organizer, recurrence_id, due_us)"
    " VALUES (:mailbox, :uid, :organizer, :recurrence_id, :due)"
    " ON CONFLICT (mailbox, uid, organizer, recurrence_id) DO UPDATE SET due_us = excluded.due_us"
)
_DUE = (
    "SELECT mailbox, uid, organizer, recurrence_id, due_us FROM persona_due WHERE due_us <= :now"
    " ORDER BY due_us, mailbox, uid, organizer, recurrence_id LIMIT 1"
)
_OVER = (
    "DELETE FROM persona_due WHERE mailbox = :mailbox AND uid = :uid AND organizer = :organizer"
    " AND recurrence_id = :recurrence_id AND due_us = :due"
)
_NEXT = "SELECT min(due_us) FROM persona_due WHERE due_us > :after"
_WAITING = "SELECT count(*) FROM persona_due WHERE mailbox = :mailbox"


class PendingInvitation(Struct, frozen=True):
    """What somebody was asked, a meeting or one date of it, and when it is to be answered."""

    mailbox: int
    key: MeetingKey
    recurrence_id: str | None
    due: Instant


def one(tx: Tx, mailbox: int) -> Persona | None:
    """Return what somebody does by itself."""
    row = tx.row(_ONE, mailbox=mailbox)
    return _decode(row[0]) if row else None


def of(tx: Tx, mailboxes: Collection[int]) -> dict[int, Persona]:
    """Return those of these mailboxes whose owners answer by themselves."""
    return {int(mailbox): _decode(data) for mailbox, data in tx.rows(_OF, mailboxes=json.dumps(sorted(mailboxes)))}


def keep(tx: Tx, mailbox: int, persona: Persona) -> None:
    """Keep what somebody does."""
    tx.write(_KEEP, mailbox=mailbox, data=_encode(persona))


def drop(tx: Tx, mailbox: int) -> None:
    """Let somebody do nothing any more, of what was asked either."""
    for sql in _DROP:
        tx.write(sql, mailbox=mailbox)


def wait(tx: Tx, waiting: PendingInvitation) -> None:
    """Keep what is to be answered, in the place of what was asked before of the same; somebody is woken for it."""
    tx.write(_WAIT, **_invitation_parameters(waiting), due=waiting.due)
    tx.has_delivery = True


def due(tx: Tx, now: Instant) -> PendingInvitation | None:
    """Return what is to be answered first of what is due."""
    row = tx.row(_DUE, now=now)
    if row is None:
        return None
    mailbox, uid, organizer, recurrence_id, due = row
    return PendingInvitation(mailbox, MeetingKey(uid, organizer), recurrence_id or None, due)


def finish(tx: Tx, waiting: PendingInvitation) -> bool:
    """Forget what is answered; return whether it was still waiting: of several processes one is told True."""
    return tx.run(_OVER, **_invitation_parameters(waiting), due=waiting.due) == 1


def next_due(tx: Tx, after: Instant) -> Instant | None:
    """Return when the next of what is due after an instant is to be answered."""
    row = tx.row(_NEXT, after=after)
    return row[0] if row else None


def count(tx: Tx, mailbox: int) -> int:
    """Return how much somebody has still to answer."""
    row = tx.row(_WAITING, mailbox=mailbox)
    return int(row[0]) if row else 0


def _invitation_parameters(waiting: PendingInvitation) -> dict[str, int | str]:
    return {
        "mailbox": waiting.mailbox, "uid": waiting.key.uid, "organizer": waiting.key.organizer,
        "recurrence_id": waiting.recurrence_id or "",
    }  # fmt: skip
