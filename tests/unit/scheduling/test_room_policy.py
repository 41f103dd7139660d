"""What a room says, as a table of policies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json
from msgspec.structs import asdict

from rsvpd.calendar.event import AllDay, Answer, Attendee, Event, Meeting, Role, ShowAs, Status, Timed
from rsvpd.calendar.expansion import expand
from rsvpd.calendar.freebusy import Busy
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.errors import InvalidProperty
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import as_text
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.letters import conversation_of
from rsvpd.scheduling.rooms import Auto, Settings, Verdict, approval_letter, check, decide, requested_times

NOW = parse_instant("2026-11-23T08:00:00")
ZONE = "Europe/Berlin"
ROOM = Person(number=9, oid="o", address="orion@example.com", name="Orion", zone=ZONE, kind=PersonKind.ROOM)
ALICE = Mailbox("alice@example.com", "Alice")
WEEKLY, ENDLESS = "FREQ=WEEKLY;COUNT=4", "FREQ=WEEKLY"


def event(start: str, minutes: int = 60, **more: Any) -> Event:
    begin = datetime.fromisoformat(start)
    return Event(start=Timed(begin, ZONE), end=Timed(begin + timedelta(minutes=minutes), ZONE), **more)


def request(
    start: str, minutes: int = 60, rule: str = "", *, exceptions: dict[str, Event] | None = None, **more: Any
) -> Meeting:
    one = event(start, minutes, **more)
    return Meeting(
        uid="u",
        organizer=ALICE,
        is_organizer=False,
        event=one,
        recurrence=Recurrence((read(rule, one.start),)) if rule else None,
        exceptions=exceptions or {},
    )


def taken(*times: str) -> list[Busy]:
    """Return an hour each, given in UTC."""
    nothing = Event(start=AllDay(date.min), end=AllDay(date.min))
    starts = [parse_instant(one) for one in times]
    return [Busy(one, one + 3_600_000_000, ShowAs.BUSY, nothing, is_private=False) for one in starts]


def said(settings: Settings, meeting: Meeting, *times: str, rid: str | None = None) -> tuple[Verdict, ...]:
    asked = requested_times(meeting, rid, settings, zone=ZONE, now=NOW)
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
        (Settings(), request("2026-11-23T08:00"), [], []),  # it ends just now
        (Settings(), request("2026-11-23T08:00", minutes=61), [], [(None, "accepted")]),
        (Settings(), request("2026-12-01T09:30", minutes=0), [AT_NINE], [(None, "accepted")]),  # it takes no time
        (Settings(), request(NINE, status=Status.CANCELLED), [], []),
        (Settings(max_minutes=60), request(NINE), [], [(None, "accepted")]),
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
        # that ran for long before, and whose last begins late on the last day
        (Settings(), request("2026-04-01T09:00", rule="FREQ=WEEKLY;COUNT=40"), [], [(None, "accepted")]),
        (Settings(horizon_days=15), request("2026-11-17T10:00", rule=WEEKLY), [], [(None, "accepted")]),
        (Settings(horizon_days=14), request("2026-11-17T10:00", rule=WEEKLY), [], [(None, "declined")]),
        (
            Settings(horizon_days=15, max_minutes=None),  # it counts when meetings begin, as of single ones
            request("2026-11-17T09:00", minutes=6 * 1440, rule=WEEKLY),
            [],
            [(None, "accepted")],
        ),
        (Settings(), request("2028-12-01T09:00", rule=WEEKLY), [], [(None, "declined")]),
        (Settings(), request(NINE, rule="FREQ=YEARLY;COUNT=2"), [], [(None, "declined")]),
        (Settings(), request(NINE, rule="FREQ=YEARLY"), [], [(None, "declined")]),
        (Settings(horizon_days=None), request(NINE, rule="FREQ=DAILY;COUNT=1001"), [], [(None, "declined")]),
        (Settings(horizon_days=None), request(NINE, rule="FREQ=DAILY;COUNT=1000"), [], [(None, "accepted")]),
        (
            Settings(max_minutes=60),  # one of its dates is too long
            request(NINE, rule=WEEKLY, exceptions={"20261208T090000": event("2026-12-08T09:00", 61)}),
            [],
            [(None, "declined")],
        ),
        (Settings(), request(NINE, rule=WEEKLY), [SECOND], [(None, "declined")]),
        (MANY, request(NINE, rule=WEEKLY), [SECOND], [(None, "accepted"), ("20261208T090000", "declined")]),
        (
            Settings(max_conflicts=1, conflict_percentage=20),  # a quarter of four
            request(NINE, rule=WEEKLY),
            [SECOND],
            [(None, "declined")],
        ),
        (
            Settings(max_conflicts=1, conflict_percentage=100),
            request(NINE, rule=WEEKLY),
            [AT_NINE, SECOND],
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
    running = request("2026-11-16T08:00", rule="FREQ=DAILY;COUNT=9")
    assert answers(Settings(), running, rid="20261122T080000") == []  # it is over
    assert answers(Settings(), running, rid="20261123T080000") == []  # it ends just now
    assert answers(Settings(), running, rid="20261124T080000") == [("20261124T080000", "accepted")]


def test_what_is_asked_for_is_what_stands_in_the_calendar() -> None:
    begin, end = parse_instant(AT_NINE), parse_instant(AT_TEN)
    for meeting in (request(NINE), request(NINE, rule="FREQ=DAILY;COUNT=1")):
        slots = requested_times(meeting, None, Settings(), zone=ZONE, now=NOW).slots
        assert slots == tuple(expand(meeting, begin, end, zone=ZONE))


def test_the_reason_names_times_as_clocks_of_the_room_show_them() -> None:
    (verdict,) = said(Settings(), request(NINE))
    assert verdict.reason == "Your request was accepted."
    (verdict,) = said(Settings(), request(NINE), AT_NINE)
    assert verdict.reason == "The room is taken: 2026-12-01 09:00 to 10:00 (Europe/Berlin)."
    meeting = request(NINE, rule="FREQ=DAILY;COUNT=9")
    (verdict,) = said(Settings(), meeting, *(f"2026-12-0{day}T08:00:00" for day in range(1, 9)))
    assert verdict.reason.startswith("The room is taken at 8 of 9 of the times asked for: 2026-12-01 09:00 to 10:00, ")
    assert verdict.reason.endswith(" and 3 more.")
    for days, end in ((5, "2026-12-05 09:00 to 10:00 (Europe/Berlin)."), (6, " and 1 more.")):
        (verdict,) = said(Settings(), meeting, *(f"2026-12-0{day}T08:00:00" for day in range(1, days + 1)))
        assert verdict.reason.endswith(end)
    (verdict,) = said(Settings(), request("2026-12-01T23:00", minutes=120), "2026-12-01T23:00:00")
    assert verdict.reason == "The room is taken: 2026-12-01 23:00 to 2026-12-02 01:00 (Europe/Berlin)."


def test_the_reason_is_the_number_of_meetings_where_all_are_near_enough() -> None:
    """In 42 days there are a thousand hours and some, of which the last is well within the horizon."""
    (verdict,) = said(Settings(), request(NINE, rule="FREQ=HOURLY;COUNT=1001"))
    assert verdict.reason == "This room takes no series of more than 1000 meetings."
    (verdict,) = said(Settings(horizon_days=9), request(NINE, rule="FREQ=HOURLY;COUNT=1001"))
    assert verdict.reason == "This room can be booked at most 9 days ahead, until 2026-12-02."


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
    ("name", "least", "most"),
    [
        ("horizon_days", 0, 1825),
        ("max_minutes", 1, 1825 * 24 * 60),
        ("max_conflicts", 0, 1000),
        ("conflict_percentage", 0, 100),
        ("capacity", 1, 1_000_000),
    ],
)
def test_numbers_have_bounds(name: str, least: int, most: int) -> None:
    for number in (least, most):
        assert check(Settings(**{name: number})) == Settings(**{name: number})
    for number in (least - 1, most + 1):
        with pytest.raises(InvalidProperty, match=f"{name} must be from {least} to {most}") as wrong:
            check(Settings(**{name: number}))
        assert wrong.value.target == name


def test_a_policy_that_is_not_said_means_the_same_for_ever() -> None:
    """A member that has its default is left out of the data file, where later versions read it."""
    assert asdict(check(json.decode(b"{}", type=Settings))) == {
        "auto": Auto.ACCEPT, "horizon_days": 180, "recurring": True, "max_minutes": 1440, "max_conflicts": 0,
        "conflict_percentage": 0, "is_reserved": False, "capacity": None, "delegates": (),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("organizer", "one", "text"),
    [
        pytest.param(
            ALICE,
            event(NINE, 960, subject="Plans"),
            "Alice asks for Orion: Plans, 2026-12-01 09:00 to 2026-12-02 01:00 (Europe/Berlin).",
            id="in the room's zone",
        ),
        pytest.param(
            Mailbox("alice@example.com"),
            Event(start=Timed(datetime(2026, 12, 1, 8), "UTC"), end=Timed(datetime(2026, 12, 1, 9), "UTC")),
            "alice@example.com asks for Orion: , 2026-12-01 09:00 to 2026-12-01 10:00 (Europe/Berlin).",
            id="by somebody without a name",
        ),
        pytest.param(
            ALICE,
            Event(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 3)), subject="Fair"),
            "Alice asks for Orion: Fair, 2026-12-01 to 2026-12-03 (Europe/Berlin).",
            id="for days",
        ),
    ],
)
def test_the_letter_that_asks_the_delegates(organizer: Mailbox, one: Event, text: str) -> None:
    meeting = Meeting(uid="u", organizer=organizer, is_organizer=False, event=one)
    letter = approval_letter(ROOM, meeting, one, ("bob@example.com", "carol@example.com"), sent=NOW)
    assert as_text(letter.body).partition("\n")[0] == text
    assert (letter.from_, letter.sender, letter.sent) == (ROOM.mailbox, ROOM.mailbox, NOW)
    assert letter.to == (Mailbox("bob@example.com"), Mailbox("carol@example.com"))
    assert letter.conversation == conversation_of(meeting.key)
    again = approval_letter(ROOM, meeting, one, ("bob@example.com",), sent=NOW + 1)
    assert len({"", letter.internet_message_id, again.internet_message_id}) == 3


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=12), st.integers(0, 40), st.integers(1, 9))
def test_a_conflict_is_what_overlaps(times: list[tuple[int, int]], start: int, hours: int) -> None:
    begin = datetime(2026, 12, 1, 0, 0) + timedelta(hours=start)
    zero = parse_instant("2026-11-30T23:00:00")  # midnight in Berlin
    hour = 3_600_000_000
    nothing = Event(start=AllDay(date.min), end=AllDay(date.min))
    others = [
        Busy(zero + at * hour, zero + (at + long) * hour, ShowAs.BUSY, nothing, is_private=False) for at, long in times
    ]
    meeting = request(begin.isoformat(), minutes=hours * 60)
    asked = requested_times(meeting, None, Settings(), zone=ZONE, now=NOW)
    (verdict,) = decide(Settings(), meeting, asked, others, room=ROOM, now=NOW)
    clashes = any(at < start + hours and at + long > start for at, long in times)
    assert (verdict.answer is Answer.DECLINED) is clashes
