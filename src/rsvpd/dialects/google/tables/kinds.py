"""The kinds of events that Google has beside usual ones: focus time, absence, places of work, birthdays.

Rules (guides "Manage focus time, out of office, and working location events" and "Manage birthday events";
discovery document, `eventType`).
1. A kind is said when an event is created in a primary calendar, and stays. Mail of Gmail makes the last one itself.
2. Focus time and absence have times and take them; a place of work and a birthday take none: it is public, and one day
   long where it is of whole days; a birthday is private, one whole day, and comes every year.
3. Each has properties of its own, which no other has, and nobody invited.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rsvpd.calendar.declining import AutoDecline, DeclineMode
from rsvpd.calendar.event import AllDay, Event, ShowAs
from rsvpd.calendar.rule import Freq
from rsvpd.dialects.google.vocabulary.checks import check
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.shape import Codec
from rsvpd.errors import InvalidProperty

DEFAULT, FOCUS, AWAY, PLACE, BIRTHDAY, MAIL = (
    "default", "focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail"
)  # fmt: skip
KINDS = (BIRTHDAY, DEFAULT, FOCUS, MAIL, AWAY, PLACE)
PROPERTIES = {
    FOCUS: "focusTimeProperties", AWAY: "outOfOfficeProperties", PLACE: "workingLocationProperties",
    BIRTHDAY: "birthdayProperties",
}  # fmt: skip
_BUSY, _FREE = (FOCUS, AWAY), (PLACE, BIRTHDAY)
_DECLINING = {
    "declineNone": DeclineMode.NONE,
    "declineAllConflictingInvitations": DeclineMode.ALL,
    "declineOnlyNewConflictingInvitations": DeclineMode.NEW,
}
_TEXT, _LONG = 1_024, 8_192
_PLACES = ("homeOffice", "officeLocation", "customLocation")
_SPECS: dict[str, Any] = {
    FOCUS: {"autoDeclineMode": tuple(_DECLINING), "declineMessage": _LONG, "chatStatus": ("available", "doNotDisturb")},
    AWAY: {"autoDeclineMode": tuple(_DECLINING), "declineMessage": _LONG},
    PLACE: {
        "type": _PLACES,
        "homeOffice": ...,
        "customLocation": {"label": _TEXT},
        "officeLocation": {
            "buildingId": _TEXT, "floorId": _TEXT, "floorSectionId": _TEXT, "deskId": _TEXT, "label": _TEXT,
        },
    },
    BIRTHDAY: {"type": ("birthday",), "contact": _TEXT, "customTypeName": _TEXT},
}  # fmt: skip
_VISIBILITIES = {PLACE: "public", BIRTHDAY: "private"}
_DAY = timedelta(days=1)


def kind_of(event: Event) -> str:
    """Return of what kind an event is."""
    kind: str = event.residue.get(GOOGLE, {}).get("eventType", DEFAULT)
    return kind


def _read_kind(value: Any, ctx: Context) -> str:
    if value is None:
        return DEFAULT
    if value not in KINDS:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    if value == MAIL:
        raise ValueError(f"{MAIL} cannot be created")
    return str(value)


KIND: Codec[Context] = Codec(
    "string", lambda residue, ctx: residue.get(GOOGLE, {}).get("eventType", DEFAULT), _read_kind
)


def properties(kind: str) -> Codec[Context]:
    """Return the codec of the properties of a kind of events."""
    name = PROPERTIES[kind]

    def read(value: Any, ctx: Context) -> Any:
        return None if value is None else check(value, _SPECS[kind])

    type_name = f"Event{name[0].upper()}{name[1:]}"
    return Codec(type_name, lambda residue, ctx: residue.get(GOOGLE, {}).get(name), read)


def finish(fields: dict[str, Any], body: Mapping[str, Any], ctx: Context) -> None:
    """Let a draft have what its kind means. Raises InvalidProperty where it lacks what the kind has to have."""
    kind = kind_of(ctx.stored.event) if ctx.stored else fields.get("eventType", DEFAULT)
    for other, name in PROPERTIES.items():
        if other != kind and fields.get(name) is not None:
            raise _invalid_property(name, f"requires an event type of {other}.")
    if kind == DEFAULT:
        return
    name = PROPERTIES[kind]
    if ctx.is_second:
        raise _invalid_property("eventType", f"{kind} is of primary calendars alone.")
    if fields.get(name) is None and (not ctx.stored or name in fields) and kind != BIRTHDAY:
        raise _invalid_property(name, f"is required for {kind}.")
    if fields.get("attendees"):
        raise _invalid_property("attendees", f"an event of the type {kind} has none.")
    _check_times(kind, fields, ctx)
    _check_look(kind, fields, body, ctx)
    if kind == PLACE and name in fields:
        _check_place(fields[name])
    if kind in _BUSY and name in fields:
        fields["auto_decline"] = _auto_decline(fields[name])
    if kind == BIRTHDAY and not ctx.stored:
        fields[name] = {"type": "birthday", **(fields.get(name) or {})}


def _auto_decline(written: Mapping[str, Any]) -> AutoDecline:
    """Return what an event declines; without a mode nothing."""
    mode = written.get("autoDeclineMode")
    message = written.get("declineMessage")
    return AutoDecline(_DECLINING[mode] if mode else DeclineMode.NONE, message or "")


def _check_times(kind: str, fields: Mapping[str, Any], ctx: Context) -> None:
    stored = ctx.stored.event if ctx.stored else None
    start = fields.get("start", stored.start if stored else None)
    end = fields.get("end", stored.end if stored else None)
    if not isinstance(start, AllDay) or not isinstance(end, AllDay):
        if kind == BIRTHDAY:
            raise _invalid_property("start", "a birthday is a whole day.")
        return
    if kind in _BUSY:
        raise _invalid_property("start", f"an event of the type {kind} has times.")
    if end.day - start.day != _DAY:
        raise _invalid_property("end", f"an event of the type {kind} is one day long.")


def _check_look(kind: str, fields: dict[str, Any], body: Mapping[str, Any], ctx: Context) -> None:
    """Check how it shows its time, to whom, and whether it comes again."""
    wanted = "transparent" if kind in _FREE else "opaque"
    given = body.get("transparency", None if ctx.stored else "opaque")
    if given not in (None, wanted):
        raise _invalid_property("transparency", f"an event of the type {kind} is {wanted}.")
    visibility = _VISIBILITIES.get(kind)
    if visibility is not None and body.get("visibility", None if ctx.stored else "default") not in (None, visibility):
        raise _invalid_property("visibility", f"an event of the type {kind} is {visibility}.")
    if kind == BIRTHDAY and (not ctx.stored or "recurrence" in fields):
        rule = fields.get("recurrence")
        if rule is None or [one.freq for one in rule.rules] != [Freq.YEARLY]:
            raise _invalid_property("recurrence", "a birthday comes every year.")
    if not ctx.stored or "show_as" in fields:
        fields["show_as"] = ShowAs.FREE if kind in _FREE else ShowAs.OOF if kind == AWAY else ShowAs.BUSY


def _check_place(written: Mapping[str, Any]) -> None:
    kind = written.get("type")
    if kind is None:
        raise _invalid_property("workingLocationProperties.type", "is required.")
    if written.get(kind) is None:
        raise _invalid_property(f"workingLocationProperties.{kind}", f"is required for the type {kind}.")


def _invalid_property(name: str, why: str) -> InvalidProperty:
    return InvalidProperty(f"{name}: {why}", target=name)
