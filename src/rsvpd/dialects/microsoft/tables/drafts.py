"""From a request body to a draft: the rows of the table first, then what only the whole request can say.

Rules.
1. All-day (facts of the services): start and end come together, at midnight, in one zone, at least a
   day apart; `isAllDay` cannot change without them.
2. `location` replaces all places; where `locations` is given too and not empty, it counts.
3. A recurrence is read against the start of the event, told in the zone that its range names.
4. Outlook v1.0: `StartTimeZone` and `EndTimeZone` come both or not at all.
5. Members without effect are named in `ignored`, unless they claim nothing (null, false, empty); a
   member that no version of the services has is refused, as they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, When
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.queries import NAVIGATIONS
from rsvpd.dialects.microsoft.tables.resources import GRAPH_TABLES, V1_TABLES, V2_TABLES
from rsvpd.dialects.microsoft.vocabulary import recurrence
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.microsoft.vocabulary.times import Stamp, as_day, as_timed
from rsvpd.dialects.shape import Shape
from rsvpd.errors import DomainError, InvalidProperty, MalformedBody, UnknownProperty
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.view import MessageView

if TYPE_CHECKING:
    from rsvpd.dialects.microsoft.tables.profiles import Profile

MOST_IGNORED = 20
_LONGEST_NAME = 64
# What some version of the services has: clients send it to all of them.
_BETA = frozenset(("uid", "occurrenceid", "mentions", "mentionspreview"))
_EVERY = (GRAPH_TABLES, V2_TABLES, V1_TABLES)
EVENT_MEMBERS = _BETA | NAVIGATIONS | {prop.name.lower() for t in _EVERY for prop in t.event.props}
MESSAGE_MEMBERS = _BETA | NAVIGATIONS | {
    prop.name.lower() for t in _EVERY for table in t.messages.values() for prop in table.props
}
_NEEDS_STORED = frozenset({"start", "end", "isallday", "recurrence"})
Fields = dict[str, Any]


def needs_stored(body: Mapping[str, Any]) -> bool:
    """Return whether an update with this body can be read only beside the event as it is stored."""
    return any(name.lower() in _NEEDS_STORED for name in body)


def read_event(
    profile: Profile,
    body: object,
    ctx: Ctx,
    *,
    creating: bool = False,
    stored: EventView | None = None,
) -> EventDraft:
    """Return what a client wants an event to be. `stored` is the event to be updated, where it is needed."""
    members = _object(body)
    fields, names = profile.event.read(members, ctx, creating=creating)
    _refuse_unknown(profile, profile.event, names, EVENT_MEMBERS)
    fields["ignored"] = _ignored(members, names)
    return profile.finish_event(fields, ctx, creating=creating, stored=stored)


def read_message(
    profile: Profile,
    body: object,
    ctx: Ctx,
    *,
    creating: bool = False,
    stored: MessageView | None = None,
) -> MessageDraft:
    """Return what a client wants a message to be; a letter that has been sent keeps its words."""
    members = _object(body)
    is_open = creating or (stored is not None and stored.message.is_draft)
    table = profile.message if stored is None else profile.tables.messages[stored.kind]
    fields, names = table.read(members, ctx, creating=is_open)
    _refuse_unknown(profile, table, names, MESSAGE_MEMBERS)
    return MessageDraft(**fields, ignored=_ignored(members, names))


def _object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise MalformedBody("The request body has to be a JSON object.")
    return body


def _refuse_unknown(profile: Profile, table: Shape[Ctx], names: Iterable[str], known: frozenset[str]) -> None:
    for name in names:
        if name.lower() not in known:
            type_name, shown = f"{profile.namespace}.{table.name}", name[:_LONGEST_NAME]
            raise UnknownProperty(f"The property '{shown}' does not exist on type '{type_name}'.", target=shown)


def _ignored(body: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    told = (name for name in names if body[name] not in (None, False, "", "false", [], {}))
    return tuple(name[:_LONGEST_NAME] for name in islice(told, MOST_IGNORED))


# --- what needs the request as a whole


def finish_event(fields: Fields, ctx: Ctx, *, creating: bool, stored: EventView | None) -> EventDraft:
    """Return the draft of Graph and Outlook v2.0, from what the table's rows read."""
    _place(fields)
    _span(fields, ctx, creating=creating, stored=stored)
    _recur(fields, ctx, stored)
    return EventDraft(**fields)


def finish_event_with_zones(
    fields: Fields, ctx: Ctx, *, creating: bool, stored: EventView | None
) -> EventDraft:
    """Return the draft of Outlook v1.0, where zones stand beside the times."""
    zones = [fields.pop(name, None) for name in ("start_zone", "end_zone")]
    if (zones[0] is None) is not (zones[1] is None):
        target = ctx.profile.member("endTimeZone" if zones[1] is None else "startTimeZone")
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
            raise _wrong(ctx, name, "cannot be null.")
    was = stored is not None and isinstance(stored.event.start, AllDay)
    all_day = was if wanted is None else wanted
    changes = all_day is not was and not creating and (stored is not None or all_day)
    if changes and (start is UNSET or end is UNSET):
        raise _wrong(ctx, "isAllDay", "can be changed only together with the start and the end.")
    if all_day:
        _check_zones(start, end, ctx)
    for name, stamp in (("start", start), ("end", end)):
        if stamp is not UNSET:
            fields[name] = _when(stamp, name, ctx, all_day=all_day)
    if all_day:
        _check_length(fields, ctx)


def _when(stamp: Stamp, name: str, ctx: Ctx, *, all_day: bool) -> When:
    try:
        return as_day(stamp) if all_day else as_timed(stamp)
    except (ValueError, OverflowError) as wrong:
        raise _wrong(ctx, name, str(wrong)) from None


def _check_zones(start: Stamp | UnsetType, end: Stamp | UnsetType, ctx: Ctx) -> None:
    if isinstance(start, Stamp) and isinstance(end, Stamp) and start.zone != end.zone:
        raise _wrong(ctx, "end", "an all-day event starts and ends in the same time zone.")


def _check_length(fields: Fields, ctx: Ctx) -> None:
    start, end = fields.get("start"), fields.get("end")
    if isinstance(start, AllDay) and isinstance(end, AllDay) and end.day <= start.day:
        raise _wrong(ctx, "end", "The duration of an event marked as All day must be at least 24 hours.")


def _recur(fields: Fields, ctx: Ctx, stored: EventView | None) -> None:
    """Let the pattern become a recurrence of this start."""
    pattern = fields.get("recurrence")
    if pattern is None:
        return
    told = {name: fields.get(name, getattr(stored.event, name) if stored else None) for name in ("start", "end")}
    if told["start"] is None:
        raise _wrong(ctx, "recurrence", "needs the start of the event.")
    try:
        anchored = {name: recurrence.anchor(pattern, when) for name, when in told.items() if when is not None}
        fields["recurrence"] = recurrence.read(pattern, anchored["start"])
    except (ValueError, TypeError, OverflowError) as wrong:
        raise _wrong(ctx, "recurrence", str(wrong)) from None
    if anchored != told:
        fields.update(anchored)


def _wrong(ctx: Ctx, name: str, why: str) -> DomainError:
    target = ctx.profile.member(name)
    return InvalidProperty(f"{target}: {why}", target=target)
