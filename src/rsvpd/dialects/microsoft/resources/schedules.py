"""getSchedule: when people and rooms are free, for several of them at once."""

from __future__ import annotations

from rsvpd.calendar.event import Timed
from rsvpd.calendar.freebusy import Busy, availability_view
from rsvpd.calendar.permission import CalendarRole
from rsvpd.clock import Instant
from rsvpd.commands import schedule as commands
from rsvpd.commands.schedule import Schedule
from rsvpd.dialects.microsoft.exchange import body, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.resources.events import place_of_event
from rsvpd.dialects.microsoft.tables.schedule import Entry, Fault, Item
from rsvpd.dialects.microsoft.vocabulary.codecs import read_number, read_texts
from rsvpd.dialects.microsoft.vocabulary.times import as_timed, read_zoned
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, MissingProperty
from rsvpd.timezones.zone import to_instant, to_wall

LONGEST_DAYS = 62
MOST_SCHEDULES = 100
MOST_ITEMS = 1000
STEPS = range(5, 1441)
DEFAULT_STEP = 30
_MINUTE = 60_000_000
_NO_RIGHTS = "The caller does not have free/busy viewing rights on this calendar."


async def get_schedule(call: Call) -> Response:
    """Answer one entry for each address, in the order asked; whoever is not known here gets an error of the own."""
    tables = call.profile.tables.schedule
    await check_calendar(call)
    addresses = _addresses(call)
    start, end = _instant(call, "StartTime"), _instant(call, "EndTime")
    step = _step(call)
    found = await call.door(
        commands.get_schedules, call.who, addresses, start, end, days=LONGEST_DAYS, most=MOST_ITEMS
    )
    values = await in_turn(found, lambda one: tables[0].write(_entry(one, start, end, step), call.ctx), at_a_time=1)
    return replies.value(call, f"Collection({call.profile.namespace}.{tables[0].name})", values)


async def get_schedule_beside(call: Call) -> Response:
    """Answer the same, asked of the calendar in which an event stands."""
    await place_of_event(call)
    return await get_schedule(call)


def _addresses(call: Call) -> tuple[str, ...]:
    try:
        addresses = read_texts(body.parameter(call.body, "Schedules"))
    except ValueError as wrong:
        raise InvalidProperty(f"Schedules: {wrong}", target="Schedules") from None
    if not addresses:
        raise MissingProperty("Schedules: at least one address is needed.", target="Schedules")
    if len(addresses) > MOST_SCHEDULES:
        raise InvalidProperty(f"Schedules: at most {MOST_SCHEDULES} addresses are possible.", target="Schedules")
    return addresses


def _instant(call: Call, name: str) -> Instant:
    try:
        stamp = read_zoned(body.parameter(call.body, name), call.ctx)
    except ValueError as wrong:
        raise InvalidProperty(f"{name}: {wrong}", target=name) from None
    if stamp is None:
        raise MissingProperty(f"{name} is required.", target=name)
    return to_instant(as_timed(stamp))


def _step(call: Call) -> int:
    name = "AvailabilityViewInterval"
    try:
        minutes = read_number(body.parameter(call.body, name))
    except ValueError as wrong:
        raise InvalidProperty(f"{name}: {wrong}", target=name) from None
    if minutes is None:
        return DEFAULT_STEP * _MINUTE
    if minutes not in STEPS:
        raise InvalidProperty(f"{name}: from {STEPS[0]} to {STEPS[-1]} minutes are possible.", target=name)
    return minutes * _MINUTE


def _entry(one: Schedule, start: Instant, end: Instant, step: int) -> Entry:
    if one.person is None:
        words = f"Unable to resolve e-mail address {one.address} to an Active Directory object."
        return Entry(address=one.address, fault=Fault(words, "5009"))
    if one.role is CalendarRole.NONE:
        # The name is that of Exchange Web Services' ResponseCode; which number Graph writes is not published.
        return Entry(address=one.address, fault=Fault(_NO_RIGHTS, "ErrorNoFreeBusyAccess"))
    if one.count > MOST_ITEMS:
        words = (
            "The result set contains too many calendar entries."
            f" The allowed limit = {MOST_ITEMS}; the actual limit = {one.count}."
        )
        return Entry(address=one.address, fault=Fault(words, "5006"))
    return Entry(
        address=one.address,
        view=availability_view(one.times, start, end, step),
        items=tuple(_item(time, shows_details=one.shows_details) for time in one.times),
        hours=one.hours,
    )


def _item(one: Busy, *, shows_details: bool) -> Item:
    start, end = (Timed(to_wall(when, "UTC"), "UTC") for when in (one.start, one.end))
    if not shows_details:
        return Item(status=one.status, start=start, end=end)
    event = one.event
    return Item(
        status=one.status,
        start=start,
        end=end,
        is_private=one.is_private,
        subject=event.subject,
        location="; ".join(place.name for place in event.locations),
    )
