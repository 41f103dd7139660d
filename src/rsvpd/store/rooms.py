"""What each room does with an invitation, in the data file."""

from __future__ import annotations

import msgspec

from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.rooms import Settings
from rsvpd.store import changes
from rsvpd.store.changes import SETTINGS, ChangeKind
from rsvpd.store.tx import Tx

_decode = msgspec.json.Decoder(Settings).decode
_encode = msgspec.json.Encoder().encode

_READ = "SELECT settings FROM room WHERE mailbox = :mailbox"
_ADDRESSES = "SELECT fold FROM person WHERE kind = :kind"
_WRITE = (
    "INSERT INTO room (mailbox, settings) VALUES (:mailbox, :settings)"
    " ON CONFLICT (mailbox) DO UPDATE SET settings = excluded.settings"
)


def settings(tx: Tx, mailbox: int) -> Settings:
    """Return the settings of a room, the defaults where nobody chose any."""
    row = tx.row(_READ, mailbox=mailbox)
    return _decode(row[0]) if row else Settings()


def addresses(tx: Tx) -> frozenset[str]:
    """Return the case-folded addresses of all rooms."""
    return frozenset(row[0] for row in tx.rows(_ADDRESSES, kind=int(PersonKind.ROOM)))


def keep(tx: Tx, mailbox: int, chosen: Settings) -> None:
    """Write the settings of a room."""
    tx.write(_WRITE, mailbox=mailbox, settings=_encode(chosen).decode())
    changes.record_change(tx, mailbox, SETTINGS, ChangeKind.SETTINGS_CHANGED)
