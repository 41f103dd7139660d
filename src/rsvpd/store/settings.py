"""What the owners of mailboxes set, and whom their automatic replies have answered, in the data file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import msgspec

from rsvpd.clock import Instant
from rsvpd.mail.settings import DEFAULTS, AutomaticReplies, Settings
from rsvpd.scheduling.effects import NoteAnswered
from rsvpd.store import changes
from rsvpd.store.changes import SETTINGS, ChangeKind
from rsvpd.store.tx import Tx

_decode = msgspec.json.Decoder(Settings).decode
_encode = msgspec.json.Encoder().encode

_READ = "SELECT settings FROM mailbox_settings WHERE mailbox = :mailbox"
_WRITE = (
    "INSERT INTO mailbox_settings (mailbox, replies_from_us, replies_until_us, settings)"
    " VALUES (:mailbox, :first, :last, :settings)"
    " ON CONFLICT (mailbox) DO UPDATE SET replies_from_us = excluded.replies_from_us,"
    " replies_until_us = excluded.replies_until_us, settings = excluded.settings"
)
_REPLYING = (
    "SELECT mailbox, settings FROM json_each(:mailboxes) AS one CROSS JOIN mailbox_settings"
    " WHERE mailbox = one.value AND replies_from_us <= :now AND :now < replies_until_us"
)
_BOUNDED = (
    "SELECT mailbox, replies_from_us, replies_until_us FROM mailbox_settings"
    " WHERE replies_from_us > :after AND replies_from_us <= :until"
    " OR replies_until_us > :after AND replies_until_us <= :until ORDER BY mailbox"
)
_ANSWERED = "SELECT 1 FROM answered_sender WHERE mailbox = :mailbox AND fold = :fold"
_NOTE = (
    "INSERT INTO answered_sender (mailbox, fold, answered_us) VALUES (:mailbox, :fold, :now)"
    " ON CONFLICT (mailbox, fold) DO NOTHING"
)
_FORGET = "DELETE FROM answered_sender WHERE mailbox = :mailbox"


def of(tx: Tx, mailbox: int) -> Settings:
    """Return the settings of a mailbox, the defaults where nobody chose any."""
    row = tx.row(_READ, mailbox=mailbox)
    return _decode(row[0]) if row else DEFAULTS


def keep(tx: Tx, mailbox: int, settings: Settings, *, before: Settings) -> None:
    """Write the settings of a mailbox; where replies begin anew, everybody is answered again."""
    span = settings.replies.span
    first, last = span if span is not None else (None, None)
    tx.write(_WRITE, mailbox=mailbox, first=first, last=last, settings=_encode(settings).decode())
    if span != before.replies.span:
        tx.write(_FORGET, mailbox=mailbox)
    changes.record_change(tx, mailbox, SETTINGS, ChangeKind.SETTINGS_CHANGED)


def active_replies(tx: Tx, mailboxes: Collection[int], now: Instant) -> dict[int, AutomaticReplies]:
    """Return the automatic replies of those of these mailboxes that answer now."""
    rows = tx.rows(_REPLYING, mailboxes=json.dumps(sorted(mailboxes)), now=now)
    return {int(mailbox): _decode(settings).replies for mailbox, settings in rows}


def reply_bounds(tx: Tx, after: Instant, until: Instant) -> list[tuple[int, Instant, Instant]]:
    """Return the mailboxes whose replies begin or end after an instant and until another, and when both is."""
    rows = tx.rows(_BOUNDED, after=after, until=until)
    return [(int(mailbox), int(first), int(last)) for mailbox, first, last in rows]


def answered_senders(tx: Tx, mailbox: int, senders: Iterable[str]) -> frozenset[str]:
    """Return which of these senders (case-folded addresses) a mailbox has answered; mostly there is one."""
    return frozenset(one for one in senders if tx.row(_ANSWERED, mailbox=mailbox, fold=one) is not None)


def note_answered(tx: Tx, effect: NoteAnswered) -> None:
    """Keep that a mailbox has answered a sender."""
    tx.add(_NOTE, mailbox=effect.mailbox, fold=effect.sender, now=effect.now)
