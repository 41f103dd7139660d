"""What a token has to carry for a call: the scopes that the published description of the API names, by method.

Most open every calendar that is open to the person; the others only some (developers.google.com/calendar/api/auth):

    OWNED      the person's own calendars alone
    CREATED    of these only what the same application made
    TIMES      when events are, and nothing else of them
    NOT_HERE   calendars that are public: there are none here
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from msgspec import Struct

from rsvpd.identity.tokens import ALL_SCOPES

PREFIX = "https://www.googleapis.com/auth/"


class Reach(enum.Enum):
    """What a scope opens of the calendars that are open to a person."""

    WHOLE = "whole"
    OWNED = "owned"
    CREATED = "created"
    TIMES = "times"
    NOT_HERE = "not here"


_NARROW = {
    "calendar.acls": Reach.OWNED,
    "calendar.acls.readonly": Reach.OWNED,
    "calendar.app.created": Reach.CREATED,
    "calendar.events.freebusy": Reach.TIMES,
    "calendar.events.owned": Reach.OWNED,
    "calendar.events.owned.readonly": Reach.OWNED,
    "calendar.events.public.readonly": Reach.NOT_HERE,
}


class Needs(Struct, frozen=True):
    """The scopes of one method, the least first, and these by what they open; a token that may all has no limit."""

    names: tuple[str, ...]
    whole: frozenset[str]
    owned: frozenset[str]
    created: frozenset[str]
    times: frozenset[str]


def any_of(*short: str, flat: Iterable[str] = ()) -> Needs:
    """Return the scopes with these names; those in `flat` open here all that the method has."""

    def names_of(reach: Reach) -> frozenset[str]:
        return frozenset(PREFIX + one for one in short if reach_of(one) is reach)

    def reach_of(one: str) -> Reach:
        return Reach.WHOLE if one in flat else _NARROW.get(one, Reach.WHOLE)

    names = tuple(PREFIX + one for one in short)
    whole = names_of(Reach.WHOLE) | {ALL_SCOPES}
    return Needs(names, whole, names_of(Reach.OWNED), names_of(Reach.CREATED), names_of(Reach.TIMES))


_CHANGE = ("calendar.events", "calendar.events.owned", "calendar")
_LIST_CHANGE = ("calendar.calendarlist", "calendar")
_LIST_READ = ("calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar")
_EVENTS_READ = (
    "calendar.events.readonly", "calendar.events", "calendar.readonly", "calendar", "calendar.events.owned.readonly",
    "calendar.events.owned", "calendar.events.freebusy", "calendar.events.public.readonly",
)  # fmt: skip

CHANGE_RULES = any_of("calendar.acls", "calendar")
LIST_RULES = any_of("calendar.acls.readonly", "calendar.acls", "calendar")
READ_RULE = any_of("calendar.acls.readonly", "calendar.acls", "calendar.readonly", "calendar")
READ_LIST = any_of(*_LIST_READ)
READ_ENTRY = any_of(*_LIST_READ, "calendar.app.created")
ADD_ENTRY = any_of(*_LIST_CHANGE)
CHANGE_ENTRY = any_of(*_LIST_CHANGE, "calendar.app.created")
READ_CALENDAR = any_of(
    "calendar.calendars.readonly", "calendar.calendars", "calendar.readonly", "calendar", "calendar.app.created"
)
CHANGE_CALENDAR = any_of("calendar.calendars", "calendar", "calendar.app.created")
CLEAR_CALENDAR = any_of("calendar.calendars", "calendar")
READ_SETTINGS = any_of("calendar.settings.readonly", "calendar.settings", "calendar.readonly", "calendar")
READ_EVENTS = any_of(*_EVENTS_READ, "calendar.app.created")
CHANGE_EVENTS = any_of(*_CHANGE, "calendar.app.created")
MOVE_EVENTS = any_of(*_CHANGE)
ASK_FREE_BUSY = any_of(
    "calendar.freebusy", "calendar.events.freebusy", "calendar.readonly", "calendar",
    flat=("calendar.events.freebusy",),
)  # fmt: skip
READ_COLORS = any_of(
    "calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.readonly", "calendar",
    "calendar.app.created", "calendar.events.freebusy", "calendar.events.owned", "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
)  # fmt: skip
STOP_CHANNEL = any_of(
    "calendar.settings.readonly", "calendar.settings", "calendar.acls.readonly", "calendar.acls", *_EVENTS_READ,
    "calendar.calendarlist.readonly", "calendar.calendarlist", "calendar.app.created",
)  # fmt: skip
