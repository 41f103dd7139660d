"""From the body of a write to a draft: what insert, PATCH and PUT each mean.

Insert and PUT are full: what is not named has its default (PUT clears it). PATCH keeps what is
not named, clears what is null, replaces lists, and merges objects member by member (RFC 7396).
The table reads single members; here is what needs the body as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec import UNSET

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, When
from rsvpd.dialects.google.tables import kinds, labels
from rsvpd.dialects.google.tables.reminders import plain, reminder_of
from rsvpd.dialects.google.tables.resources import (
    DEFAULTS,
    EVENT,
    KEPT,
    KEPT_EVERYWHERE,
    KEPT_HERE,
    recurrence_lines,
    to_wire,
)
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE
from rsvpd.dialects.google.vocabulary.context import USUAL_MINUTES, Context
from rsvpd.dialects.google.vocabulary.refusals import (
    BOTH_DATES_OR_TIMES,
    ICAL_UID,
    RESOURCE_ID,
    Refusal,
    missing_time,
    missing_zone,
)
from rsvpd.dialects.shape import Access
from rsvpd.errors import InvalidRange
from rsvpd.ical.rrule import read_lines
from rsvpd.timezones.zone import to_instant

Body = Mapping[str, Any]

# Members that end in the residue, which is written as one.
_MIXED = KEPT | {"extendedProperties", "visibility", "reminders"}
_WRITABLE = tuple(prop.name for prop in EVENT.props if prop.access is Access.WRITE)
# Sent back by everybody who read an event before, and not worth a word.
_ECHOED = frozenset(("kind", "etag"))


def draft_of_insert(body: Body, ctx: Context) -> EventDraft:
    """Return the draft of a new event. Raises Refusal and what the members raise."""
    _require_times(body)
    meant = {"transparency": DEFAULTS["transparency"]}
    if ctx.default_minutes != USUAL_MINUTES:  # which is what every new event has
        meant["reminders"] = DEFAULTS["reminders"]
    return _draft({**meant, **body}, body, ctx, creating=True)


def draft_of_update(body: Body, ctx: Context) -> EventDraft:
    """Return the draft of a PUT over `ctx.stored`."""
    _require_times(body)
    full = {**dict.fromkeys(_WRITABLE), **DEFAULTS, **body}
    for name in _members_kept(body, ctx):
        full.pop(name, None)
    return _draft(full, body, ctx, creating=False)


def draft_of_patch(body: Body, ctx: Context) -> EventDraft:
    """Return the draft of a PATCH over `ctx.stored`."""
    current = to_wire(EVENT, ctx.stored, ctx) if is_merging(body) else {}
    merged = {name: _merge_member(name, current.get(name), value) for name, value in body.items()}
    for name in ("start", "end"):
        if name in merged and not merged[name]:
            raise Refusal(missing_time(name), target=name)
    return _draft(merged, body, ctx, creating=False)


def is_merging(body: Body) -> bool:
    """Return whether a PATCH depends on what is stored: then it may only be applied to that very state."""
    return any(isinstance(value, dict) or name in _MIXED for name, value in body.items())


def _draft(full: Body, body: Body, ctx: Context, *, creating: bool) -> EventDraft:
    unread = _members_passed_over(ctx)
    known = {name: value for name, value in full.items() if _is_known(name) and name not in unread}
    fields, passed = EVENT.read(known, ctx, creating=creating)
    start = _span(fields, ctx)
    fields |= _recurrence(known, fields, start, ctx)
    kinds.finish(fields, known, ctx)
    labels.finish(fields)
    fields |= _residue(known, fields, ctx) | _uid(fields) | _reminder(fields, ctx)
    for name in (*KEPT, "extendedProperties", "id", "reminders", "eventType"):
        fields.pop(name, None)
    return EventDraft(**fields, ignored=_members_without_effect(body, passed, ctx))


def _require_times(body: Body) -> None:
    for name in ("start", "end"):
        if not body.get(name):
            raise Refusal(missing_time(name), target=name)


def _span(fields: dict[str, Any], ctx: Context) -> When | None:
    """Return the start, written or stored, once both ends go together.

    A date that ends on itself is that one day (odoo/odoo#87646); a time that does is refused, unless it is
    stored so (ridafkih/keeper.sh#614).
    """
    stored = (ctx.stored.event.start, ctx.stored.event.end) if ctx.stored else (None, None)
    start, end = fields.get("start", stored[0]), fields.get("end", stored[1])
    if start is None or end is None:
        return start
    if isinstance(start, AllDay) is not isinstance(end, AllDay):
        raise Refusal(BOTH_DATES_OR_TIMES, target="start")
    if isinstance(start, AllDay) and start == end:
        fields["end"] = AllDay(start.day + timedelta(days=1))
    elif (start, end) != stored and to_instant(start) == to_instant(end):
        raise InvalidRange("The event has to end after it starts.", target="timeMax")
    return start


def _is_known(name: str) -> bool:
    found = EVENT.find(name)
    return found is not None and found.name == name  # Google's names are case-sensitive


def _members_kept(body: Body, ctx: Context) -> frozenset[str]:
    """Return the members that a PUT leaves alone when it does not name them.

    An event with a label of its own is read without a color, and written back so by who knows of no labels.
    """
    kept = {"attendees"} if body.get("attendeesOmitted") is True and "attendees" not in body else set()
    if ctx.stored and labels.has_own_label(ctx.stored.event.residue) and "colorId" not in body:
        kept.add("colorId")
    return _members_passed_over(ctx) | kept


def _members_passed_over(ctx: Context) -> frozenset[str]:
    """Return the members this write passes over: an instance has no rule of its own, a guest makes no revision."""
    if ctx.stored is None:
        return ctx.unread
    of_instance = () if ctx.stored.recurrence_id is None else ("recurrence",)
    of_guest = () if ctx.stored.meeting.is_organizer else ("sequence",)
    return ctx.unread.union(of_instance, of_guest)


def _merge_member(name: str, current: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    merged = _merge_patch(current, value)
    if name in ("start", "end"):
        return _one_form(merged, value)
    if name == "reminders" and value.get("useDefault") is True and "overrides" not in value:
        merged.pop("overrides", None)
    return merged


def _merge_patch(current: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    before = current if isinstance(current, dict) else {}
    merged = dict(before)
    for name, one in value.items():
        merged[name] = _merge_patch(before.get(name), one) if isinstance(one, dict) else one
    return {name: one for name, one in merged.items() if one is not None}


def _one_form(merged: dict[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a time that is a date or a dateTime: the form a client now names replaces the other one."""
    if value.get("date") and value.get("dateTime") is None:
        return {"date": merged["date"]}
    if value.get("dateTime") and value.get("date") is None:
        merged.pop("date", None)
    return merged


def _uid(fields: Body) -> dict[str, Any]:
    """Return the UID a client chose: as an id, as a UID, or as both when they are the same."""
    chosen, uid = fields.get("id"), fields.get("uid")
    if not chosen:
        return {"uid": _check_uid(uid)} if uid else {"uid": UNSET}
    from_id = identifiers.uid_of_new_id(chosen)
    if uid and uid != from_id:
        raise Refusal(RESOURCE_ID, "Only one of id and iCalUID can be given for a new event.", target="iCalUID")
    return {"uid": from_id}


def _check_uid(uid: str) -> str:
    if len(uid) > 1024 or not uid.isprintable() or uid != uid.strip():
        raise Refusal(ICAL_UID, target="iCalUID")
    return uid


def _reminder(fields: Body, ctx: Context) -> dict[str, Any]:
    if "reminders" not in fields:
        return {}
    on, minutes = reminder_of(fields["reminders"], ctx)
    return {"reminder_on": on, **({} if minutes is None else {"reminder_minutes": minutes})}


def _recurrence(known: Body, fields: Body, start: When | None, ctx: Context) -> dict[str, Any]:
    """Return rule and excluded dates. Lines without EXDATE leave deleted instances as they are.

    The lines that were read mean the stored rule, also where they say less than it does.
    """
    if "recurrence" not in fields:
        return {}
    lines = fields["recurrence"]
    if lines is None or start is None:
        return {"recurrence": None}
    if ctx.stored and sorted(lines) == sorted(recurrence_lines(ctx.stored, ctx) or ()):
        return {"recurrence": ctx.stored.meeting.recurrence}
    if not isinstance(start, AllDay) and not (known.get("start") or {"timeZone": start.zone}).get("timeZone"):
        raise Refusal(missing_zone("start"), target="start.timeZone")
    rule, deleted = read_lines(list(lines), start)
    return {"recurrence": rule, **({"deleted": tuple(deleted)} if deleted else {})}


def _residue(known: Body, fields: Body, ctx: Context) -> dict[str, Any]:
    """Return the residues with what only Google can say, of the copy and of the event; nothing of one that stays."""
    stored = ctx.stored.event if ctx.stored else None
    own = {name: fields[name] for name in KEPT_HERE if name in fields}
    shared = {name: fields[name] for name in KEPT_EVERYWHERE if name in fields}
    if "attached" in fields:
        own["attachments"] = None  # as earlier versions kept them
    if "reminders" in fields:
        wire = fields["reminders"]
        own["reminders"] = None if plain(*reminder_of(wire, ctx), ctx) == wire else wire
    if "visibility" in known:
        own["visibility"] = "public" if known["visibility"] == "public" else None
    if "extendedProperties" in fields:
        written = fields["extendedProperties"] or {}
        for part, scope in ((own, "private"), (shared, "shared")):
            part["extendedProperties"] = {scope: written[scope]} if written.get(scope) else None
    return {
        **_with_own("residue", stored.residue if stored else {}, own),
        **_with_own("shared_residue", stored.shared_residue if stored else {}, shared),
    }


def _with_own(field: str, before: dict[str, dict[str, Any]], written: dict[str, Any]) -> dict[str, Any]:
    own = {**before.get(GOOGLE, {}), **written}
    if own.get("eventType") == kinds.DEFAULT:
        del own["eventType"]
    own = {name: value for name, value in own.items() if value not in (None, False, "", {}, [])}
    if own == before.get(GOOGLE, {}):
        return {}
    others = {dialect: kept for dialect, kept in before.items() if dialect != GOOGLE}
    return {field: {**others, **({GOOGLE: own} if own else {})}}


def _members_without_effect(body: Body, passed: list[str], ctx: Context) -> tuple[str, ...]:
    """Return the members of `body` that had no effect, unless they only repeat what is so anyway."""
    unread = _members_passed_over(ctx)
    without_effect = [name for name in body if name in passed or name in unread or not _is_known(name)]
    if not without_effect:
        return ()
    current = to_wire(EVENT, ctx.stored, ctx) if ctx.stored else {}
    return tuple(
        name
        for name in without_effect
        if name not in _ECHOED and body[name] is not None and body[name] != current.get(name)
    )
