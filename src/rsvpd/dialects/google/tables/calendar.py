"""The property tables of calendars and of entries of the calendar list.

Names, order and types are those of the published discovery document (a test compares them).
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView
from rsvpd.dialects.google.tables.conference import ALLOWED
from rsvpd.dialects.google.tables.labels import LABELS, is_color
from rsvpd.dialects.google.tables.palette import CALENDAR_COLORS, FOREGROUND, nearest, usual_color
from rsvpd.dialects.google.tables.reminders import default_reminders, read_reminders
from rsvpd.dialects.google.tables.roles import ROLES
from rsvpd.dialects.google.tables.working_hours import read_periods, write_hours
from rsvpd.dialects.google.vocabulary import codecs as c
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, entry_etag
from rsvpd.dialects.google.vocabulary.identifiers import calendar_id
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.mail.person import PersonKind
from rsvpd.timezones.zone import find_iana

LONGEST_TEXT = 8_192
_NOTIFICATIONS = ("eventCreation", "eventChange", "eventCancellation", "eventResponse", "agenda")


def summary(view: CalendarView, ctx: Context) -> str:
    """Return the title: a primary calendar that was never given one is called by its address."""
    return view.properties.name or calendar_id(view)


def is_primary(view: CalendarView) -> bool:
    """Return whether it is the primary calendar of who reads it."""
    return view.role is CalendarRole.OWNER and not view.address


def _is_automatic(view: CalendarView, ctx: Context) -> bool | None:
    return True if view.owner.kind is PersonKind.ROOM else None


def _data_owner(view: CalendarView, ctx: Context) -> str | None:
    return view.owner.address if view.address else None


def _read_line(value: Any, ctx: Context) -> str:
    text = c.read_text(value, ctx) or ""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} letters are possible")
    return text


def _read_zone(value: Any, ctx: Context) -> str:
    text = c.read_text(value, ctx)
    return find_iana(text) if text else ""


_LINE: Codec[Context] = Codec("string", lambda text, ctx: text or None, _read_line)
_SHOWN_LINE = c.read_only("string", lambda text, ctx: text or None)

CALENDAR: Shape[Context] = Shape(
    "Calendar",
    [
        Prop(name="kind", source="", codec=c.constant("calendar#calendar")),
        Prop(name="etag", source="", codec=c.read_only("string", lambda view, ctx: calendar_etag(view))),
        Prop(name="id", source="", codec=c.read_only("string", lambda view, ctx: calendar_id(view))),
        Prop(name="summary", source="", codec=Codec("string", summary, _read_line), access=Access.WRITE, field="name"),
        Prop(name="description", source="properties.description", codec=_LINE, access=Access.WRITE),
        Prop(name="location", source="properties.location", codec=_LINE, access=Access.WRITE),
        Prop(
            name="timeZone", source="zone", access=Access.WRITE,
            codec=Codec("string", lambda zone, ctx: zone, _read_zone),
        ),
        Prop(name="dataOwner", source="", codec=c.read_only("string", _data_owner)),
        Prop(name="autoAcceptInvitations", source="", codec=c.read_only("boolean", _is_automatic)),
        Prop(name="conferenceProperties", source="", codec=ALLOWED),
        Prop(name="labelProperties", source="", codec=LABELS, access=Access.WRITE, field="labels"),
        Prop(
            name="workingHours", source="hours", access=Access.WRITE, field="periods",
            codec=Codec("{workingHours}", write_hours, read_periods),
        ),
    ],
)  # fmt: skip


def access_role(view: CalendarView, ctx: Context) -> str:
    """Return what the reader may do with a calendar, in Google's word."""
    return ROLES[view.role]


def color_id(view: CalendarView, ctx: Context) -> str:
    """Return the color of the palette that a calendar has in the list, or that is nearest to what was chosen."""
    chosen = view.entry
    if chosen.color_id or not chosen.background:
        return chosen.color_id or usual_color(view.number)
    return nearest(chosen.background)


def _background(view: CalendarView, ctx: Context) -> str:
    return view.entry.background or CALENDAR_COLORS[color_id(view, ctx)]


