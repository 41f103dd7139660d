"""What only the whole request says of an event: its span, its places, its recurrence.

Rules.
1. All-day (Graph: event): start and end come together, at midnight, in one zone, at least a day
   apart; `isAllDay` cannot change without them.
2. `location` replaces all places; where `locations` is given too and not empty, it counts.
3. A recurrence is read against the start of the event, told in the zone that its range names.
4. Start and end of a series are told in the zone of its pattern, unless a range beside them names another.
5. Outlook v1.0: `StartTimeZone` and `EndTimeZone` come both or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, EventKind, When
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.online import read_online
from rsvpd.dialects.microsoft.vocabulary import recurrence
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.microsoft.vocabulary.times import Stamp, as_day, as_timed_of_series, as_timed_or_stored
from rsvpd.errors import DomainError, InvalidProperty

Fields = dict[str, Any]
Reading = Callable[[Stamp, When | None, str | None], When]


def finish_event(fields: Fields, ctx: Ctx, *, creating: bool, stored: EventView | None) -> EventDraft:
    """Return the draft of Graph and Outlook v2.0, from what the table's rows read."""
    _place(fields)
    _span(fields, ctx, creating=creating, stored=stored)
    _recur(fields, ctx, stored)
    read_online(fields, stored)
    return EventDraft(**fields)


def finish_event_with_zones(
    fields: Fields, ctx: Ctx, *, creating: bool, stored: EventView | None
) -> EventDraft:
    """Return the draft of Outlook v1.0, where zones stand beside the times."""
    zones = [fields.pop(name, None) for name in ("start_zone", "end_zone")]
    if (zones[0] is None) is not (zones[1] is None):
        target = ctx.style.name("endTimeZone" if zones[1] is None else "startTimeZone")
        raise InvalidProperty("StartTimeZone and EndTimeZone are given both, or neither.", target=target)
    for name, zone in zip(("start", "end"), zones, strict=True):
        stamp = fields.get(name)
        if stamp is not None and zone is not None:
            fields[name] = structs.replace(stamp, zone=zone)
    return finish_event(fields, ctx, creating=creating, stored=stored)


def _place(fields: Fields) -> None:
    """Let `location` and `locations` become the one list of places."""
    one = fields.pop("location", UNSET)
    several = fields.pop("locations", UNSET)
    if several:
        fields["locations"] = several
    elif one is not UNSET:
        fields["locations"] = (one,) if one is not None and one.name + (one.mailbox or "") else ()
    elif several is not UNSET:
        fields["locations"] = ()


def _span(fields: Fields, ctx: Ctx, *, creating: bool, stored: EventView | None) -> None:
    """Let `start`, `end` and `isAllDay` become times or dates."""
    start, end = fields.pop("start", UNSET), fields.pop("end", UNSET)
    wanted = fields.pop("is_all_day", None)
    for name, stamp in (("start", start), ("end", end)):
        if stamp is None:
            raise _draft_error(ctx, name, "cannot be null.")
    was = stored is not None and isinstance(stored.event.start, AllDay)
    all_day = was if wanted is None else wanted
    changes = all_day is not was and not creating and (stored is not None or all_day)
    if changes and (start is UNSET or end is UNSET):
        raise _draft_error(ctx, "isAllDay", "can be changed only together with the start and the end.")
    if all_day:
        _check_zones(start, end, ctx)
    read = _stamp_reader(stored, all_day=all_day)
    for name, stamp in (("start", start), ("end", end)):
        if stamp is not UNSET:
            before = getattr(stored.event, name) if stored else None
            fields[name] = _when(stamp, name, ctx, before, read)
    if all_day:
        _check_length(fields, ctx)


def _stamp_reader(stored: EventView | None, *, all_day: bool) -> Reading:
    if all_day:
        return lambda stamp, before, preferred_zone: as_day(stamp)
    return as_timed_of_series if stored is not None and stored.kind is EventKind.MASTER else as_timed_or_stored


def _when(stamp: Stamp, name: str, ctx: Ctx, before: When | None, read: Reading) -> When:
    try:
        return read(stamp, before, ctx.zone)
    except (ValueError, OverflowError) as wrong:
        raise _draft_error(ctx, name, str(wrong)) from None


def _check_zones(start: Stamp | UnsetType, end: Stamp | UnsetType, ctx: Ctx) -> None:
    if isinstance(start, Stamp) and isinstance(end, Stamp) and start.zone != end.zone:
        raise _draft_error(ctx, "end", "an all-day event starts and ends in the same time zone.")


def _check_length(fields: Fields, ctx: Ctx) -> None:
    start, end = fields.get("start"), fields.get("end")
    if isinstance(start, AllDay) and isinstance(end, AllDay) and end.day <= start.day:
        raise _draft_error(ctx, "end", "The duration of an event marked as All day must be at least 24 hours.")


def _recur(fields: Fields, ctx: Ctx, stored: EventView | None) -> None:
    """Let the pattern become a recurrence of this start."""
    pattern = fields.get("recurrence")
    if pattern is None:
        return
    times = {name: fields.get(name, getattr(stored.event, name) if stored else None) for name in ("start", "end")}
    if times["start"] is None:
        raise _draft_error(ctx, "recurrence", "needs the start of the event.")
    try:
        anchored = {name: recurrence.anchor(pattern, when) for name, when in times.items() if when is not None}
        fields["recurrence"] = recurrence.read(pattern, anchored["start"])
    except (ValueError, TypeError, OverflowError) as wrong:
        raise _draft_error(ctx, "recurrence", str(wrong)) from None
    if anchored != times:
        fields.update(anchored)


def _draft_error(ctx: Ctx, name: str, why: str) -> DomainError:
    target = ctx.style.name(name)
    return InvalidProperty(f"{target}: {why}", target=target)
