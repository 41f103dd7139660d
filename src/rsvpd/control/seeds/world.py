"""What a seed comes to: who there is, and what happened, each at its instant. Files and the company make these values.

People are named by whole addresses here. `line` is where it stands in the file, 0 where there is none.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.calendars import PropertiesDraft
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Answer
from rsvpd.calendar.permission import CalendarRole
from rsvpd.clock import Instant
from rsvpd.control.people import NewPerson
from rsvpd.control.rooms import PolicyChange
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.message import TimeSlot
from rsvpd.mail.settings import RepliesDraft, SettingsDraft


class Newcomer(Struct, frozen=True, kw_only=True):
    """Somebody, or a room, that is to get a mailbox; `policy` is a room's."""

    new: NewPerson
    settings: SettingsDraft | None = None
    policy: PolicyChange | None = None
    line: int = 0


class Share(Struct, frozen=True, kw_only=True):
    """What somebody may do with a calendar of `owner`, the default one where it has no name; None is everybody here."""

    owner: str
    calendar: str = ""
    who: str | None
    role: CalendarRole
    line: int = 0


class NewCalendar(Struct, frozen=True, kw_only=True):
    """A second calendar of somebody's; the `group` is made where there is none of that name."""

    owner: str
    draft: PropertiesDraft
    group: str = ""
    line: int = 0


class Happening(Struct, frozen=True, kw_only=True):
    """What happened at an instant."""

    at: Instant
    line: int = 0


class Invitation(Happening, frozen=True, kw_only=True):
    """Somebody makes a meeting or an appointment, which others call by its number in the seed."""

    number: int
    organizer: str
    draft: EventDraft
    calendar: str = ""


class Reply(Happening, frozen=True, kw_only=True):
    """Somebody answers a meeting, or one date of it (the name of that as in EventRef)."""

    number: int
    who: str
    answer: Answer
    comment: str | None = None
    is_sent: bool = True
    proposal: TimeSlot | None = None
    date: str | None = None


class Change(Happening, frozen=True, kw_only=True):
    """The organizer changes a meeting, or one date of it."""

    number: int
    draft: EventDraft
    date: str | None = None


class Cancellation(Happening, frozen=True, kw_only=True):
    """The organizer calls a meeting off, or one date of it."""

    number: int
    comment: str = ""
    date: str | None = None


class Mail(Happening, frozen=True, kw_only=True):
    """Somebody sends a message, or leaves it among the drafts."""

    sender: str
    draft: MessageDraft
    is_sent: bool = True


class Absence(Happening, frozen=True, kw_only=True):
    """Somebody sets automatic replies."""

    who: str
    replies: RepliesDraft


class World(Struct, frozen=True, kw_only=True):
    """All of a seed. `entropy` is what the ids in it are made of, nothing where they are made by chance."""

    people: tuple[Newcomer, ...] = ()
    calendars: tuple[NewCalendar, ...] = ()
    shares: tuple[Share, ...] = ()
    happenings: tuple[Happening, ...] = ()
    entropy: bytes = b""
