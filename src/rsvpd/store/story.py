"""What of a meeting is in all mailboxes: which copies, which messages about them, and what changed them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from rsvpd.store import events, messages
from rsvpd.store.changes import ChangeKind
from rsvpd.store.events import CopyRow
from rsvpd.store.messages import MessageRow
from rsvpd.store.tx import Tx

_UIDS = (
    "SELECT DISTINCT m.uid FROM event AS e JOIN meeting AS m ON m.number = e.meeting"
    " WHERE e.subject_fold = :subject ORDER BY m.uid LIMIT :most"
)
_COPIES = (
    "SELECT e.mailbox, e.item FROM meeting AS m JOIN event AS e ON e.meeting = m.number WHERE m.uid = :uid"
    " ORDER BY e.mailbox, e.item LIMIT :most"
)
_MESSAGES = "SELECT item FROM message WHERE mailbox = :mailbox AND event = :item ORDER BY item DESC LIMIT :most"
_CHANGES = (
    "SELECT number, kind FROM change WHERE mailbox = :mailbox AND item = :item AND kind IN (1, 2, 3, 11)"
    " ORDER BY number DESC LIMIT :most"
)
_MEETING_OF = (
    "SELECT m.uid FROM event AS e JOIN meeting AS m ON m.number = e.meeting"
    " WHERE e.mailbox = :mailbox AND e.item = :item"
)
_EVENT_OF = "SELECT event FROM message WHERE mailbox = :mailbox AND item = :item AND event IS NOT NULL"
_HAPPENED = {
    ChangeKind.EVENT_CREATED: "created", ChangeKind.EVENT_UPDATED: "updated", ChangeKind.EVENT_DELETED: "removed",
    ChangeKind.EVENT_MOVED: "moved",
}  # fmt: skip


class CopyChange(Struct, frozen=True):
    """A change of a copy in the change log of its mailbox, whose numbers have no times."""

    number: int
    happened: str


def uids_of(tx: Tx, subject: str, *, most: int) -> list[str]:
    """Return the UIDs of meetings with this subject, in whatever case, in any calendar."""
    return [uid for (uid,) in tx.rows(_UIDS, subject=subject.casefold(), most=most)]


def copies(tx: Tx, uid: str, *, most: int) -> Iterator[tuple[int, CopyRow]]:
    """Yield the copies of the meetings of a UID, each with the number of its mailbox."""
    for mailbox, item in tx.rows(_COPIES, uid=uid, most=most):
        row = events.copy_by_item(tx, mailbox, item)
        if row is not None:
            yield mailbox, row


def uid_of(tx: Tx, mailbox: int, item: int) -> str:
    """Return the UID of the meeting that an event or a message of a mailbox is about, empty where none is."""
    message = tx.row(_EVENT_OF, mailbox=mailbox, item=item)
    found = tx.row(_MEETING_OF, mailbox=mailbox, item=message[0] if message else item)
    return str(found[0]) if found else ""


def letters(tx: Tx, mailbox: int, item: int, *, most: int) -> Iterator[MessageRow]:
    """Yield the newest messages of a mailbox that are about a copy."""
    for (one,) in tx.rows(_MESSAGES, mailbox=mailbox, item=item, most=most):
        row = messages.by_item(tx, mailbox, one)
        if row is not None:
            yield row


def changes_of(tx: Tx, mailbox: int, item: int, *, most: int) -> list[CopyChange]:
    """Return the newest changes of a copy, as far as they are kept, the oldest first."""
    rows = tx.rows(_CHANGES, mailbox=mailbox, item=item, most=most)
    return [CopyChange(number, _HAPPENED[ChangeKind(kind)]) for number, kind in rows][::-1]
