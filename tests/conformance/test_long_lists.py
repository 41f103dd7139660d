"""Lists that could go on for ever: pages, ends, and what is said where more would have to be looked at than may be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.store.engine import WorkLimits
from support.world import World

EVENTS = "/calendar/v3/calendars/primary/events"
FIVE_YEARS = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2031-11-20T00:00:00Z"
MOUNTS = {"graph": "/v1.0", "outlook-v2": "/api/v2.0", "outlook-v1": "/api/v1.0"}


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[World]:
    """Return a world in which little may be done for one answer."""
    world = World(tmp_path, limits=WorkLimits(short=2_000, read=20_000))
    for name in ("alice", "bob"):
        world.add(name)
    yield world
    world.close()


def create(world: World, summary: str, start: str, rule: str = "", **more: Any) -> Any:
    minute = {"dateTime": f"{start}:00Z", "timeZone": "UTC"}, {"dateTime": f"{start}:30Z", "timeZone": "UTC"}
    body = {"summary": summary, "start": minute[0], "end": minute[1], **more}
    reply = world.request("alice", "POST", EVENTS, body | ({"recurrence": [rule]} if rule else {}))
    assert reply.status == 200, reply.body
    return reply.json


def items(world: World, query: str, path: str = EVENTS) -> list[Any]:
    """Return all pages of a list of Google's."""
    found: list[Any] = []
    token = ""
    while True:
        reply = world.request("alice", "GET", f"{path}?{query}{token}")
        assert reply.status == 200, reply.body
        found += reply.json["items"]
        if "nextPageToken" not in reply.json:
            return found
        token = f"&pageToken={reply.json['nextPageToken']}"


# --- ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", "&maxResults=3"])
@pytest.mark.parametrize("rule", ["RRULE:FREQ=YEARLY;COUNT=8", "RRULE:FREQ=YEARLY;UNTIL=20340301T090000Z"])
def test_google_finite_series_is_listed_to_its_end(world: World, rule: str, size: str) -> None:
    made = create(world, "Review", "2027-03-01T09:00", rule)
    years = [str(year) for year in range(2027, 2035)]
    for query, path in (
        (f"singleEvents=true&q=review{size}", EVENTS),
        (f"singleEvents=true&orderBy=startTime{size}", EVENTS),
        (f"singleEvents=true&orderBy=updated{size}", EVENTS),
        (size, f"{EVENTS}/{made['id']}/instances"),
    ):
        assert [one["start"]["dateTime"][:4] for one in items(world, query, path)] == years, query
    reply = world.request("alice", "GET", f"{EVENTS}?singleEvents=true")
    assert not reply.hint, "nothing was cut"


def test_google_finite_series_beside_an_endless_one_that_is_cut_and_told(world: World) -> None:
    create(world, "Review", "2027-03-01T09:00", "RRULE:FREQ=YEARLY;COUNT=8")
    endless = create(world, "For ever", "2027-04-01T09:00", "RRULE:FREQ=YEARLY")
    create(world, "Far away", "2090-01-01T09:00")
    found = [(one["summary"], one["start"]["dateTime"][:4]) for one in items(world, "singleEvents=true")]
    assert ("Review", "2034") in found
    assert ("Far away", "2090") in found
    assert [year for name, year in found if name == "For ever"] == ["2027", "2028", "2029", "2030", "2031"]
    for path in (f"{EVENTS}?singleEvents=true", f"{EVENTS}/{endless['id']}/instances"):
        assert "endless-series-cut" in world.request("alice", "GET", path).hint
    until = world.request("alice", "GET", f"{EVENTS}?singleEvents=true&timeMax=2100-01-01T00:00:00Z")
    assert not until.hint
    assert sum(one["summary"] == "For ever" for one in until.json["items"]) == 73


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
def test_google_finite_series_in_windows_of_outlook_is_whole_or_refused(world: World, mount: str) -> None:
    create(world, "Review", "2027-03-01T09:00", "RRULE:FREQ=YEARLY;COUNT=8")
    (master,) = world.request("alice", "GET", f"{mount}/me/events").json["value"]
    key = "id" if mount == "/v1.0" else "Id"
    for path in ("/me/calendarView", f"/me/events/{master[key]}/instances"):
        first = f"{mount}{path}?startDateTime=2027-01-01T00:00:00Z&endDateTime=2031-12-01T00:00:00Z"
        second = f"{mount}{path}?startDateTime=2031-12-01T00:00:00Z&endDateTime=2036-01-01T00:00:00Z"
        assert [len(world.request("alice", "GET", one).json["value"]) for one in (first, second)] == [5, 3]
        whole = f"{mount}{path}?startDateTime=2027-01-01T00:00:00Z&endDateTime=2036-01-01T00:00:00Z"
        assert world.request("alice", "GET", whole).json["error"]["code"] == "ErrorCalendarViewRangeTooBig"


def test_an_endless_series_pushes_nothing_off_the_first_page(world: World) -> None:
    create(world, "Every hour", "2026-12-01T09:00", "RRULE:FREQ=HOURLY")
    create(world, "Lunch", "2026-12-01T12:00")
    first = world.request("alice", "GET", f"{EVENTS}?singleEvents=true&maxResults=6").json["items"]
    assert "Lunch" in [one["summary"] for one in first]
    assert [one["start"]["dateTime"] for one in first] == sorted(one["start"]["dateTime"] for one in first)