def _only_true(value: bool, ctx: Context) -> bool | None:
    return True if value else None


def _notifications(view: CalendarView, ctx: Context) -> dict[str, Any] | None:
    chosen = view.entry.notifications
    if chosen is None:
        if not is_primary(view):
            return None
        chosen = _NOTIFICATIONS[:4]
    return {"notifications": [{"type": one, "method": "email"} for one in chosen]}


def _read_notifications(value: Any, ctx: Context) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = value.get("notifications") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("must be an object with a list of notifications")
    if any(one.get("type") not in _NOTIFICATIONS or one.get("method") != "email" for one in listed):
        raise ValueError(f"each needs a type, one of {', '.join(_NOTIFICATIONS)}, and the method email")
    return tuple(dict.fromkeys(one["type"] for one in listed))


def _read_color_id(value: Any, ctx: Context) -> str:
    text = c.read_text(value, ctx) or ""
    if text and text not in CALENDAR_COLORS:
        raise ValueError("must be the id of a calendar's color")
    return text


def _read_color(value: Any, ctx: Context) -> str:
    text = (c.read_text(value, ctx) or "").lower()
    if text and not is_color(text):
        raise ValueError("must be a color as #0088aa")
    return text


def _flag(default: bool) -> Any:
    return lambda value, ctx: default if value is None else bool(c.read_flag(value, ctx))


CALENDAR_LIST_ENTRY: Shape[Context] = Shape(
    "CalendarListEntry",
    [
        Prop(name="kind", source="", codec=c.constant("calendar#calendarListEntry")),
        Prop(name="etag", source="", codec=c.read_only("string", lambda view, ctx: entry_etag(view))),
        Prop(name="id", source="", codec=c.read_only("string", lambda view, ctx: calendar_id(view))),
        Prop(name="summary", source="", codec=c.read_only("string", summary)),
        Prop(name="description", source="properties.description", codec=_SHOWN_LINE),
        Prop(name="location", source="properties.location", codec=_SHOWN_LINE),
        Prop(name="timeZone", source="zone", codec=c.read_only("string", lambda zone, ctx: zone)),
        Prop(name="dataOwner", source="", codec=c.read_only("string", _data_owner)),
        Prop(name="summaryOverride", source="entry.summary", codec=_LINE, access=Access.WRITE, field="summary"),
        Prop(
            name="colorId", source="", codec=Codec("string", color_id, _read_color_id), access=Access.WRITE,
            field="color_id",
        ),
        Prop(
            name="backgroundColor", source="", codec=Codec("string", _background, _read_color), access=Access.WRITE,
            field="background",
        ),
        Prop(
            name="foregroundColor", source="entry.foreground", access=Access.WRITE, field="foreground",
            codec=Codec("string", lambda color, ctx: color or FOREGROUND, _read_color),
        ),
        Prop(
            name="hidden", source="entry.is_hidden", codec=Codec("boolean", _only_true, _flag(False)),
            access=Access.WRITE, field="is_hidden",
        ),
        Prop(
            name="selected", source="entry.is_selected", codec=Codec("boolean", _only_true, _flag(False)),
            access=Access.WRITE, field="is_selected",
        ),
        Prop(name="primary", source="", codec=c.read_only("boolean", lambda view, ctx: is_primary(view) or None)),
        Prop(
            name="deleted", source="entry.is_listed",
            codec=c.read_only("boolean", lambda is_listed, ctx: None if is_listed else True),
        ),
        Prop(name="accessRole", source="", codec=c.read_only("string", access_role)),
        Prop(
            name="defaultReminders", source="", access=Access.WRITE, field="reminders",
            codec=Codec("[EventReminder]", lambda view, ctx: default_reminders(view), read_reminders),
        ),
        Prop(
            name="notificationSettings", source="", access=Access.WRITE, field="notifications",
            codec=Codec("{notificationSettings}", _notifications, _read_notifications),
        ),
        Prop(name="autoAcceptInvitations", source="", codec=c.read_only("boolean", _is_automatic)),
        Prop(name="conferenceProperties", source="", codec=ALLOWED),
    ],
)  # fmt: skip
