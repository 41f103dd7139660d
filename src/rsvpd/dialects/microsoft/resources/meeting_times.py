"""findMeetingTimes: when everybody can meet, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import Location, Role
from rsvpd.calendar.meeting_times import Domain, MeetingTimeSuggestions, Suggestion
from rsvpd.calendar.spans import Span
from rsvpd.commands import meeting_times as commands
from rsvpd.commands.meeting_times import MeetingTimeRequest, MeetingTimes, NamedPlace
from rsvpd.dialects.microsoft.exchange import body, control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.tables.meeting_times import Proposal, ProposedAttendee, Result
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import read_flag, read_list, read_number, read_object
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, UnreadableValue
from rsvpd.timezones.zone import at_instant, to_instant

T = TypeVar("T")

MOST_ATTENDEES, MOST_SLOTS, MOST_LOCATIONS = 100, 100, 50
USUAL_CANDIDATES, MOST_CANDIDATES = 5, 1000
USUAL_PERCENTAGE = 50.0
_MINUTE = 60_000_000
USUAL_LENGTH, LONGEST_LENGTH = 30 * _MINUTE, 24 * 60 * _MINUTE
_DURATION = re.compile(
    r"P(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})(?:\.\d{1,9})?S)?)?", re.ASCII
)
_ALL_COME = "Suggested because it is one of the nearest times when all attendees are available."
_MOST_COME = "Suggested because it is one of the nearest times when most attendees are available."
_ORGANIZER_COMES = "Suggested because it is one of the nearest times when the organizer is available."


async def find_meeting_times(call: Call) -> Response:
    """Answer the best times, or why there are none."""
    attendees = _attendees(call)
    wanted = _meeting_time_request(call, attendees)
    found = await call.door(commands.find_meeting_times, call.who, wanted)
    table = call.profile.tables.meeting_times[0]
    result = _result(found, attendees, has_reasons=body.flag(call.body, "ReturnSuggestionReasons", default=False))
    context = control_info.context_of(call, f"{call.profile.namespace}.{table.name}")
    return replies.entity(call, table.write(result, call.ctx), context=context)


def _meeting_time_request(call: Call, attendees: tuple[AttendeeDraft, ...]) -> MeetingTimeRequest:
    times = _object(call.body, "TimeConstraint")
    places = _object(call.body, "LocationConstraint")
    return MeetingTimeRequest(
        attendees=tuple(one.address for one in attendees),
        windows=_windows(call, times),
        length=_length(call),
        domain=_domain(call, times),
        is_organizer_optional=body.flag(call.body, "IsOrganizerOptional", default=False),
        places=_places(call, places),
        needs_place=body.flag(places, "IsRequired", default=False),
        suggests_places=body.flag(places, "SuggestLocation", default=False),
        minimum=_percentage(call),
        most=_candidates(call),
    )


def _attendees(call: Call) -> tuple[AttendeeDraft, ...]:
    read = call.profile.tables.types.attendees.read
    found: tuple[AttendeeDraft, ...] = _read(call, call.body, "Attendees", read) or ()
    if len(found) > MOST_ATTENDEES:
        raise InvalidProperty(f"Attendees: at most {MOST_ATTENDEES} are possible.", target="Attendees")
    return found


def _windows(call: Call, times: dict[str, Any]) -> tuple[Span, ...]:
    slot = call.profile.tables.types.time_slot
    given = _list(call, times, "TimeSlots", most=MOST_SLOTS)
    found = (_read_member("TimeSlots", slot.read, one, call) for one in given)
    return tuple((to_instant(one[0]), to_instant(one[1])) for one in found if one is not None)


def _domain(call: Call, times: dict[str, Any]) -> Domain:
    read = call.profile.tables.types.word(words.ACTIVITY_DOMAIN).read
    return _read(call, times, "ActivityDomain", read) or Domain.WORK


def _places(call: Call, places: dict[str, Any]) -> tuple[NamedPlace, ...]:
    return tuple(_place(call, one) for one in _list(call, places, "Locations", most=MOST_LOCATIONS))


def _place(call: Call, value: Any) -> NamedPlace:
    members = _read_member("Locations", read_object, value, call)
    location = _read_member("Locations", call.profile.tables.types.location.read, members, call)
    if members is None or location is None:
        raise InvalidProperty("Locations: an entry is null.", target="Locations")
    checks = _read(call, dict(members), "ResolveAvailability", read_flag)
    return NamedPlace(location, True if checks is None else checks)


def _length(call: Call) -> int:
    """Return how long the meeting is, as ISO 8601 has it, in microseconds."""
    text = body.parameter(call.body, "MeetingDuration")
    if text is None:
        return USUAL_LENGTH
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()):
        raise UnreadableValue(f"Cannot convert the literal '{str(text)[:40]}' to the expected type 'Edm.Duration'.")
    days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
    length = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000
    if not _MINUTE <= length <= LONGEST_LENGTH:
        raise InvalidProperty("MeetingDuration: from a minute to 24 hours are possible.", target="MeetingDuration")
    return length


def _percentage(call: Call) -> float:
    """Return a number that is also read from a text, as the documentation writes it."""
    value = body.parameter(call.body, "MinimumAttendeePercentage")
    if value is None:
        return USUAL_PERCENTAGE
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        number = -1.0
    if not 0 <= number <= 100:
        raise InvalidProperty(
            "MinimumAttendeePercentage: a number from 0 to 100 is expected.", target="MinimumAttendeePercentage"
        )
    return number


def _candidates(call: Call) -> int:
    number = _read(call, call.body, "MaxCandidates", read_number)
    if number is None:
        return USUAL_CANDIDATES
    if number < 1:
        raise InvalidProperty("MaxCandidates: at least one is needed.", target="MaxCandidates")
    return min(number, MOST_CANDIDATES)


def _object(members: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.parameter(members, name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidProperty(f"{name}: an object is expected.", target=name)
    return dict(value)


def _list(call: Call, members: dict[str, Any], name: str, *, most: int) -> list[Any]:
    found = _read(call, members, name, read_list) or []
    if len(found) > most:
        raise InvalidProperty(f"{name}: at most {most} are possible.", target=name)
    return found


def _read(call: Call, members: dict[str, Any], name: str, read: Callable[[Any, Any], T]) -> T | None:
    value = body.parameter(members, name)
    return None if value is None else _read_member(name, read, value, call)


def _read_member(name: str, read: Callable[[Any, Any], T], value: Any, call: Call) -> T:
    try:
        return read(value, call.ctx)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise InvalidProperty(f"{name}: {wrong}", target=name) from None


# --- the answer


def _result(found: MeetingTimes, attendees: tuple[AttendeeDraft, ...], *, has_reasons: bool) -> Result:
    times: MeetingTimeSuggestions = found.found
    proposals = (
        _proposal(one, number, attendees, found.places, has_reasons=has_reasons)
        for number, one in enumerate(times.suggestions, 1)
    )
    return Result(tuple(proposals), times.reason)


def _proposal(
    one: Suggestion,
    order: int,
    attendees: tuple[AttendeeDraft, ...],
    places: tuple[Location, ...],
    *,
    has_reasons: bool,
) -> Proposal:
    return Proposal(
        confidence=one.confidence,
        order=order,
        organizer=one.organizer,
        why=_why(one) if has_reasons else None,
        attendees=tuple(
            ProposedAttendee(
                asked.address, (asked.role if isinstance(asked.role, Role) else Role.REQUIRED).value, status
            )
            for asked, status in zip(attendees, one.attendees, strict=True)
        ),
        places=tuple(places[number] for number in one.places),
        slot=(at_instant(one.start, "UTC"), at_instant(one.end, "UTC")),
    )


def _why(one: Suggestion) -> str:
    if not one.attendees:
        return _ORGANIZER_COMES
    return _ALL_COME if one.confidence >= 100 else _MOST_COME
