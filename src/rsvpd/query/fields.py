"""What can be asked about events and messages: each field's name, kind and value.

The names are those of the query algebra, not of any dialect; a dialect's tables bind wire
names to them. Some fields also stand in columns of the data file (`store/compile.py`); the
value here and the value there are the same.

All-day times count from midnight UTC: only a window (`InWindow` given to a command) knows
the reader's zone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import AllDay, Event, EventKind, Status, When
from rsvpd.calendar.series import span
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attachment import Presence, presence
from rsvpd.mail.content import Importance, as_text
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Value
from rsvpd.timezones.zone import to_instant, windows_name


class Kind(enum.Enum):
    """What a field's values are, and so how they compare."""

    TEXT = "text"  # words for people; case does not count
    ID = "id"  # an identifier; case counts
    WORD = "word"  # the value of one of the model's enums
    INSTANT = "instant"  # microseconds since the epoch
    NUMBER = "number"
    BOOL = "bool"
    TEXTS = "texts"  # a list of texts; only `Has` asks about it
    EXTENDED = "extended"  # what programs hung on the item; only `HasExtended` asks about it


# What programs hung on an item, by form and name: the values of it.
ExtendedValues = Mapping[tuple[str, str], tuple[str, ...]]
Got = Value | tuple[str, ...] | ExtendedValues


class Field(Struct, frozen=True):
    """One thing to ask about. `rank` lists the words of a WORD field in the order they sort in."""

    name: str
    kind: Kind
    get: Callable[[Any], Got]
    rank: tuple[str, ...] = ()


Fields = Mapping[str, Field]

_IMPORTANCE = tuple(word.value for word in (Importance.LOW, Importance.NORMAL, Importance.HIGH))


def _table(*fields: Field) -> Fields:
    return {field.name: field for field in fields}


def _response(view: EventView) -> str:
    return "organizer" if view.meeting.is_organizer else view.event.answer.value


def _bounds(view: EventView) -> tuple[Instant, Instant | None]:
    """Return when a view begins and ends: a whole series from its first occurrence to its last."""
    if view.kind is EventKind.MASTER:
        return span(view.meeting)
    return to_instant(view.event.start), to_instant(view.event.end)


def _zone_name(when: When) -> str:
    return "UTC" if isinstance(when, AllDay) else windows_name(when.zone)


def _attendees_text(event: Event) -> str:
    return "\n".join(f"{one.name} {one.address}" for one in event.attendees)


# What each regular occurrence of a series has of its own; in all else it is like the others.
STARTS, ENDS = ("start", "first"), ("end", "last")
TIMES = frozenset((*STARTS, *ENDS))

EVENT_FIELDS: Fields = _table(
    Field("subject", Kind.TEXT, lambda view: view.event.subject),
    Field("body", Kind.TEXT, lambda view: as_text(view.event.body)),
    Field("uid", Kind.ID, lambda view: view.meeting.uid),
    Field("start", Kind.INSTANT, lambda view: to_instant(view.event.start)),
    Field("end", Kind.INSTANT, lambda view: to_instant(view.event.end)),
    Field("first", Kind.INSTANT, lambda view: _bounds(view)[0]),
    Field("last", Kind.INSTANT, lambda view: _bounds(view)[1]),
    Field("created", Kind.INSTANT, lambda view: view.meeting.created),
    Field("modified", Kind.INSTANT, lambda view: view.meeting.modified),
    Field("is_all_day", Kind.BOOL, lambda view: isinstance(view.event.start, AllDay)),
    Field("is_cancelled", Kind.BOOL, lambda view: view.event.status is Status.CANCELLED),
    Field("is_organizer", Kind.BOOL, lambda view: view.meeting.is_organizer),
    Field("kind", Kind.WORD, lambda view: view.kind.value),
    Field("show_as", Kind.WORD, lambda view: view.event.show_as.value),
    Field("sensitivity", Kind.WORD, lambda view: view.event.sensitivity.value),
    Field("importance", Kind.WORD, lambda view: view.event.importance.value, _IMPORTANCE),
    Field("response", Kind.WORD, _response),
    Field("response_requested", Kind.BOOL, lambda view: view.event.response_requested),
    Field("organizer", Kind.TEXT, lambda view: fold(view.meeting.organizer.address)),
    Field("organizer_name", Kind.TEXT, lambda view: view.meeting.organizer.name),
    Field("has_attachments", Kind.BOOL, lambda view: presence(view.event.attachments) is Presence.ATTACHED),
    Field("categories", Kind.TEXTS, lambda view: view.event.categories),
    Field("reminder_on", Kind.BOOL, lambda view: view.event.reminder_on),
    Field("reminder_minutes", Kind.NUMBER, lambda view: view.event.reminder_minutes),
    Field("location", Kind.TEXT, lambda view: "; ".join(place.name for place in view.event.locations)),
    Field("attendees_text", Kind.TEXT, lambda view: _attendees_text(view.event)),
    Field("series", Kind.ID, lambda view: view.master_id),
    Field("transaction", Kind.ID, lambda view: view.meeting.transaction_id),
    Field("allows_proposals", Kind.BOOL, lambda view: view.event.allow_proposals),
    Field("hides_attendees", Kind.BOOL, lambda view: view.event.hide_attendees),
    Field("original_start_zone", Kind.TEXT, lambda view: _zone_name(view.meeting.event.start)),
    Field("original_end_zone", Kind.TEXT, lambda view: _zone_name(view.meeting.event.end)),
    Field("extended", Kind.EXTENDED, lambda view: view.extended),
)


