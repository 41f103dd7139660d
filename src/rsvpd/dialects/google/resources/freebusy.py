"""freebusy.query: the taken times of several calendars, merged.

A list of rooms is a group: its address stands for the calendars of its rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rsvpd.calendar.freebusy import merge
from rsvpd.calendar.permission import CalendarRole
from rsvpd.clock import Instant
from rsvpd.commands import schedule as commands
from rsvpd.commands.places import rooms_by_list
from rsvpd.commands.schedule import Schedule
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.vocabulary.refusals import BAD_REQUEST, Refusal
from rsvpd.dialects.google.vocabulary.times import read_instant, write_instant, write_when
from rsvpd.errors import InvalidProperty, InvalidTimeZone, MissingProperty
from rsvpd.mail.address import check_address
from rsvpd.timezones.zone import at_instant, find_iana

LONGEST_DAYS = 90
MOST_CALENDARS = 50
MOST_OF_A_GROUP = 100
MOST_ITEMS = 5000


async def query(call: Call) -> Reply:
    """freebusy.query: an entry for each id asked for; an unknown one gets an error of its own."""
    body = bodies.read(call.request)
    start, end = _moment(body, "timeMin"), _moment(body, "timeMax")
    zone = _zone(body)
    most = _number(body, "calendarExpansionMax", MOST_CALENDARS)
    most_of_group = _number(body, "groupExpansionMax", MOST_OF_A_GROUP)
    names = _names(body)
    known = await call.door(rooms_by_list, call.who, [name for name in names if _is_id(name)])
    wanted = list(dict.fromkeys(one for name in names for one in _calendars_of_id(name, known, most_of_group)))
    ids = [name for name in wanted[:most] if _is_id(name)]
    asked = [None if name == "primary" else name for name in ids]
    found = await call.door(
        commands.get_schedules, call.who, asked, start, end, days=LONGEST_DAYS, most=MOST_ITEMS
    )
    schedules = dict(zip(ids, found, strict=True))
    calendars = {name: _calendar(schedules.get(name), start, end, zone) for name in wanted[:most]}
    calendars |= {name: _fault("tooManyCalendarsRequested") for name in wanted[most:]}
    groups = {name: _group(rooms, most_of_group) for name, rooms in known.items()}
    return Reply(
        body={
            "kind": "calendar#freeBusy",
            "timeMin": write_instant(start),
            "timeMax": write_instant(end),
            **({"groups": groups} if groups else {}),
            "calendars": calendars,
        }
    )


def _calendars_of_id(name: str, known: Mapping[str, tuple[str, ...]], most: int) -> tuple[str, ...]:
    """Return the calendars that an id stands for: none for a group that is too big."""
    rooms = known.get(name)
    if rooms is None:
        return (name,)
    return rooms if len(rooms) <= most else ()


def _group(rooms: tuple[str, ...], most: int) -> dict[str, Any]:
    if len(rooms) > most:
        return {"errors": [{"domain": "global", "reason": "groupTooBig"}], "calendars": []}
    return {"calendars": list(rooms)}


def _is_id(name: str) -> bool:
    try:
        return name == "primary" or bool(check_address(name))
    except InvalidProperty:
        return False


def _calendar(one: Schedule | None, start: Instant, end: Instant, zone: str) -> dict[str, Any]:
    if one is None or one.person is None or one.role is CalendarRole.NONE:
        return _fault("notFound")
    if one.count > MOST_ITEMS:
        return _fault("internalError")
    times = merge(one.times, start, end)
    return {"busy": [{"start": _write_time(first, zone), "end": _write_time(last, zone)} for first, last in times]}


def _fault(reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _write_time(instant: Instant, zone: str) -> str:
    return write_when(at_instant(instant, "UTC"), zone)["dateTime"]


def _moment(body: dict[str, Any], name: str) -> Instant:
    text = body.get(name)
    if text is None:
        raise MissingProperty(f"Missing {name}.", target=name)
    if not isinstance(text, str):
        raise InvalidProperty(f"{name} must be a string.", target=name)
    try:
        return read_instant(text)
    except (ValueError, OverflowError) as wrong:
        raise Refusal(BAD_REQUEST, f"{name}: {wrong}", target=name) from None


def _zone(body: dict[str, Any]) -> str:
    name = body.get("timeZone")
    if name is None:
        return "UTC"
    if not isinstance(name, str):
        raise InvalidTimeZone("Invalid time zone definition.")
    return find_iana(name)


def _number(body: dict[str, Any], name: str, most: int) -> int:
    value = body.get(name)
    if value is None:
        return most
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InvalidProperty(f"{name} must be a whole number from 1 to {most}.", target=name)
    return value


def _names(body: dict[str, Any]) -> list[str]:
    """Return the ids asked for, each once, in order."""
    items = body.get("items")
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise InvalidProperty("items must be a list of objects.", target="items")
    names = [one.get("id") for one in items]
    if not all(isinstance(name, str) and name for name in names):
        raise MissingProperty("Every item needs an id.", target="items[].id")
    return list(dict.fromkeys(names))
