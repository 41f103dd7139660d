"""What a room says, as a table of policies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.calendar.event import AllDay, Answer, Attendee, Event, Meeting, Role, ShowAs, Status, Timed
from rsvpd.calendar.freebusy import Busy
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.errors import InvalidProperty
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.rooms import Auto, Settings, Verdict, check, decide, times_asked

NOW = parse_instant("2026-11-23T08:00:00")
ZONE = "Europe/Berlin"
ROOM = Person(number=9, oid="o", address="orion@example.com", name="Orion", zone=ZONE, kind=PersonKind.ROOM)
WEEKLY, ENDLESS = "FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY"


def request(start: str, minutes: int = 60, rule: str = "", **more: Any) -> Meeting:
    begin = datetime.fromisoformat(start)
    first = Timed(begin, ZONE)
    event = Event(start=first, end=Timed(begin + timedelta(minutes=minutes), ZONE), **more)
    recurrence = Recurrence((read(rule, first),)) if rule else None
    organizer = Mailbox("alice@example.com", "Alice")
    return Meeting(uid="u", organizer=organizer, is_organizer=False, event=event, recurrence=recurrence)


def taken(*times: str) -> list[Busy]:
    """Return an hour each, given in UTC."""
    nothing = Event(start=AllDay(date.min), end=AllDay(date.min))
    starts = [parse_instant(one) for one in times]
    return [Busy(one, one + 3_600_000_000, ShowAs.BUSY, nothing) for one in starts]


def said(settings: Settings, meeting: Meeting, *times: str, rid: str | None = None) -> tuple[Verdict, ...]:
    asked = times_asked(meeting, rid, settings, zone=ZONE, now=NOW)
    return decide(settings, meeting, asked, taken(*times), room=ROOM, now=NOW)


def answers(*args: Any, **more: Any) -> list[tuple[str | None, str]]:
    return [(one.recurrence_id, one.answer.value) for one in said(*args, **more)]


NINE = "2026-12-01T09:00"  # in Berlin; 08:00 UTC
AT_NINE, AT_TEN = "2026-12-01T08:00:00", "2026-12-01T09:00:00"
SECOND = "2026-12-08T08:00:00"
MANY = Settings(max_conflicts=2, conflict_percentage=50)


@pytest.mark.parametrize(
    ("settings", "meeting", "times", "expected"),
    [
        (Settings(), request(NINE), [], [(None, "accepted")]),
        (Settings(), request(NINE), [AT_NINE], [(None, "declined")]),
        (Settings(), request(NINE), ["2026-12-01T07:00:00", AT_TEN], [(None, "accepted")]),  # they only touch
        (Settings(), request(NINE, minutes=61), [AT_TEN], [(None, "declined")]),
        (Settings(auto=Auto.NONE), request(NINE), [], []),
        (Settings(auto=Auto.TENTATIVE), request(NINE), [], [(None, "tentative")]),
        (Settings(auto=Auto.TENTATIVE), request(NINE), [AT_NINE], [(None, "declined")]),
        (Settings(delegates=("bob@example.com",)), request(NINE), [], [(None, "tentative")]),
        (Settings(delegates=("bob@example.com",)), request(NINE), [AT_NINE], [(None, "declined")]),
        (Settings(), request("2026-11-20T09:00"), [], []),  # it is over
        (Settings(), request(NINE, status=Status.CANCELLED), [], []),
        (Settings(max_minutes=60), request(NINE, minutes=61), [], [(None, "declined")]),
        (Settings(max_minutes=None), request(NINE, minutes=5000), [], [(None, "accepted")]),
        (Settings(horizon_days=8), request(NINE), [], [(None, "accepted")]),
        (Settings(horizon_days=7), request(NINE), [], [(None, "declined")]),
        (Settings(horizon_days=None), request("2029-12-01T09:00"), [], [(None, "accepted")]),
        (Settings(), request(NINE, rule=WEEKLY), [], [(None, "accepted")]),
        (Settings(recurring=False), request(NINE, rule=WEEKLY), [], [(None, "declined")]),
        (Settings(), request(NINE, rule=ENDLESS), [], [(None, "declined")]),  # beyond every horizon
        (Settings(horizon_days=None), request(NINE, rule=ENDLESS), [], [(None, "accepted")]),
        (Settings(horizon_days=28), request(NINE, rule=WEEKLY), [], [(None, "declined")]),
        (Settings(horizon_days=29), request(NINE, rule=WEEKLY), [], [(None, "accepted")]),
        (Settings(horizon_days=None), request(NINE, rule="FREQ=DAILY;COUNT=1001"), [], [(None, "declined")]),
        (Settings(), request(NINE, rule=WEEKLY), [SECOND], [(None, "declined")]),
        (MANY, request(NINE, rule=WEEKLY), [SECOND], [(None, "accepted"), ("20261208T090000", "declined")]),
        (
            Settings(max_conflicts=1, conflict_percentage=20),  # a quarter of four
            request(NINE, rule=WEEKLY),
            [SECOND],
            [(None, "declined")],
        ),
        (
            Settings(max_conflicts=9, conflict_percentage=100),  # nothing of it is free
            request(NINE, rule="FREQ=WEEKLY;COUNT=2"),
            [AT_NINE, SECOND],
            [(None, "declined")],
        ),
        # what is over of a running series neither counts nor is declined
        (Settings(), request("2026-11-17T09:00", rule=WEEKLY), ["2026-11-17T08:00:00"], [(None, "accepted")]),
    ],
)
def test_policy(settings: Settings, meeting: Meeting, times: list[str], expected: list[Any]) -> None:
    assert answers(settings, meeting, *times) == expected


def test_one_occurrence_is_answered_alone() -> None:
    meeting = request(NINE, rule=WEEKLY)
    assert answers(Settings(), meeting, AT_NINE, rid="20261208T090000") == [("20261208T090000", "accepted")]
    assert answers(Settings(), meeting, SECOND, rid="20261208T090000") == [("20261208T090000", "declined")]
    assert answers(Settings(recurring=False), meeting, rid="20261208T090000") == [("20261208T090000", "accepted")]
    assert answers(Settings(), meeting, rid="20270101T090000") == []


def test_the_reason_names_times_as_clocks_of_the_room_show_them() -> None:
    (verdict,) = said(Settings(), request(NINE), AT_NINE)
    assert verdict.reason == "The room is taken: 2026-12-01 09:00 to 10:00 (Europe/Berlin)."
    meeting = request(NINE, rule="FREQ=DAILY;COUNT=9")
    (verdict,) = said(Settings(), meeting, *(f"2026-12-0{day}T08:00:00" for day in range(1, 9)))
    assert verdict.reason.startswith("The room is taken at 8 of 9 of the times asked for: 2026-12-01 09:00 to 10:00, ")
    assert verdict.reason.endswith(" and 3 more.")


def test_the_capacity_only_informs() -> None:
    guests = tuple(Attendee(address=f"{name}@example.com") for name in "abcd")
    room = Attendee(address="orion@example.com")
    guests = (*guests, Attendee(address="beamer@example.com", role=Role.RESOURCE))
    (verdict,) = said(Settings(capacity=4), request(NINE, attendees=(*guests, room)))
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.reason.endswith("The room seats 4, and 5 people are invited.")
    (verdict,) = said(Settings(capacity=5), request(NINE, attendees=(*guests, room)))
    assert "seats" not in verdict.reason


@pytest.mark.parametrize(
    "wrong",
    [{"horizon_days": -1}, {"max_minutes": 0}, {"conflict_percentage": 101}, {"max_conflicts": -1}, {"capacity": 0}],
)
def test_numbers_out_of_range(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidProperty):
        check(Settings(**wrong))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12), st.integers(0, 40), st.integers(1, 9))
def test_a_conflict_is_what_overlaps(times: list[tuple[int, int]], start: int, hours: int) -> None:
    begin = datetime(2026, 12, 1, 0, 0) + timedelta(hours=start)  # noqa: DTZ001 - a wall time
    zero = parse_instant("2026-11-30T23:00:00")  # midnight in Berlin
    hour = 3_600_000_000
    nothing = Event(start=AllDay(date.min), end=AllDay(date.min))
    others = [Busy(zero + at * hour, zero + (at + long) * hour, ShowAs.BUSY, nothing) for at, long in times]
    meeting = request(begin.isoformat(), minutes=hours * 60)
    asked = times_asked(meeting, None, Settings(), zone=ZONE, now=NOW)
    (verdict,) = decide(Settings(), meeting, asked, others, room=ROOM, now=NOW)
    clashes = any(at < start + hours and at + long > start for at, long in times)
    assert (verdict.answer is Answer.DECLINED) is clashes
