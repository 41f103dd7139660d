"""The calendars of a mailbox as values: what is kept of each, and how it stands in somebody's list of calendars."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from rsvpd.calendar.event import State

# The calendar that every mailbox has, where invitations arrive.
DEFAULT_CALENDAR = 1
# Groups of calendars that every mailbox has: of its own, and of those that others share.
MY_CALENDARS, OTHER_CALENDARS = 1, 2
# What second calendars are called by Google, and whoever subscribes to one.
ADDRESS_DOMAIN = "@group.calendar.google.com"
NO_COLOR = "auto"
NO_PROVIDER = "unknown"

_STATES = 4  # one more than the highest State


class Label(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What events of a calendar may be marked with: a color as #0088aa, and perhaps a name. Stored.

    A new one that somebody writes has no id yet.
    """

    id: str
    color: str
    name: str = ""


class Properties(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a calendar. Stored.

    A default calendar without a `name` is called what each service calls it; without a `zone` it has its owner's.
    `color` is Graph's word, and so are the `providers` of online meetings and `provider`, the default one.
    `maker` is the application that made it. `labels` are None where it has those that every calendar begins with.
    `has_meet`: online meetings of Google's can be made in it.
    """

    name: str = ""
    color: str = NO_COLOR
    zone: str = ""
    description: str = ""
    location: str = ""
    provider: str = NO_PROVIDER
    providers: tuple[str, ...] = ()
    maker: str = ""
    labels: tuple[Label, ...] | None = None
    has_meet: bool = True


class PropertiesDraft(Struct, frozen=True, kw_only=True):
    """What somebody writes of a calendar; members that are not written are UNSET."""

    name: str | UnsetType = UNSET
    color: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    location: str | UnsetType = UNSET
    provider: str | UnsetType = UNSET
    labels: tuple[Label, ...] | UnsetType = UNSET


class Entry(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """How a calendar stands in somebody's list of calendars, as that person chose. Stored.

    Colors are Google's: the number of one of its palette, and what is seen. `reminders` are those that events have by
    default there, as (method, minutes); None for what is usual. `notifications` are kinds of mail that is asked for.
    """

    is_listed: bool = True
    is_hidden: bool = False
    is_selected: bool = True
    summary: str = ""
    color_id: str = ""
    background: str = ""
    foreground: str = ""
    reminders: tuple[tuple[str, int], ...] | None = None
    notifications: tuple[str, ...] | None = None


class EntryDraft(Struct, frozen=True, kw_only=True):
    """What somebody writes of an entry; members that are not written are UNSET."""

    is_hidden: bool | UnsetType = UNSET
    is_selected: bool | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    color_id: str | UnsetType = UNSET
    background: str | UnsetType = UNSET
    foreground: str | UnsetType = UNSET
    reminders: tuple[tuple[str, int], ...] | UnsetType | None = UNSET
    notifications: tuple[str, ...] | UnsetType | None = UNSET


def place_of(calendar: int, state: State) -> int:
    """Return what the change feed calls the place of an event: in the default calendar it is the state alone."""
    return (calendar - DEFAULT_CALENDAR) * _STATES + state


def calendar_and_state(place: int) -> tuple[int, State]:
    """Return the calendar and the state that `place_of` made a place of."""
    calendar, state = divmod(place, _STATES)
    return calendar + DEFAULT_CALENDAR, State(state)