def _importance(view: MessageView) -> str:
    return (view.message.importance or view.message.letter.importance).value


def _addresses(mailboxes: tuple[Mailbox, ...]) -> tuple[str, ...]:
    return tuple(fold(one.address) for one in mailboxes)


def _names(mailboxes: tuple[Mailbox, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in mailboxes)


def _people(*mailboxes: Mailbox) -> tuple[str, ...]:
    return tuple(f"{one.name} {one.address}" for one in mailboxes)


def _size(view: MessageView) -> int:
    """Return the bytes of what is kept of a letter: its words, and the names and addresses in its head."""
    letter = view.message.letter
    everybody = _people(letter.from_, *letter.to, *letter.cc, *letter.bcc)
    return sum(len(text.encode("utf-8", "replace")) for text in (letter.subject, letter.body.text, *everybody))


MESSAGE_FIELDS: Fields = _table(
    Field("subject", Kind.TEXT, lambda view: view.message.letter.subject),
    Field("body", Kind.TEXT, lambda view: as_text(view.message.letter.body)),
    Field("received", Kind.INSTANT, lambda view: view.message.received),
    Field("sent", Kind.INSTANT, lambda view: view.message.letter.sent),
    Field("created", Kind.INSTANT, lambda view: view.message.created),
    Field("modified", Kind.INSTANT, lambda view: view.message.modified),
    Field("is_read", Kind.BOOL, lambda view: view.message.is_read),
    Field("is_draft", Kind.BOOL, lambda view: view.message.is_draft),
    Field("importance", Kind.WORD, _importance, _IMPORTANCE),
    Field("from", Kind.TEXT, lambda view: fold(view.message.letter.from_.address)),
    Field("from_name", Kind.TEXT, lambda view: view.message.letter.from_.name),
    Field("sender", Kind.TEXT, lambda view: fold(view.message.letter.sender.address)),
    Field("sender_name", Kind.TEXT, lambda view: view.message.letter.sender.name),
    Field("conversation", Kind.ID, lambda view: view.message.letter.conversation),
    Field("internet_message_id", Kind.TEXT, lambda view: view.message.letter.internet_message_id),
    Field("categories", Kind.TEXTS, lambda view: view.message.categories),
    Field("has_attachments", Kind.BOOL, lambda view: presence(view.message.letter.attachments) is Presence.ATTACHED),
    Field("flag", Kind.WORD, lambda view: view.message.flag.status.value),
    Field("inference", Kind.WORD, lambda view: view.message.inference.name.lower()),
    Field("meeting", Kind.WORD, lambda view: view.kind.name.lower()),
    Field("to", Kind.TEXTS, lambda view: _addresses(view.message.letter.to)),
    Field("cc", Kind.TEXTS, lambda view: _addresses(view.message.letter.cc)),
    Field("bcc", Kind.TEXTS, lambda view: _addresses(view.message.letter.bcc)),
    Field("attachment_names", Kind.TEXTS, lambda view: tuple(one.name for one in view.message.letter.attachments)),
    Field("to_names", Kind.TEXTS, lambda view: _names(view.message.letter.to)),
    Field("cc_names", Kind.TEXTS, lambda view: _names(view.message.letter.cc)),
    Field("bcc_names", Kind.TEXTS, lambda view: _names(view.message.letter.bcc)),
    Field("from_people", Kind.TEXTS, lambda view: _people(view.message.letter.from_)),
    Field("to_people", Kind.TEXTS, lambda view: _people(*view.message.letter.to)),
    Field("cc_people", Kind.TEXTS, lambda view: _people(*view.message.letter.cc)),
    Field("bcc_people", Kind.TEXTS, lambda view: _people(*view.message.letter.bcc)),
    Field("size", Kind.NUMBER, _size),
    Field("extended", Kind.EXTENDED, lambda view: view.extended),
)

# Folders are few: what is asked of them is evaluated in Python only, counts where it is about these.
COUNTS = frozenset(("total", "unread"))
FOLDER_FIELDS: Fields = _table(
    Field("name", Kind.TEXT, lambda view: view.folder.name),
    Field("is_hidden", Kind.BOOL, lambda view: view.folder.is_hidden),
    Field("total", Kind.NUMBER, lambda view: view.total),
    Field("unread", Kind.NUMBER, lambda view: view.unread),
    Field("children", Kind.NUMBER, lambda view: view.children),
    Field("extended", Kind.EXTENDED, lambda view: view.extended),
)
