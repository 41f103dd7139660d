"""No item makes a list fail: dates at both ends of what calendars hold, in every dialect, seen from every zone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from support.world import World

GOOGLE = "/calendar/v3/calendars/primary/events"
MOUNTS = {"graph": "/v1.0", "outlook-v2": "/api/v2.0", "outlook-v1": "/api/v1.0"}
pytestmark = pytest.mark.slow

ZONES = ("UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/New_York")
YEARS = ("0001", "1601", "1900", "2026", "2200", "2201", "9999")
LONG = ("2195-01-02", "2199-12-30")


def _bodies() -> Iterator[dict[str, Any]]:
    for year in YEARS:
        for zone in ZONES:
            for day in ("01-01T00:", "12-31T23:"):
                times = {
                    name: {"dateTime": f"{year}-{day}{minute}:00", "timeZone": zone}
                    for name, minute in (("start", "00"), ("end", "30"))
                }
                yield times
                for rule in ("FREQ=HOURLY", "FREQ=YEARLY;COUNT=10000", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29"):
                    yield times | {"recurrence": [f"RRULE:{rule}"]}
        yield {"start": {"date": f"{year}-01-01"}, "end": {"date": f"{year}-01-02"}}
        yield {"start": {"date": f"{year}-12-30"}, "end": {"date": f"{year}-12-31"}, "recurrence": ["RRULE:FREQ=DAILY"]}
    yield {"start": {"date": LONG[0]}, "end": {"date": LONG[1]}, "recurrence": ["RRULE:FREQ=MONTHLY"]}
    reminder = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40320}]}
    noon = {
        name: {"dateTime": f"1900-01-01T1{hour}:00:00", "timeZone": "UTC"} for name, hour in (("start", 2), ("end", 3))
    }
    yield noon | {"reminders": reminder}
    for rule in ("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;COUNT=1000000"):
        yield noon | {"recurrence": [f"RRULE:{rule}"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a calendar with whatever of it was taken."""
    folder: Path = tmp_path_factory.mktemp("ends")
    world = World(folder)
    world.add("alice", zone="Pacific/Kiritimati")
    taken = 0
    for body in _bodies():
        reply = world.request("alice", "POST", GOOGLE, {"summary": "x"} | body)
        assert reply.status in (200, 400), (body, reply.body)
        taken += reply.status == 200
    assert taken > 100
    for minutes in (0, 2**31 - 1, 2**40):
        body = {
            "subject": "x",
            "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
            "isReminderOn": True,
            "reminderMinutesBeforeStart": minutes,
        }
        assert world.request("alice", "POST", "/v1.0/me/events", body).status in (201, 400)
    yield world
    world.close()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
def test_lists_of_the_outlook_services(world: World, mount: str, zone: str) -> None:
    prefer = {"prefer": f'outlook.timezone="{zone}"'}
    for path in (
        "/me/events?$top=500",
        "/me/events?$top=5&$orderby=end/dateTime desc",
        "/me/events/$count",
        *(
            f"/me/{name}?startDateTime={start}T00:00:00Z&endDateTime={end}T00:00:00Z{more}"
            for name in ("calendarView", "calendarview/$count")
            for start, end in (
                ("0001-01-01", "0004-01-01"),
                ("1899-12-30", "1900-01-03"),
                ("2200-12-30", "2201-01-02"),
                ("2198-01-01", "2202-01-01"),
                ("4000-01-01", "4004-01-01"),
                ("9997-01-01", "9999-12-31"),
            )
            for more in ("&$top=50", "&$top=5&$orderby=start/dateTime desc", "&$top=5&$count=true&$orderby=subject")
            if name == "calendarView" or more == "&$top=50"
        ),
    ):
        reply = world.request("alice", "GET", mount + path, headers=prefer)
        assert reply.status in (200, 400), (path, reply.body)
        assert reply.status == 200 or "$" in path, (path, reply.body)


@pytest.mark.parametrize("zone", ZONES)
def test_lists_of_google(world: World, zone: str) -> None:
    for query in (
        "maxResults=2500",
        "singleEvents=true&maxResults=50",
        "singleEvents=true&maxResults=50&timeMin=2200-12-30T00:00:00Z",
        "singleEvents=true&maxResults=50&timeMin=4000-01-01T00:00:00Z",
        "singleEvents=true&timeMax=1900-01-02T00:00:00Z&showDeleted=true",
        "singleEvents=true&orderBy=updated&timeMin=2195-01-01T00:00:00Z&timeMax=2195-01-10T00:00:00Z",
        "timeMin=0001-01-01T00:00:00Z&timeMax=9999-12-31T00:00:00Z",
    ):
        reply = world.request("alice", "GET", f"{GOOGLE}?{query}&timeZone={quote(zone)}")
        assert reply.status == 200, (query, reply.body)


@pytest.mark.parametrize("year", ["0001", "1900", "2026", "2200", "9998"])
def test_reminders_and_free_times(world: World, year: str) -> None:
    status = 200 if "1900" <= year <= "2200" else 400
    window = f"startDateTime='{year}-01-01T00:00:00Z',endDateTime='{year}-12-31T00:00:00Z'"
    assert world.request("alice", "GET", f"/v1.0/me/reminderView({window})").status == 200
    asked = {
        "schedules": ["alice@example.com"],
        "startTime": {"dateTime": f"{year}-12-01T00:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": f"{year}-12-31T00:00:00", "timeZone": "UTC"},
    }
    assert world.request("alice", "POST", "/v1.0/me/calendar/getSchedule", asked).status == status
    body = {"timeMin": f"{year}-12-01T00:00:00Z", "timeMax": f"{year}-12-31T00:00:00Z", "items": [{"id": "primary"}]}
    answer = world.request("alice", "POST", "/calendar/v3/freeBusy", body)
    assert (answer.status, answer.json["timeMin"]) == (200, f"{year}-12-01T00:00:00.000Z")
