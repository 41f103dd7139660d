"""Reminders: Google has a list and a calendar's default, the model has one reminder.

The one reminder is the popup nearest to the start. What else a client wrote (mails, earlier
popups) is kept as residue and given back as long as the one reminder is still the one it implies.
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.event import Event
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.refusals import DEFAULT_AND_OVERRIDES, Refusal
from rsvpd.dialects.shape import Codec

DEFAULT_MINUTES = 15
DEFAULT_REMINDERS = [{"method": "popup", "minutes": DEFAULT_MINUTES}]

_METHODS = ("email", "popup")
_MOST, _LONGEST = 5, 40_320


def reminder_of(wire: dict[str, Any]) -> tuple[bool, int | None]:
    """Return whether `wire` means a reminder, and how many minutes before the start (None: none)."""
    if wire["useDefault"]:
        return True, DEFAULT_MINUTES
    popups = [one["minutes"] for one in wire.get("overrides", ()) if one["method"] == "popup"]
    return (True, min(popups)) if popups else (False, None)


def plain(on: bool, minutes: int | None) -> dict[str, Any]:
    """Return the shortest way to write one reminder, or none."""
    if not on:
        return {"useDefault": False}
    if minutes == DEFAULT_MINUTES:
        return {"useDefault": True}
    return {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}


def _write(event: Event, ctx: Context) -> dict[str, Any]:
    current = (event.reminder_on, event.reminder_minutes if event.reminder_on else None)
    stored: dict[str, Any] | None = event.residue.get(GOOGLE, {}).get("reminders")
    return stored if stored and reminder_of(stored) == current else plain(*current)


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


def _override(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("method") not in _METHODS:
        raise ValueError(f"each override needs a method, one of {', '.join(_METHODS)}")
    minutes = value.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 0 <= minutes <= _LONGEST:
        raise ValueError(f"each override needs minutes, from 0 to {_LONGEST}")
    return {"method": value["method"], "minutes": minutes}


REMINDERS: Codec[Context] = Codec("{reminders}", _write, _read)
