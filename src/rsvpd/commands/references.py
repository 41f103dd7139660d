"""How a request names what it is about, and what a dialect's verbs mean.

What differs between dialects is said here as values, so that a command never asks which one
is speaking.
"""

from __future__ import annotations

import enum

from msgspec import Struct

from rsvpd.calendar.event import MeetingKey
from rsvpd.clock import Instant
from rsvpd.ids import ItemId
from rsvpd.mail.person import Person


class EventRef(Struct, frozen=True, kw_only=True):
    """An event: by opaque id (of an event or an occurrence), or by iCalendar UID.

    Where several organizers use one UID in a mailbox, it alone means the one that was there first; `organizer`
    (a folded address) means one of the others.
    `original` picks an occurrence of the series `uid` by its original start: `20261208T090000Z` in UTC, or
    `20261208` for an all-day series.
    """

    item: ItemId | None = None
    uid: str | None = None
    organizer: str | None = None
    original: str | None = None


class Notify(enum.Enum):
    """Who gets a message about a change. Copies in mailboxes of this server are kept in step regardless.

    UNSTATED: nobody is notified, and an answer still leaves for an organizer outside, who learns of it in no other way.
    """

    ALL = "all"
    EXTERNAL = "external"
    UNSTATED = "unstated"
    NONE = "none"

    @property
    def reaches_outside(self) -> bool:
        """Return whether people outside get a message about a change."""
        return self in (Notify.ALL, Notify.EXTERNAL)


class InvitationStored(Struct, frozen=True, kw_only=True):
    """Somebody was asked for a meeting, or for one occurrence of it; the copy is put before an automatic answer."""

    person: Person
    key: MeetingKey
    recurrence_id: str | None
    notify: Notify
    now: Instant


class GuestPatch(enum.Enum):
    """What it means when a guest writes to a meeting.

    LOCAL: it changes the guest's own copy and tells nobody (Outlook). ANSWER: the guest's own entry in the
    attendee list is an answer, and shared properties are refused (Google).
    """

    LOCAL = "local"
    ANSWER = "answer"


class Crossing(enum.Enum):
    """Whether an occurrence may be moved over its neighbours: refused by the Outlook services, free in Google."""

    REFUSED = "refused"
    ALLOWED = "allowed"