# --- what stands beside a series ------------------------------------------------------------------


def test_changed_and_deleted_instances_come_with_their_series_in_pages_of_any_size(world: World) -> None:
    made = create(world, "Daily", "2026-12-01T09:00", "RRULE:FREQ=DAILY;COUNT=9")
    for day, summary in ((3, "Third"), (5, "Fifth")):
        path = f"{EVENTS}/{made['id']}_202612{day:02d}T090000Z"
        assert world.request("alice", "PATCH", path, {"summary": summary}).status == 200
    assert world.request("alice", "DELETE", f"{EVENTS}/{made['id']}_20261204T090000Z").status == 204
    create(world, "Lunch", "2026-12-01T12:00")
    whole = [(one.get("summary"), one["status"]) for one in items(world, "")]
    assert whole == [
        ("Daily", "confirmed"),
        ("Third", "confirmed"),
        ("Daily", "cancelled"),
        ("Fifth", "confirmed"),
        ("Lunch", "confirmed"),
    ]
    for size in range(1, 6):
        assert [(one.get("summary"), one["status"]) for one in items(world, f"maxResults={size}")] == whole
    found = [one["summary"] for one in items(world, "timeMin=2026-12-05T00:00:00Z")]
    assert found == ["Daily", "Fifth"], "only those that match"


@pytest.mark.parametrize("query", ["", "&singleEvents=true"])
@pytest.mark.parametrize("token", ["x", "kgGRAQ", "W251bGwsMCwwXQ", "kwGRpXdvcmRzkQE", "kwGRy0_wAAAAAAAAkQE"])
def test_a_forged_page_token_is_no_place(world: World, token: str, query: str) -> None:
    create(world, "Daily", "2026-12-01T09:00", "RRULE:FREQ=DAILY;COUNT=9")
    reply = world.request("alice", "GET", f"{EVENTS}?pageToken={token}{query}")
    assert reply.status in (200, 400)


# --- reminders ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_reminders_of_an_hourly_series_come_in_pages(world: World) -> None:
    create(world, "Every hour", "2026-12-01T09:00", "RRULE:FREQ=HOURLY")
    create(world, "Lunch", "2026-12-01T12:20")
    window = "startDateTime='2026-12-01T00:00:00Z',endDateTime='2031-11-01T00:00:00Z'"
    path = f"/v1.0/me/reminderView({window})"
    first = world.request("alice", "GET", path).json
    assert len(first["value"]) == 1000
    assert "@odata.nextLink" in first
    found: list[str] = []
    link = f"{path}?$top=3&$count=true"
    for _ in range(3):
        page = world.request("alice", "GET", link).json
        found += [one["reminderFireTime"]["dateTime"] for one in page["value"]]
        link = page["@odata.nextLink"]
        assert page["@odata.count"] == 43_096  # 1,796 days but nine hours, and lunch
    assert found == [one["reminderFireTime"]["dateTime"] for one in first["value"][:9]]
    assert found == sorted(found)


# --- more than may be looked at -------------------------------------------------------------------


def fill(world: World) -> None:
    for number in range(6):
        create(world, f"Every hour {number}", f"2026-12-01T09:{number:02d}", "RRULE:FREQ=HOURLY", description="text")


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
@pytest.mark.parametrize("query", ["$filter=end/dateTime ne '2030-01-01T00:00:00Z'&$skip=9000", "$skip=9000"])
def test_what_no_index_can_serve_times_out_as_the_service_does(narrow: World, mount: str, query: str) -> None:
    fill(narrow)
    reply = narrow.request("alice", "GET", f"{mount}/me/calendarView?{FIVE_YEARS}&{query}")
    assert (reply.status, reply.json["error"]["code"]) == (504, "UnknownError")
    assert "nothing was answered" in reply.hint
    fine = narrow.request("alice", "GET", f"{mount}/me/calendarView?{FIVE_YEARS}&$top=5")
    assert len(fine.json["value"]) == 5, "the page itself is cheap"


def test_what_no_index_can_serve_is_over_the_quota_of_google(narrow: World) -> None:
    fill(narrow)
    query = f"{EVENTS}?singleEvents=true&orderBy=updated&timeMin=2026-12-01T00:00:00Z&maxResults=2500"
    reply = narrow.request("alice", "GET", query)
    assert (reply.status, reply.json["error"]["errors"][0]["domain"]) == (403, "usageLimits")
    assert reply.json["error"]["errors"][0]["reason"] == "quotaExceeded"
    assert "work-limit" in reply.hint
    assert narrow.request("alice", "GET", f"{EVENTS}?singleEvents=true&maxResults=5").status == 200


def test_a_long_request_hurts_nobody_else(narrow: World) -> None:
    fill(narrow)
    refused = narrow.request("alice", "GET", f"/v1.0/me/calendarView?{FIVE_YEARS}&$skip=9000")
    assert refused.status == 504
    assert narrow.request("bob", "GET", "/v1.0/me/messages").status == 200
