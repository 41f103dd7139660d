"""Series as the three Microsoft profiles show and change them: patterns, instances, occurrences, exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import MOUNTS, Client, wall
from support.world import World

BERLIN = "W. Europe Standard Time"
TEN, ELEVEN = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
DECEMBER = "startDateTime=2026-12-01&endDateTime=2027-01-01"
PATTERNS: dict[str, dict[str, Any]] = {
    "daily": {"type": "daily", "interval": 2},
    "weekly": {
        "type": "weekly",
        "interval": 1,
        "daysOfWeek": ["tuesday", "thursday"],
        "firstDayOfWeek": "monday",
    },
    "last day of the month": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
    "last Tuesday": {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "last"},
    "first day of the weekend": {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["saturday", "sunday"]},
    "yearly": {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 12},
    "first Tuesday of December": {
        "type": "relativeYearly",
        "interval": 1,
        "daysOfWeek": ["tuesday"],
        "index": "first",
        "month": 12,
    },
}
FIRST_THREE = {
    "daily": ["2026-12-01", "2026-12-03", "2026-12-05"],
    "weekly": ["2026-12-01", "2026-12-03", "2026-12-08"],
    "last day of the month": ["2026-12-31", "2027-01-31", "2027-02-28"],
    "last Tuesday": ["2026-12-29", "2027-01-26", "2027-02-23"],
    "first day of the weekend": ["2026-12-05", "2027-01-02", "2027-02-06"],
    "yearly": ["2026-12-01", "2027-12-01", "2028-12-01"],
    "first Tuesday of December": ["2026-12-01", "2027-12-07", "2028-12-05"],
}


def series(pattern: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """Return a recurrence from December 1st on."""
    span = {"type": "noEnd", "startDate": "2026-12-01", **limits}
    return {"pattern": pattern, "range": span}


DAILY = series({"type": "daily", "interval": 1}, type="numbered", numberOfOccurrences=12)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name, zone="Europe/Berlin")
    yield world
    world.close()


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


@pytest.fixture
def graph(world: World) -> Client:
    return Client(world, "alice", "graph")


def other(client: Client) -> Client:
    return Client(client.world, "bob", client.profile)


def instances(client: Client, master: str, window: str = DECEMBER, **headers: str) -> list[Any]:
    return [one for page in client.pages(f"/me/events/{master}/instances?{window}", **headers) for one in page]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern(alice: Client, name: str) -> None:
    made = alice.create(name, TEN, ELEVEN, zone=BERLIN, recurrence=series(PATTERNS[name]))
    assert made["type"] == alice.word("seriesMaster")
    shown = made["recurrence"]["pattern"]
    sent = PATTERNS[name]
    assert shown["type"].lower() == sent["type"].lower()
    assert [day.lower() for day in shown.get("daysOfWeek", [])] == sent.get("daysOfWeek", [])
    assert ("daysOfWeek" in shown) is ("daysOfWeek" in sent)
    limits = made["recurrence"]["range"]
    assert limits["startDate"] == FIRST_THREE[name][0]
    assert (limits["endDate"], limits["numberOfOccurrences"]) == ("0001-01-01", 0)
    assert limits.get("recurrenceTimeZone") == (None if alice.profile == "v1" else BERLIN)
    window = "startDateTime=2026-11-01&endDateTime=2029-01-01&$top=3"
    page = alice.get(f"/me/events/{made['id']}/instances?{window}")
    assert [wall(one)[:10] for one in page["value"]] == FIRST_THREE[name]
    assert {wall(one)[11:] for one in page["value"]} == {"09:00"}


def test_a_series_keeps_its_hour_in_the_zone_its_range_names(graph: Client) -> None:
    weekly = series({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, recurrenceTimeZone=BERLIN)
    made = graph.create("Weekly", "2026-12-01T09:00:00", "2026-12-01T10:00:00", zone="UTC", recurrence=weekly)
    assert made["originalStartTimeZone"] == BERLIN
    summer = graph.get(f"/me/events/{made['id']}/instances?startDateTime=2027-06-01&endDateTime=2027-06-08")
    assert [wall(one) for one in summer["value"]] == ["2027-06-01T08:00"]
    # What was answered in UTC and comes back as it is changes nothing.
    sent = {name: made[name] for name in ("start", "end", "recurrence")}
    again = graph("PATCH", f"/me/events/{made['id']}", sent)
    assert (again.status, again.json["changeKey"]) == (200, made["changeKey"])
    wrong = {**weekly, "range": {**weekly["range"], "recurrenceTimeZone": "Mars"}}
    body = {"subject": "x", **graph.times(TEN, ELEVEN), "recurrence": wrong}
    assert graph.error("POST", "/me/events", body) == (400, "TimeZoneNotSupportedException")


def test_an_occurrence_wherever_it_is_met(alice: Client) -> None:
    master = alice.create("Standup", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=DAILY)["id"]
    listed = instances(alice, master)
    assert len(listed) == 12
    viewed = [one for page in alice.pages(f"/me/calendarView?{DECEMBER}&$top=5") for one in page]
    assert viewed == listed
    assert alice("GET", f"/me/events/{master}/instances/$count?{DECEMBER}").body == b"12"
    one = listed[2]
    assert one["type"] == alice.word("occurrence")
    assert (one["recurrence"], one["seriesMasterId"]) == (None, master)
    for path in (
        f"/me/events/{one['id']}",
        f"/me/calendar/events('{one['id']}')",
        f"/me/events/{master}/instances/{one['id']}",
        f"/me/calendarView/{one['id']}",
        f"/me/calendar/calendarView('{one['id']}')",
    ):
        read = alice.get(path)
        assert {name: value for name, value in read.items() if name != "@odata.context"} == one, path
    assert [event["id"] for event in alice.get("/me/events")["value"]] == [master]


def test_occurrences_of_one_series_are_not_found_in_another(graph: Client) -> None:
    one = graph.create("One", TEN, ELEVEN, recurrence=DAILY)["id"]
    two = graph.create("Two", TEN, ELEVEN, recurrence=DAILY)["id"]
    stranger = instances(graph, two)[0]["id"]
    assert graph.error("GET", f"/me/events/{one}/instances/{stranger}") == (404, "ErrorItemNotFound")
    assert graph.error("POST", f"/me/events/{one}/instances/{stranger}/cancel") == (404, "ErrorItemNotFound")
    assert graph.error("GET", f"/me/events/{one}/instances/{one}") == (404, "ErrorItemNotFound")


def test_only_a_master_has_instances(alice: Client) -> None:
    single = alice.create("Once", TEN, ELEVEN)["id"]
    assert alice.error("GET", f"/me/events/{single}/instances?{DECEMBER}") == (400, "ErrorInvalidRequest")
    master = alice.create("Often", TEN, ELEVEN, recurrence=DAILY)["id"]
    occurrence = instances(alice, master)[0]["id"]
    reply = alice("GET", f"/me/events/{occurrence}/instances?{DECEMBER}")
    assert reply.status == 400
    assert master in reply.json["error"]["message"]
    assert alice.error("GET", f"/me/events/{master}/instances") == (400, "ErrorInvalidParameter")


def test_one_occurrence_is_answered(alice: Client) -> None:
    bob = other(alice)
    made = alice.create("Standup", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=DAILY)["id"]
    master = bob.get("/me/events")["value"][0]["id"]
    one, two, *_ = instances(bob, master)
    assert bob("POST", f"/me/events/{one['id']}/accept", {"comment": "this one"}).status == 202
    assert bob("POST", f"/me/events/{master}/instances/{two['id']}/tentativelyAccept").status == 202
    seen = instances(bob, master)
    kinds = [bob.word(word) for word in ("exception", "exception", "occurrence")]
    assert [event["type"] for event in seen[:3]] == kinds
    said = [event["responseStatus"]["response"] for event in seen[:3]]
    assert said == [bob.word(word) for word in ("accepted", "tentativelyAccepted", "notResponded")]
    assert {event["seriesMasterId"] for event in seen} == {master}
    tracked = [event["attendees"][0]["status"]["response"] for event in instances(alice, made)[:3]]
    assert tracked == [alice.word(word) for word in ("accepted", "tentativelyAccepted", "none")]
    assert alice.get(f"/me/events/{made}")["attendees"][0]["status"]["response"] == alice.word("none")


def test_a_declined_occurrence_is_gone_like_a_declined_meeting(alice: Client) -> None:
    bob = other(alice)
    made = alice.create("Standup", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=DAILY)["id"]
    moved = instances(alice, made)[0]["id"]
    assert alice("PATCH", f"/me/events/{moved}", {"subject": "Special"}).status == 200
    master = bob.get("/me/events")["value"][0]["id"]
    one, *others = instances(bob, master)
    assert bob("POST", f"/me/events/{one['id']}/decline", {"comment": "not then"}).status == 202
    assert [event["id"] for event in instances(bob, master)] == [event["id"] for event in others]
    gone = bob("GET", f"/me/events/{one['id']}")
    assert (gone.status, gone.json["error"]["code"]) == (404, "ErrorItemNotFound")
    assert "declined" in gone.hint
    assert bob.error("POST", f"/me/events/{one['id']}/accept") == (404, "ErrorItemNotFound")
    # The message about that day leads nowhere any more, the one about the series still does.
    update, invitation = (m for m in bob.get("/me/mailFolders/inbox/messages")["value"])
    space = "microsoft.graph" if bob.profile == "graph" else "Microsoft.OutlookServices"
    about = [
        bob.get(f"/me/messages/{m['id']}?$expand={space}.EventMessage/event")["event"]
        for m in (update, invitation)
    ]
    assert about[0] is None
    assert about[1]["id"] == master
    # Asked again, it is back.
    later = alice.times("2026-12-01T15:00:00", "2026-12-01T16:00:00", BERLIN)
    assert alice("PATCH", f"/me/events/{moved}", later).status == 200
    back = bob.get(f"/me/events/{one['id']}")
    assert back["responseStatus"]["response"] == bob.word("notResponded")


def test_what_was_deleted_was_not_declined(alice: Client) -> None:
    made = alice.create("Plans", TEN, ELEVEN, "bob")["id"]
    assert alice("DELETE", f"/me/events/{made}").status == 204
    gone = alice("GET", f"/me/events/{made}")
    assert (gone.status, gone.hint) == (404, "")


def test_one_occurrence_is_changed_and_cancelled_by_its_organizer(alice: Client) -> None:
    bob = other(alice)
    made = alice.create("Standup", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=DAILY)["id"]
    listed = [one["id"] for one in instances(alice, made)]
    renamed = alice("PATCH", f"/me/events/{listed[0]}", {"subject": "Special"})
    assert renamed.status == 200
    assert (renamed.json[alice.word("id")], renamed.json[alice.word("type")]) == (listed[0], alice.word("exception"))
    later = alice.times("2026-12-02T15:00:00", "2026-12-02T16:00:00", BERLIN)
    moved = alice("PATCH", f"/me/events/{listed[1]}", later)
    assert moved.status == 200
    assert moved.json[alice.word("id")] == listed[1]
    assert alice("POST", f"/me/events/{listed[2]}/cancel", {"comment": "off"}).status == 202
    assert alice("DELETE", f"/me/events/{listed[3]}").status == 204
    for gone in listed[2:4]:
        assert alice.error("GET", f"/me/events/{gone}") == (404, "ErrorItemNotFound")
    left = instances(alice, made)
    assert [one["id"] for one in left] == [*listed[:2], *listed[4:]]
    assert [wall(one) for one in left[:2]] == ["2026-12-01T09:00", "2026-12-02T14:00"]
    theirs = instances(bob, bob.get("/me/events")["value"][0]["id"])
    assert [(one["subject"], one["isCancelled"]) for one in theirs[:4]] == [
        ("Special", False),
        ("Standup", False),
        ("Canceled: Standup", True),
        ("Canceled: Standup", True),
    ]


def test_deleting_the_master_takes_everything(alice: Client) -> None:
    made = alice.create("Standup", TEN, ELEVEN, recurrence=DAILY)["id"]
    occurrence = instances(alice, made)[0]["id"]
    assert alice("DELETE", f"/me/events/{made}").status == 204
    assert alice.error("GET", f"/me/events/{occurrence}") == (404, "ErrorItemNotFound")
    assert alice.get(f"/me/calendarView?{DECEMBER}")["value"] == []


def test_an_all_day_series_stays_at_midnight_everywhere(alice: Client) -> None:
    twice = series({"type": "daily", "interval": 1}, type="numbered", numberOfOccurrences=2)
    start, end = "2026-12-01T00:00:00", "2026-12-02T00:00:00"
    made = alice.create("Days", start, end, zone=BERLIN, isAllDay=True, recurrence=twice)["id"]
    tokyo = 'outlook.timezone="Tokyo Standard Time"'
    assert [wall(one) for one in instances(alice, made, prefer=tokyo)] == ["2026-12-01T00:00", "2026-12-02T00:00"]
