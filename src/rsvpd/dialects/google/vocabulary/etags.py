"""ETags: one text per state of a resource, quotes included, as they stand in header and JSON alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from msgspec.json import encode

from rsvpd.calendar.view import CalendarView, EventView


def event_etag(view: EventView) -> str:
    """Return the ETag of an event. A guest's copy also shows others' answers, so these count too, and nothing else
    that the organizer changes."""
    return f'"{view.change}.{0 if view.tracking is None else _digest(encode(view.tracking))}"'


def calendar_etag(view: CalendarView) -> str:
    """Return the ETag of a calendar: it changes with anything in the mailbox."""
    return f'"{view.change}"'


def entry_etag(view: CalendarView) -> str:
    """Return the ETag of a calendar in somebody's list: another too where it stands there in another way."""
    return f'"{view.change}.{_digest(encode(view.entry))}"'


def list_etag(etags: Iterable[str]) -> str:
    """Return the ETag of a list with members in these states."""
    return f'"{_digest(" ".join(etags).encode())}"'


def _digest(content: bytes) -> str:
    return hashlib.blake2s(content, digest_size=12).hexdigest()


def is_named(etag: str, header: str) -> bool:
    """Return whether an If-Match or If-None-Match header names `etag`; quotes and W/ do not matter."""
    named = (one.strip().removeprefix("W/").strip('"') for one in header.split(","))
    return any(one in ("*", etag.strip('"')) for one in named)
