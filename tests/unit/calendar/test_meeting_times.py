"""Finding a time: which times are suggested, in which order, and why there are none; and the law of what is free."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from rsvpd.calendar.event import Event, ShowAs, Timed
from rsvpd.calendar.freebusy import Busy, availability_view
from rsvpd.calendar.meeting_times import (
    STEP,
    MeetingTimeQuestion,
    MeetingTimeSuggestions,
    Participant,
    Place,
    Reason,
    find,
)
from rsvpd.calendar.spans import Span
from rsvpd.clock import parse_instant, to_datetime
from rsvpd.timezones.zone import at_instant

DAY = parse_instant("2026-12-01T00:00")
HOUR = 3600 * 1_000_000


def at(hour: float) -> int:
    return DAY + int(hour * HOUR)


def span(start: float, end: float) -> Span:
    return at(start), at(end)


def taken(start: float, end: float, status: ShowAs = ShowAs.BUSY) -> Busy:
    when = Timed(at_instant(DAY, "UTC").wall, "UTC")
    return Busy(at(start), at(end), status, Event(start=when, end=when), is_private=False)


def somebody(*times: Busy, hours: tuple[Span, ...] | None = None) -> Participant:
    return Participant(tuple(times), hours)


FREE = somebody()
NOBODY_KNOWS = Participant(None)
MORNING = somebody(taken(8, 12))
USUAL = MeetingTimeQuestion(windows=(span(8, 17),), length=HOUR, organizer=FREE)


def shown(found: MeetingTimeSuggestions) -> list[str]:
    return [f"{to_datetime(one.start):%H:%M} {one.confidence:g}" for one in found.suggestions]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"most": 3}, ["08:00 100", "08:30 100", "09:00 100"]),
        ({"windows": (span(9, 10),)}, ["09:00 100"]),
        ({"windows": (span(9.25, 10.25),)}, ["09:15 100"]),
        ({"windows": (span(9.25, 11),)}, ["09:15 100", "09:30 100", "10:00 100"]),
        ({"windows": (span(15, 16), span(9, 10), span(9.5, 10.5))}, ["09:00 100", "09:30 100", "15:00 100"]),
        ({"organizer": MORNING, "most": 2}, ["12:00 100", "12:30 100"]),
        ({"organizer": MORNING, "is_organizer_optional": True, "most": 1}, ["08:00 100"]),
        ({"organizer": somebody(taken(8, 12, ShowAs.OOF)), "most": 1}, ["12:00 100"]),
        ({"organizer": somebody(taken(8, 12, ShowAs.TENTATIVE)), "most": 1}, ["08:00 100"]),
        ({"organizer": somebody(taken(8, 12, ShowAs.ELSEWHERE)), "most": 1}, ["08:00 100"]),
        ({"organizer": somebody(hours=(span(10, 12),))}, ["10:00 100", "10:30 100", "11:00 100"]),
        ({"organizer": somebody(hours=(span(8, 9), span(16.5, 17)))}, ["08:00 100"]),
        ({"attendees": (MORNING,), "most": 1}, ["12:00 100"]),
        ({"attendees": (MORNING, FREE), "windows": (span(11, 13),)}, ["12:00 100", "11:00 50", "11:30 50"]),
        ({"attendees": (MORNING, FREE), "windows": (span(11, 13),), "minimum": 51.0}, ["12:00 100"]),
        ({"attendees": (FREE, NOBODY_KNOWS), "most": 1}, ["08:00 74.5"]),
        ({"attendees": (somebody(taken(8, 12, ShowAs.TENTATIVE)), FREE), "windows": (span(8, 9),)}, ["08:00 74.5"]),
        ({"attendees": (somebody(taken(8, 12, ShowAs.ELSEWHERE)),), "windows": (span(8, 9),)}, ["08:00 100"]),
        ({"attendees": (FREE, NOBODY_KNOWS, MORNING), "windows": (span(8, 9),), "minimum": 49.0}, ["08:00 49.6667"]),
        ({"attendees": (somebody(hours=(span(9, 11),)), somebody(hours=(span(10, 12),)))}, ["10:00 100"]),
        ({"attendees": (somebody(taken(9, 10)),), "windows": (span(8, 11),)}, ["08:00 100", "10:00 100"]),
        ({"attendees": (somebody(taken(9, 10), taken(9, 10, ShowAs.TENTATIVE)),), "windows": (span(9, 10),),
          "minimum": 0.0}, ["09:00 0"]),
        ({"places": (Place((taken(8, 16),)),), "needs_place": True}, ["16:00 100"]),
        ({"places": (Place(None, is_checked=False),), "needs_place": True, "most": 1}, ["08:00 100"]),
        ({"places": (Place((taken(8, 17),)),), "most": 1}, ["08:00 100"]),
    ],
)  # fmt: skip
def test_what_is_suggested(changes: dict[str, Any], expected: list[str]) -> None:
    assert shown(find(structs.replace(USUAL, **changes))) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"windows": ()}, Reason.UNKNOWN),
        ({"length": 10 * HOUR}, Reason.UNKNOWN),
        ({"organizer": somebody(taken(8, 17))}, Reason.ORGANIZER),
        ({"organizer": somebody(hours=(span(18, 20),))}, Reason.ORGANIZER),
        ({"attendees": (somebody(taken(8, 17)),)}, Reason.ATTENDEES),
        ({"attendees": (somebody(hours=(span(18, 20),)),)}, Reason.ATTENDEES),
        ({"attendees": (NOBODY_KNOWS,)}, Reason.ATTENDEES_OR_UNKNOWN),
        ({"attendees": (FREE, NOBODY_KNOWS), "minimum": 80.0}, Reason.ATTENDEES_OR_UNKNOWN),
        ({"needs_place": True}, Reason.LOCATIONS),
        ({"needs_place": True, "places": (Place((taken(8, 17),)),)}, Reason.LOCATIONS),
        ({"needs_place": True, "places": (Place(None),)}, Reason.LOCATIONS),
    ],
)
def test_why_nothing_is(changes: dict[str, Any], reason: Reason) -> None:
    assert find(structs.replace(USUAL, **changes)) == MeetingTimeSuggestions(reason=reason)


@pytest.mark.parametrize(
    ("places", "spare", "free"),
    [
        ((Place(()), Place(())), 1, (0, 1)),
        ((Place((taken(8, 9),)), Place(())), 1, (1,)),
        ((Place((taken(8, 9),)), Place((), is_spare=True), Place((), is_spare=True)), 1, (1,)),
        ((Place((taken(8, 9),)), Place((), is_spare=True), Place((), is_spare=True)), 5, (1, 2)),
        ((Place(()), Place((), is_spare=True)), 5, (0,)),
        ((Place((taken(8, 9),), is_checked=False), Place((), is_spare=True)), 1, (0,)),
        ((Place((taken(9, 10), taken(7, 8))), Place((), is_spare=True)), 1, (0,)),
    ],
)
def test_which_places_are_to_be_had(places: tuple[Place, ...], spare: int, free: tuple[int, ...]) -> None:
    (found,) = find(structs.replace(USUAL, windows=(span(8, 9),), places=places, spare=spare)).suggestions
    assert found.places == free


DIGITS = {ShowAs.FREE: "0", ShowAs.TENTATIVE: "1", ShowAs.BUSY: "2", ShowAs.OOF: "3", ShowAs.ELSEWHERE: "4"}
PEOPLE = st.lists(
    st.builds(
        lambda start, length, status: taken(start / 4, (start + length) / 4, status),
        st.integers(0, 95), st.integers(1, 40), st.sampled_from([*DIGITS][1:]),
    ),
    max_size=8,
).map(lambda times: Participant(tuple(times)))  # fmt: skip


@settings(max_examples=300)
@given(organizer=PEOPLE, attendees=st.lists(PEOPLE, max_size=4), length=st.integers(1, 16), minimum=st.integers(0, 100))
def test_each_suggestion_is_what_free_busy_says(
    organizer: Participant, attendees: list[Participant], length: int, minimum: int
) -> None:
    """Every half hour is either suggested, with what the availability view shows there, or may not be."""
    whole = length * HOUR // 4
    asked = MeetingTimeQuestion(
        windows=(span(0, 24),), length=whole, organizer=organizer, attendees=tuple(attendees),
        minimum=minimum, most=1000,
    )  # fmt: skip
    found = find(asked)
    suggested = {one.start: one for one in found.suggestions}
    assert bool(suggested) == (found.reason is None)
    chances = {"0": 100, "4": 100, "1": 49, "2": 0, "3": 0}
    for start in range(at(0), at(24) - whole + 1, STEP):
        own, *others = (
            availability_view(one.times or (), start, start + whole, whole) for one in (organizer, *attendees)
        )
        confidence = sum(chances[one] for one in others) / len(others) if others else 100
        is_possible = own not in "23" and confidence >= minimum
        assert (start in suggested) == is_possible
        if is_possible:
            one = suggested[start]
            assert [DIGITS[status] for status in (one.organizer, *one.attendees)] == [own, *others]
            assert one.confidence == confidence
    order = [(-one.confidence, one.start) for one in found.suggestions]
    assert order == sorted(order)
