"""What all mailboxes know of one meeting, for the administrator of the server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from rsvpd.calendar.copy import Responses
from rsvpd.commands.door import reads
from rsvpd.errors import DomainError, ItemNotFound
from rsvpd.mail.person import Person
from rsvpd.store import people, responses
from rsvpd.store import story as rows
from rsvpd.store.events import CopyRow
from rsvpd.store.messages import MessageRow
from rsvpd.store.story import CopyChange
from rsvpd.store.tx import Tx

MOST_COPIES, MOST_LETTERS, MOST_CHANGES = 500, 100, 100
_MOST_NAMES = 6


class CopyStory(Struct, frozen=True):
    """One copy: whose it is, what stands in it, who answered it, its newest messages and changes."""

    owner: Person
    row: CopyRow
    responses: Responses
    letters: list[MessageRow]
    changes: list[CopyChange]


class Names(Struct, frozen=True):
    """What may name a meeting: items of mailboxes (events, messages), and UIDs."""

    items: tuple[tuple[int, int], ...] = ()
    uids: tuple[str, ...] = ()


@reads
def meetings_named(tx: Tx, names: Sequence[Names]) -> list[str]:
    """Return for each the UID of the first meeting of this server that it names, empty where it names none."""
    return [next(filter(None, _uids_of(tx, one)), "") for one in names]


def _uids_of(tx: Tx, names: Names) -> Iterable[str]:
    yield from (rows.uid_of(tx, mailbox, item) for mailbox, item in names.items)
    yield from (uid for uid in names.uids if any(True for _ in rows.copies(tx, uid, most=1)))


@reads
def story(tx: Tx, meeting: str) -> list[CopyStory]:
    """Return the copies of a meeting, which its UID names or its subject, the organizer's first.

    Raises ItemNotFound, or DomainError where several have the subject.
    """
    found = [_story(tx, mailbox, row) for mailbox, row in rows.copies(tx, _uid(tx, meeting), most=MOST_COPIES)]
    if not found:
        raise ItemNotFound(f"There is no meeting with the UID or the whole subject {meeting!r:.120}.")
    return sorted(found, key=lambda one: (not one.row.copy.is_organizer, one.owner.number))


def _uid(tx: Tx, meeting: str) -> str:
    for uid in uids_meant(meeting):
        if any(True for _ in rows.copies(tx, uid, most=1)):
            return uid
    known = rows.uids_of(tx, meeting, most=_MOST_NAMES)
    if len(known) > 1:
        named = ", ".join(known[: _MOST_NAMES - 1])
        raise DomainError(f"Several meetings are called {meeting!r:.80}; name one by its UID: {named}.")
    return known[0] if known else meeting


def uids_meant(name: str) -> tuple[str, ...]:
    """Return which UIDs somebody may mean by one: of a date Graph says that of the series, an underscore, and when."""
    return tuple(filter(None, (name, name.rpartition("_")[0])))


def _story(tx: Tx, mailbox: int, row: CopyRow) -> CopyStory:
    owner = people.by_number(tx, mailbox)
    assert owner is not None
    return CopyStory(
        owner, row, responses.of(tx, mailbox, row.item) if row.has_responses else {},
        list(rows.letters(tx, mailbox, row.item, most=MOST_LETTERS)),
        rows.changes_of(tx, mailbox, row.item, most=MOST_CHANGES),
    )  # fmt: skip
