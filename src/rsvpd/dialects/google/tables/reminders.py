"""Reminders: Google has a list and a calendar's default, the model has one reminder.

The one reminder is the popup nearest to the start. What else a client wrote (mails, earlier
popups) is kept as residue and given back as long as the one reminder is still the one it implies.
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.event import Event
from rsvpd.calendar.view import CalendarView
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE
from rsvpd.dialects.google.vocabulary.context import USUAL_MINUTES, Context
from rsvpd.dialects.google.vocabulary.refusals import DEFAULT_AND_OVERRIDES, Refusal
from rsvpd.dialects.shape import Codec

_METHODS = ("email", "popup")
_MOST, _LONGEST = 5, 40_320


def default_reminders(view: CalendarView) -> list[dict[str, Any]]:
    """Return the reminders that events of a calendar have by default, for whoever reads it."""
    chosen = view.entry.reminders
    if chosen is None:
        chosen = () if view.address else (("popup", USUAL_MINUTES),)
    return [{"method": method, "minutes": minutes} for method, minutes in chosen]


def default_minutes(view: CalendarView) -> int | None:
    """Return the one reminder that these come to: how many minutes before the start (None: none)."""
    popups = [one["minutes"] for one in default_reminders(view) if one["method"] == "popup"]
    return min(popups, default=None)


def reminder_of(wire: dict[str, Any], ctx: Context) -> tuple[bool, int | None]:
    """Return whether `wire` means a reminder, and how many minutes before the start (None: none)."""
    if wire["useDefault"]:
        return ctx.default_minutes is not None, ctx.default_minutes
    popups = [one["minutes"] for one in wire.get("overrides", ()) if one["method"] == "popup"]
    return (True, min(popups)) if popups else (False, None)


def plain(on: bool, minutes: int | None, ctx: Context) -> dict[str, Any]:
    """Return the shortest way to write one reminder, or none."""
    if not on:
        return {"useDefault": False}
    if minutes == ctx.default_minutes:
        return {"useDefault": True}
    return {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}


def _write(event: Event, ctx: Context) -> dict[str, Any]:
    current = (event.reminder_on, event.reminder_minutes if event.reminder_on else None)
    stored: dict[str, Any] | None = event.residue.get(GOOGLE, {}).get("reminders")
    return stored if stored and reminder_of(stored, ctx) == current else plain(*current, ctx)


def _read(value: Any, ctx: Context) -> dict[str, Any]:
    if value is None:
        return {"useDefault": True}
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    use_default, overrides = value.get("useDefault") or False, value.get("overrides") or []
    if not isinstance(use_default, bool):
        raise ValueError("useDefault must be true or false")
    if not isinstance(overrides, list) or len(overrides) > _MOST:
        raise ValueError(f"overrides must be a list of at most {_MOST}")
    if use_default and overrides:
        raise Refusal(DEFAULT_AND_OVERRIDES, "Send useDefault false with the overrides.", target="reminders")
    checked = [_override(one) for one in overrides]
    return {"useDefault": use_default, **({"overrides": checked} if checked else {})}


def read_reminders(value: Any, ctx: Context) -> tuple[tuple[str, int], ...] | None:
    """Return the reminders that events of a calendar are to have by default; null means what is usual."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError(f"must be a list of at most {_MOST}")
    return tuple((one["method"], one["minutes"]) for one in map(_override, value))


def _override(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("method") not in _METHODS:
        raise ValueError(f"each override needs a method, one of {', '.join(_METHODS)}")
    minutes = value.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= _LONGEST:
        raise ValueError(f"each override needs minutes, from 0 to {_LONGEST}")
    return {"method": value["method"], "minutes": minutes}


REMINDERS: Codec[Context] = Codec("{reminders}", _write, _read)
