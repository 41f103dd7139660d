"""An occurrence lasts exactly as long as its series says, over every change of clocks, wherever it is read.

Each series is made through Graph and through Google, and read in all dialects, in free/busy, and in the invitation that
leaves, as a program outside expands it: with the wall times of python-dateutil and RFC 5545 3.8.5.3.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil import rrule
from msgspec import Struct

from rsvpd.commands import outbox
from rsvpd.delivery import imip
from support.calendar_v3 import EVENTS, CalendarV3, answered, at, instant
from support.client import MOUNTS, Client
from support.world import World

Spans = list[tuple[str, str]]
OUTSIDE = "guest@else.example"
DAY = timedelta(days=1)


class Series(Struct, frozen=True):
    """What is made: wall times of the first occurrence, their zones, and how it repeats (daily, or weekly)."""

    start: str
    end: str
    zone: str
    how: str
    count: int
    end_zone: str = ""


BERLIN, HOWE, HAVANA = "Europe/Berlin", "Australia/Lord_Howe", "America/Havana"
# The instants of each occurrence, in UTC. In Berlin clocks go forward on 28 March, back on 31 October, at 01:00.
TABLE: dict[str, tuple[Series, Spans]] = {
    "a night without an hour": (
        Series("2027-03-26T22:00", "2027-03-27T06:00", BERLIN, "daily", 3),
        [("03-26T21:00", "03-27T05:00"), ("03-27T21:00", "03-28T05:00"), ("03-28T20:00", "03-29T04:00")],
    ),
    "a night with an hour twice": (
        Series("2027-10-29T22:00", "2027-10-30T06:00", BERLIN, "daily", 3),
        [("10-29T20:00", "10-30T04:00"), ("10-30T20:00", "10-31T04:00"), ("10-31T21:00", "11-01T05:00")],
    ),
    "the first night is the short one": (
        Series("2027-03-27T22:00", "2027-03-28T06:00", BERLIN, "daily", 2),
        [("03-27T21:00", "03-28T04:00"), ("03-28T20:00", "03-29T03:00")],
    ),
    "from within the hour that is skipped": (
        Series("2027-03-27T02:45", "2027-03-27T03:45", BERLIN, "daily", 3),
        [("03-27T01:45", "03-27T02:45"), ("03-28T01:45", "03-28T02:45"), ("03-29T00:45", "03-29T01:45")],
    ),
    "into the hour that is skipped": (
        Series("2027-03-27T01:30", "2027-03-27T02:30", BERLIN, "daily", 2),
        [("03-27T00:30", "03-27T01:30"), ("03-28T00:30", "03-28T01:30")],
    ),
    "from within the hour that comes twice": (
        Series("2027-10-30T02:30", "2027-10-30T03:30", BERLIN, "daily", 2),
        [("10-30T00:30", "10-30T01:30"), ("10-31T00:30", "10-31T01:30")],
    ),
    "half an hour less": (  # on 3 October at 15:30 UTC of the day before, from +10:30 to +11
        Series("2027-10-02T01:00", "2027-10-02T03:00", HOWE, "daily", 3),
        [("10-01T14:30", "10-01T16:30"), ("10-02T14:30", "10-02T16:30"), ("10-03T14:00", "10-03T16:00")],
    ),
    "half an hour more": (  # on 4 April at 15:00 UTC of the day before
        Series("2027-04-03T01:00", "2027-04-03T03:00", HOWE, "daily", 3),
        [("04-02T14:00", "04-02T16:00"), ("04-03T14:00", "04-03T16:00"), ("04-04T14:30", "04-04T16:30")],
    ),
    "a midnight that is skipped": (  # on 14 March at 05:00 UTC, from -5 to -4
        Series("2027-03-13T00:00", "2027-03-13T01:00", HAVANA, "daily", 3),
        [("03-13T05:00", "03-13T06:00"), ("03-14T05:00", "03-14T06:00"), ("03-15T04:00", "03-15T05:00")],
    ),
    "an end in a zone that changes on another day": (  # New York on 14 March
        Series("2027-03-08T10:00", "2027-03-08T13:30", BERLIN, "weekly", 4, "America/New_York"),
        [
            ("03-08T09:00", "03-08T18:30"), ("03-15T09:00", "03-15T18:30"),
            ("03-22T09:00", "03-22T18:30"), ("03-29T08:00", "03-29T17:30"),
        ],
    ),
    "two days and a half": (
        Series("2027-03-19T18:00", "2027-03-22T08:00", BERLIN, "weekly", 3),
        [("03-19T17:00", "03-22T07:00"), ("03-26T17:00", "03-29T07:00"), ("04-02T16:00", "04-05T06:00")],
    ),
    "whole days between times": (
        Series("2027-10-22T12:00", "2027-10-24T12:00", BERLIN, "weekly", 3),
        [("10-22T10:00", "10-24T10:00"), ("10-29T10:00", "10-31T10:00"), ("11-05T11:00", "11-07T11:00")],
    ),
}  # fmt: skip


def rule_of(made: Series) -> str:
    return f"RRULE:FREQ={made.how.upper()};COUNT={made.count}"


def through_google(world: World, made: Series) -> None:
    guests = [{"email": "bob@example.com"}, {"email": OUTSIDE}]
    start, end = at(f"{made.start}:00", made.zone), at(f"{made.end}:00", made.end_zone or made.zone)
    alice = CalendarV3(world, "alice")
    alice.insert(start, end, query="sendUpdates=all", attendees=guests, recurrence=[rule_of(made)])


def through_graph(world: World, made: Series) -> None:
    pattern = {"type": made.how, "interval": 1}
    if made.how == "weekly":
        pattern["daysOfWeek"] = [f"{datetime.fromisoformat(made.start):%A}".lower()]
    ends = {"type": "numbered", "startDate": made.start[:10], "numberOfOccurrences": made.count}
    alice = Client(world, "alice", "graph")
    times = alice.times(made.start, made.end, made.zone)
    times["end"]["timeZone"] = made.end_zone or made.zone
    guests = [{"emailAddress": {"address": one}} for one in ("bob@example.com", OUTSIDE)]
    body = {"subject": "x", **times, "attendees": guests, "recurrence": {"pattern": pattern, "range": ends}}
    assert alice("POST", "/me/events", body).status == 201


WAYS: dict[str, Callable[[World, Series], None]] = {"graph": through_graph, "google": through_google}


# --- who reads them


def in_microsoft(world: World, who: str, profile: str, window: tuple[str, str]) -> tuple[Spans, Spans]:
    """Return the instances of the one series, and what the calendar view shows."""
    client = Client(world, who, profile)
    (series,) = client.get("/me/events")["value"]
    asked = f"startDateTime={window[0]}&endDateTime={window[1]}"
    lists = (f"/me/events/{series['id']}/instances?{asked}", f"/me/calendarView?{asked}")
    instances, view = ([_span(one) for one in client.get(path)["value"]] for path in lists)
    return sorted(instances), sorted(view)


def in_get_schedule(world: World, who: str, profile: str, window: tuple[str, str]) -> Spans:
    first, last = ({"dateTime": text.rstrip("Z"), "timeZone": "UTC"} for text in window)
    body = {"schedules": [f"{who}@example.com"], "startTime": first, "endTime": last}
    reply = Client(world, "alice", profile)("POST", "/me/calendar/getSchedule", body)
    (found,) = (one for name, one in reply.json.items() if name.lower() == "value")
    (schedule,) = found
    return [_span({name.lower(): one for name, one in item.items()}) for item in _items(schedule)]


def _items(schedule: Any) -> list[Any]:
    return next(one for name, one in schedule.items() if name.lower() == "scheduleitems")


def _span(event: Any) -> tuple[str, str]:
    texts = []
    for when in (event["start"], event["end"]):
        text = when if isinstance(when, str) else when.get("dateTime") or when["DateTime"]
        texts.append(text[5:16])
    return texts[0], texts[1]


def in_google(world: World, who: str) -> Spans:
    client = CalendarV3(world, who)
    (series,) = client.get(EVENTS)["items"]
    found = client.get(f"{EVENTS}/{series['id']}/instances")["items"]
    return [(instant(one["start"])[5:], instant(one["end"])[5:]) for one in found]


def in_free_busy(world: World, who: str, window: tuple[str, str]) -> Spans:
    asked = {"timeMin": window[0], "timeMax": window[1], "items": [{"id": f"{who}@example.com"}]}
    (found,) = answered(CalendarV3(world, "alice")("POST", "/freeBusy", asked))["calendars"].values()
    return [(one["start"][5:16], one["end"][5:16]) for one in found["busy"]]


def outside(world: World) -> Spans:
    """Return what a program that keeps to RFC 5545 3.8.5.3 makes of the invitation it is sent."""
    (post,) = (row.post for row in world.store.run(outbox.list_messages))
    (event,) = icalendar.Calendar.from_ical(imip.calendar(post)).walk("VEVENT")
    start = event["DTSTART"].dt
    lasts = event["DTEND"].dt.astimezone(UTC) - start.astimezone(UTC)
    walls = rrule.rrulestr(event["RRULE"].to_ical().decode(), dtstart=start.replace(tzinfo=None))
    zone = ZoneInfo(event["DTSTART"].params["TZID"])
    first = [wall.replace(tzinfo=zone, fold=0).astimezone(UTC) for wall in walls]
    return [(f"{one:%m-%dT%H:%M}", f"{one + lasts:%m-%dT%H:%M}") for one in first]


def window_of(spans: Spans) -> tuple[str, str]:
    first, last = (datetime.fromisoformat(f"2027-{text}") for text in (spans[0][0], spans[-1][1]))
    return f"{first - DAY:%Y-%m-%dT%H:%M:%SZ}", f"{last + DAY:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("made", "expected"), TABLE.values(), ids=TABLE)
def test_durations_over_a_change_of_clocks(
    world: World, way: Callable[[World, Series], None], made: Series, expected: Spans
) -> None:
    way(world, made)
    window = window_of(expected)
    for who, profile in product(("alice", "bob"), MOUNTS):
        assert in_microsoft(world, who, profile, window) == (expected, expected), (who, profile)
    for who in ("alice", "bob"):
        assert in_google(world, who) == expected, who
        assert in_free_busy(world, who, window) == expected, who
        assert all(in_get_schedule(world, who, one, window) == expected for one in ("graph", "v2")), who
    assert outside(world) == expected
    assert shows_each_to_its_end(world, expected)


def shows_each_to_its_end(world: World, expected: Spans) -> bool:
    """Return whether a view of the minute before an occurrence ends has it, and one of the minute after has not."""
    graph, google = Client(world, "bob", "graph"), CalendarV3(world, "bob")
    for start, end in expected:
        last = datetime.fromisoformat(f"2027-{end}")
        edges = [f"{last + timedelta(minutes=one):%Y-%m-%dT%H:%M:%SZ}" for one in (-1, 0, 1)]
        for first, until, there in ((*edges[:2], True), (*edges[1:], False)):
            view = graph.get(f"/me/calendarView?startDateTime={first}&endDateTime={until}")["value"]
            listed = google.get(f"{EVENTS}?singleEvents=true&timeMin={first}&timeMax={until}")["items"]
            found = (start in {_span(one)[0] for one in view}, start in {instant(one["start"])[5:] for one in listed})
            assert found == (there, there), (start, first)
    return True


def test_durations_of_days_are_days(world: World, alice: CalendarV3, bob: CalendarV3) -> None:
    """Two days are 47 or 49 hours when clocks change; a series of days knows days alone."""
    days = [("2027-03-20", "2027-03-22"), ("2027-03-27", "2027-03-29"), ("2027-04-03", "2027-04-05")]
    made = alice.insert(
        {"date": days[0][0]}, {"date": days[0][1]}, "bob", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"],
        transparency="opaque",
    )  # fmt: skip
    for who in (alice, bob):
        found = who.get(f"{EVENTS}/{made['id']}/instances")["items"]
        assert [(one["start"]["date"], one["end"]["date"]) for one in found] == days
    for profile in MOUNTS:
        window = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z"
        view = Client(world, "bob", profile).get(f"/me/calendarView?{window}")["value"]
        texts = [_span(one) for one in view]
        assert texts == [(f"{first[5:]}T00:00", f"{last[5:]}T00:00") for first, last in days], profile
    window = ("2027-03-26T00:00:00Z", "2027-03-31T00:00:00Z")
    assert in_free_busy(world, "alice", window) == [("03-26T23:00", "03-28T22:00")], "47 hours in Berlin"


def test_durations_of_a_series_that_begins_in_the_second_of_an_hour_that_comes_twice(
    world: World, alice: CalendarV3
) -> None:
    """What leaves begins with the wall time, which is read as the first; every other occurrence is the same there."""
    guests = [{"email": OUTSIDE}]
    alice.insert(
        at("2027-10-31T01:30:00Z"), at("2027-10-31T02:00:00Z"), query="sendUpdates=all", attendees=guests,
        recurrence=["RRULE:FREQ=DAILY;COUNT=3"],
    )  # fmt: skip
    here = in_google(world, "alice")
    assert here == [("10-31T01:30", "10-31T02:00"), ("11-01T01:30", "11-01T02:00"), ("11-02T01:30", "11-02T02:00")]
    assert outside(world)[1:] == here[1:]


def test_durations_of_one_date_that_leaves(world: World) -> None:
    made, expected = TABLE["a night without an hour"]
    through_graph(world, made)
    alice = Client(world, "alice", "graph")
    series = alice.get("/me/events")["value"][0]
    window = window_of(expected)
    asked = f"startDateTime={window[0]}&endDateTime={window[1]}"
    second = alice.get(f"/me/events/{series['id']}/instances?{asked}")["value"][1]
    assert alice("DELETE", f"/me/events/{second['id']}").status == 204
    *_, post = (row.post for row in world.store.run(outbox.list_messages))
    (event,) = icalendar.Calendar.from_ical(imip.calendar(post)).walk("VEVENT")
    times = [event[name].dt.astimezone(UTC) for name in ("RECURRENCE-ID", "DTSTART", "DTEND")]
    assert [f"{one:%m-%dT%H:%M}" for one in times] == [expected[1][0], *expected[1]]


@pytest.mark.parametrize("profile", MOUNTS)
def test_durations_of_a_series_that_outlook_moves_to_its_first_date(world: World, profile: str) -> None:
    """From Monday 8 March to Sunday: by then clocks have changed in New York, and in Berlin not."""
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["sunday"]}
    limits = {"type": "numbered", "startDate": "2027-03-08", "numberOfOccurrences": 2}
    alice = Client(world, "alice", profile)
    times = alice.times("2027-03-08T09:00:00Z", "2027-03-08T09:30:00Z", BERLIN)
    if profile == "v1":
        times["endTimeZone"] = "America/New_York"
    else:
        times["end"]["timeZone"] = "America/New_York"
    body = {"subject": "x", **times, "recurrence": {"pattern": pattern, "range": limits}}
    assert alice("POST", "/me/events", body).status == 201
    assert in_google(world, "alice") == [("03-14T09:00", "03-14T09:30"), ("03-21T09:00", "03-21T09:30")]
