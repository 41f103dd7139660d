"""Google Calendar: zones, dates, and the nights when clocks change."""

from __future__ import annotations

from typing import Any

import pytest

from support.calendar_v3 import EVENTS, CalendarV3, answered, at, instant, starts
from support.client import Client
from support.world import World

TEN, ELEVEN = "2027-04-05T10:00:00", "2027-04-05T11:00:00"
NOT_IANA = ("Eastern Standard Time", "W. Europe Standard Time", "Nowhere/City", "tzone://Microsoft/Utc", "Hong Kong")


def inbox(world: World, who: str) -> list[str]:
    page = Client(world, who, "graph").get("/me/mailFolders/inbox/messages")
    return [one["subject"] for one in page["value"]]


# --- google_zone_names


@pytest.mark.parametrize("zone", NOT_IANA)
@pytest.mark.parametrize("end", ["start", "end"])
def test_google_zone_names(alice: CalendarV3, zone: str, end: str) -> None:
    body = {"start": at(TEN), "end": at(ELEVEN)}
    body[end] = {**body[end], "timeZone": zone}
    refusal = (400, "invalid", f"Invalid time zone definition for {end} time.")
    assert alice.refused("POST", EVENTS, body) == refusal
    made = alice.insert(at(TEN), at(ELEVEN))
    assert alice.refused("PATCH", f"{EVENTS}/{made['id']}", {end: body[end]}) == refusal
    assert alice.refused("PATCH", f"{EVENTS}/{made['id']}", {end: {"timeZone": zone}}) == refusal
    assert alice.refused("PUT", f"{EVENTS}/{made['id']}", body) == refusal


@pytest.mark.parametrize("zone", ["Europe/Kyiv", "Europe/Kiev", "UTC", "Etc/UTC", "America/Argentina/Buenos_Aires"])
def test_google_zone_names_of_the_iana_database(alice: CalendarV3, zone: str) -> None:
    made = alice.insert(at(TEN, zone), at(ELEVEN, zone))
    assert made["start"]["timeZone"] in (zone, "UTC")


@pytest.mark.parametrize("zone", NOT_IANA)
@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/instances"])
def test_google_zone_names_in_the_parameter(alice: CalendarV3, zone: str, path: str) -> None:
    made = alice.insert(at(TEN), at(ELEVEN), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    status, reason, _ = alice.refused("GET", f"{EVENTS}{path}?timeZone={zone}".replace("{id}", made["id"]))
    assert (status, reason) == (400, "invalid")


@pytest.mark.parametrize("zone", NOT_IANA[:3])
def test_google_zone_names_in_free_busy_and_in_lines(alice: CalendarV3, zone: str) -> None:
    asked = {"timeMin": f"{TEN}Z", "timeMax": f"{ELEVEN}Z", "timeZone": zone, "items": [{"id": "primary"}]}
    assert alice.refused("POST", "/freeBusy", asked)[:2] == (400, "invalid")
    lines = ["RRULE:FREQ=DAILY;COUNT=3", f"EXDATE;TZID={zone}:20270406T100000"]
    body = {"start": at(TEN), "end": at(ELEVEN), "recurrence": lines}
    assert alice.refused("POST", EVENTS, body) == (400, "invalid", "Invalid recurrence rule.")


# --- google_timed_to_all_day


def test_google_timed_to_all_day(alice: CalendarV3) -> None:
    made = alice.insert(at(f"{TEN}Z", None), at(f"{ELEVEN}Z", None))
    dates = {"start": {"date": "2027-04-05", "dateTime": None}, "end": {"date": "2027-04-06", "dateTime": None}}
    changed = alice.patch(made["id"], dates)
    assert (changed["start"], changed["end"]) == ({"date": "2027-04-05"}, {"date": "2027-04-06"})
    back = {"start": {"date": None, **at(TEN)}, "end": {"date": None, **at(ELEVEN)}}
    changed = alice.patch(made["id"], back)
    assert starts([changed]) == ["2027-04-05T08:00"]
    one = alice.insert(at(TEN), at(ELEVEN), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    changed = alice.patch(f"{one['id']}_20270406T080000Z", dates)
    assert changed["start"] == {"date": "2027-04-05"}


def test_google_timed_to_all_day_that_ends_on_the_day_it_starts(alice: CalendarV3) -> None:
    """The API takes such an event, and it is the one day (odoo/odoo#87646)."""
    day = {"date": "2027-04-05"}
    made = alice.insert(day, day)
    assert (made["start"], made["end"]) == (day, {"date": "2027-04-06"})
    assert alice.patch(made["id"], {"end": day})["end"] == {"date": "2027-04-06"}
    shown = Client(alice.world, "alice", "graph").get("/me/events")["value"][0]
    assert (shown["isAllDay"], shown["end"]["dateTime"][:10]) == (True, "2027-04-06")
    refusal = alice.refused("POST", EVENTS, {"start": day, "end": {"date": "2027-04-04"}})
    assert refusal == (400, "timeRangeEmpty", "The specified time range is empty.")


def test_google_times_that_end_when_they_start(world: World, alice: CalendarV3) -> None:
    """The API holds none of these; one that Outlook made stays as it is."""
    refusal = (400, "timeRangeEmpty", "The specified time range is empty.")
    assert alice.refused("POST", EVENTS, {"start": at(TEN), "end": at(TEN)}) == refusal
    made = alice.insert(at(TEN), at(ELEVEN))
    assert alice.refused("PATCH", f"{EVENTS}/{made['id']}", {"end": at(TEN)}) == refusal
    Client(world, "alice", "graph").create("Moment", "2027-04-06T10:00:00", "2027-04-06T10:00:00")
    (moment,) = alice.get(f"{EVENTS}?q=Moment")["items"]
    times = {name: moment[name] for name in ("start", "end")}
    assert alice.patch(moment["id"], {"summary": "Now", **times})["summary"] == "Now"


# --- exdate_of_the_other_type, until_with_time_all_day, rules_people_write


@pytest.mark.parametrize(
    "line", ["EXDATE;TZID=Europe/Berlin:20270303T000000", "EXDATE:20270303T000000", "EXDATE;VALUE=DATE:20270303"]
)
def test_exdate_of_the_other_type_in_an_all_day_series(alice: CalendarV3, line: str) -> None:
    made = alice.insert(
        {"date": "2027-03-01"}, {"date": "2027-03-02"}, recurrence=["RRULE:FREQ=DAILY;COUNT=5", line]
    )
    shown = starts(alice.get(f"{EVENTS}/{made['id']}/instances")["items"])
    assert shown == ["2027-03-01", "2027-03-02", "2027-03-04", "2027-03-05"]


def test_exdate_of_the_other_type_in_a_timed_series(alice: CalendarV3) -> None:
    zone = "Europe/Vienna"
    made = alice.insert(
        at("2027-03-14T10:00:00", zone), at("2027-03-14T11:00:00", zone),
        recurrence=["RRULE:FREQ=WEEKLY;BYDAY=SU;COUNT=4", "EXDATE;VALUE=DATE:20270328"],
    )  # fmt: skip
    shown = starts(alice.get(f"{EVENTS}/{made['id']}/instances")["items"])
    assert shown == ["2027-03-14T09:00", "2027-03-21T09:00", "2027-04-04T08:00"]


def test_until_with_time_all_day(alice: CalendarV3) -> None:
    rule = "RRULE:FREQ=MONTHLY;UNTIL=20271129T230000Z;BYDAY=TU;BYSETPOS=-1"
    made = alice.insert({"date": "2027-08-31"}, {"date": "2027-09-01"}, recurrence=[rule])
    shown = starts(alice.get(f"{EVENTS}/{made['id']}/instances?timeMax=2028-02-01T00:00:00Z")["items"])
    assert shown == ["2027-08-31", "2027-09-28", "2027-10-26"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3;UNTIL=20270405T000000Z", None),
        ("FREQ=DAILY;INTERVAL=0", None),
        ("FREQ=DAILY;COUNT=0", None),
        ("FREQ=DAILY;UNTIL=20270201T000000Z", None),
        ("FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR;COUNT=3", ["03-31", "04-30", "05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3", ["03-29", "04-28", "05-29"]),
    ],
)
def test_rules_people_write(alice: CalendarV3, rule: str, days: list[str] | None) -> None:
    body = {"start": at("2027-03-29T20:00:00"), "end": at("2027-03-29T21:00:00"), "recurrence": [f"RRULE:{rule}"]}
    if days is None:
        assert alice.refused("POST", EVENTS, body) == (400, "invalid", "Invalid recurrence rule.")
        return
    made = answered(alice("POST", EVENTS, body))
    shown = starts(alice.get(f"{EVENTS}/{made['id']}/instances")["items"])
    assert [one[5:10] for one in shown] == days


# --- google_series_without_zone, google_missing_hour


def test_google_series_without_zone(alice: CalendarV3) -> None:
    start, end = at("2027-03-27T09:00:00+08:00", None), at("2027-03-27T10:00:00+08:00", None)
    body = {"summary": "x", "start": start, "end": end, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    refusal = (400, "required", "Missing time zone definition for start time.")
    assert alice.refused("POST", EVENTS, body) == refusal
    single = alice.insert(start, end)
    assert starts([single]) == ["2027-03-27T01:00"]
    put = {**body, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    assert alice.refused("PUT", f"{EVENTS}/{single['id']}", put) == refusal
    bare = {"summary": "x", "start": at("2027-03-27T09:00:00", None), "end": end}
    assert alice.refused("POST", EVENTS, bare) == refusal


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=3", "FREQ=WEEKLY;WKST=MO;COUNT=3;BYDAY=SA,SU,MO"])
def test_google_missing_hour(alice: CalendarV3, rule: str) -> None:
    zone = "Europe/Rome"
    made = alice.insert(
        at("2027-03-27T02:30:00", zone), at("2027-03-27T03:30:00", zone), recurrence=[f"RRULE:{rule}"]
    )
    shown = alice.get(f"{EVENTS}/{made['id']}/instances?timeZone={zone}")["items"]
    assert [one["start"]["dateTime"] for one in shown] == [
        "2027-03-27T02:30:00+01:00", "2027-03-28T03:30:00+02:00", "2027-03-29T02:30:00+02:00",
    ]  # fmt: skip


# --- hour_that_comes_twice: on 2027-10-31 at 01:00 UTC clocks in Berlin go back from three to two

SPANS = {
    "second half past two": ("2027-10-31T01:30", "2027-10-31T02:00"),
    "until the hour begins again": ("2027-10-31T00:30", "2027-10-31T01:00"),
    "over both": ("2027-10-31T00:30", "2027-10-31T01:30"),
    "first half past two": ("2027-10-31T00:30", "2027-10-31T00:45"),
    "around it": ("2027-10-30T23:30", "2027-10-31T03:00"),
}


def sent(text: str, zone: str | None = "Europe/Berlin") -> dict[str, str]:
    return at(f"{text}:00Z", zone)


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
@pytest.mark.parametrize("zone", ["Europe/Berlin", None])
def test_hour_that_comes_twice_is_the_instant_that_was_sent(
    world: World, alice: CalendarV3, bob: CalendarV3, span: tuple[str, str], zone: str | None
) -> None:
    made = alice.insert(sent(span[0], zone), sent(span[1], zone), "bob")
    moved = alice.patch(
        alice.insert(at(TEN), at(ELEVEN))["id"], {"start": sent(span[0], zone), "end": sent(span[1], zone)}
    )
    world.reopen()
    read = [one.get(f"{EVENTS}/{made['id']}") for one in (alice, bob)]
    for event in (made, moved, *read):
        assert (instant(event["start"]), instant(event["end"])) == span
        assert event["start"]["timeZone"] == "Europe/Berlin"
    again = alice.patch(made["id"], {"start": made["start"], "end": made["end"]})
    assert again["etag"] == made["etag"], "written back as read"
    asked = {"timeMin": "2027-10-30T00:00:00Z", "timeMax": "2027-11-01T00:00:00Z", "items": [{"id": "primary"}]}
    (busy,) = answered(bob("POST", "/freeBusy", asked))["calendars"]["primary"]["busy"]
    assert (busy["start"][:16], busy["end"][:16]) == span
    window = f"startDateTime={span[0]}:00Z&endDateTime={span[1]}:00Z"
    graph = Client(world, "bob", "graph").get(f"/me/calendarView?{window}")["value"]
    assert [(one["start"]["dateTime"][:16], one["end"]["dateTime"][:16]) for one in graph] == [span]


def test_hour_that_comes_twice_without_an_offset_is_its_first_time(alice: CalendarV3) -> None:
    made = alice.insert(at("2027-10-31T02:30:00"), at("2027-10-31T02:45:00"))
    assert (instant(made["start"]), instant(made["end"])) == ("2027-10-31T00:30", "2027-10-31T00:45")


def test_hour_that_comes_twice_and_an_end_before_it(alice: CalendarV3) -> None:
    body = {"start": sent("2027-10-31T01:30"), "end": sent("2027-10-31T00:45")}
    assert alice.refused("POST", EVENTS, body)[1] == "timeRangeEmpty"


def test_hour_that_comes_twice_in_a_series(alice: CalendarV3, bob: CalendarV3) -> None:
    """The start is the instant that was sent; of the other dates a wall time is all that is known."""
    made = alice.insert(
        sent("2027-10-31T01:30"), sent("2027-10-31T02:00"), "bob", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
    )
    for one in (alice, bob):
        shown = one.get(f"{EVENTS}/{made['id']}/instances")["items"]
        assert starts(shown) == ["2027-10-31T01:30", "2027-11-01T01:30", "2027-11-02T01:30"]
        assert instant(shown[0]["end"]) == "2027-10-31T02:00"
        assert shown[0]["id"] == f"{made['id']}_20271031T013000Z"
        assert one.get(f"{EVENTS}/{shown[0]['id']}")["originalStartTime"] == shown[0]["originalStartTime"]
    alice("DELETE", f"{EVENTS}/{made['id']}_20271031T013000Z")
    assert starts(bob.get(f"{EVENTS}/{made['id']}/instances")["items"]) == ["2027-11-01T01:30", "2027-11-02T01:30"]


def test_hour_that_comes_twice_and_an_instance_moved_into_it(alice: CalendarV3, bob: CalendarV3) -> None:
    made = alice.insert(
        at("2027-10-30T10:00:00"), at("2027-10-30T10:30:00"), "bob", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
    )
    one = f"{made['id']}_20271031T090000Z"
    alice.patch(one, {"start": sent("2027-10-31T01:30"), "end": sent("2027-10-31T01:45")})
    for who in (alice, bob):
        shown = who.get(f"{EVENTS}/{one}")
        assert (instant(shown["start"]), instant(shown["end"])) == ("2027-10-31T01:30", "2027-10-31T01:45")


# --- instance_ids_are_unique: on 2027-03-28 at 01:00 UTC clocks in Berlin go from two to three

TWICE = {"half past two and three": ("FREQ=DAILY;BYHOUR=2,3;COUNT=6", 5), "every hour": ("FREQ=HOURLY;COUNT=26", 25)}


@pytest.mark.parametrize(("rule", "count"), TWICE.values(), ids=TWICE)
def test_instance_ids_are_unique(alice: CalendarV3, rule: str, count: int) -> None:
    made = alice.insert(
        at("2027-03-27T02:30:00"), at("2027-03-27T02:45:00"), recurrence=[f"RRULE:{rule}"]
    )
    path = f"{EVENTS}/{made['id']}/instances"
    whole = [one["id"] for one in alice.get(path)["items"]]
    assert len(whole) == len(set(whole)) == count
    assert f"{made['id']}_20270328T013000Z" in whole
    for size in (1, 3):
        assert [one["id"] for page in alice.pages(f"{path}?maxResults={size}") for one in page] == whole
    single = f"{EVENTS}?singleEvents=true&orderBy=startTime&timeMin=2027-03-01T00:00:00Z&timeMax=2027-04-01T00:00:00Z"
    assert [one["id"] for one in alice.get(single)["items"]] == whole
    assert alice("DELETE", f"{EVENTS}/{made['id']}_20270328T013000Z").status == 204
    assert [one["id"] for one in alice.get(path)["items"]] == [one for one in whole if "0328T0130" not in one]
    graph = Client(alice.world, "alice", "graph")
    window = "startDateTime=2027-03-01T00:00:00Z&endDateTime=2027-04-01T00:00:00Z&$top=50"
    assert len(graph.get(f"/me/calendarView?{window}")["value"]) == count - 1


def test_instance_ids_are_unique_where_a_day_is_left_out(alice: CalendarV3) -> None:
    """There was no 30 December 2011 in Samoa."""
    zone = "Pacific/Apia"
    made = alice.insert(
        at("2011-12-28T10:00:00", zone), at("2011-12-28T11:00:00", zone), recurrence=["RRULE:FREQ=DAILY;COUNT=5"]
    )
    shown = alice.get(f"{EVENTS}/{made['id']}/instances?timeZone={zone}")["items"]
    assert [one["start"]["dateTime"][5:10] for one in shown] == ["12-28", "12-29", "12-31", "01-01"]
    assert len({one["id"] for one in shown}) == 4


# --- google_zone_of_a_single_event

TOKYO = {"start": {"timeZone": "Asia/Tokyo"}, "end": {"timeZone": "Asia/Tokyo"}}
TOLD = {
    "alone": TOKYO,
    "with the same instants": {
        "start": at("2027-03-01T15:00:00Z", "Asia/Tokyo"), "end": at("2027-03-01T16:00:00Z", "Asia/Tokyo"),
    },
    "with the wall time there": {
        "start": at("2027-03-02T00:00:00", "Asia/Tokyo"), "end": at("2027-03-02T01:00:00", "Asia/Tokyo"),
    },
}  # fmt: skip


@pytest.mark.parametrize("body", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("of_a_series", [False, True], ids=["single", "instance"])
def test_google_zone_of_a_single_event(
    world: World, alice: CalendarV3, bob: CalendarV3, body: Any, of_a_series: bool
) -> None:
    zone = "America/New_York"
    rule = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]} if of_a_series else {}
    made = alice.insert(
        at("2027-03-01T10:00:00", zone), at("2027-03-01T11:00:00", zone), "bob", query="sendUpdates=all", **rule
    )
    one = f"{made['id']}_20270301T150000Z" if of_a_series else made["id"]
    accepted = {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
    bob.patch(one, accepted)
    before = alice.get(f"{EVENTS}/{one}")
    changed = alice.patch(one, body, "sendUpdates=all")
    assert changed["start"]["timeZone"] == changed["end"]["timeZone"] == "Asia/Tokyo"
    for event in (changed, bob.get(f"{EVENTS}/{one}")):
        assert (instant(event["start"]), instant(event["end"])) == ("2027-03-01T15:00", "2027-03-01T16:00")
        assert event["start"]["timeZone"] == "Asia/Tokyo"
        assert [guest["responseStatus"] for guest in event["attendees"]] == ["accepted", "accepted"]
    assert changed["sequence"] == before["sequence"]
    assert inbox(world, "bob") == ["x"]
    again = alice.patch(one, {"start": changed["start"], "end": changed["end"]}, "sendUpdates=all")
    assert again["etag"] == changed["etag"]


def test_google_zone_of_a_single_event_leaves_its_reminder_dismissed(world: World, alice: CalendarV3) -> None:
    made = alice.insert(at(TEN), at(ELEVEN))
    graph = Client(world, "alice", "graph")
    (event,) = graph.get("/me/events")["value"]
    assert graph("POST", f"/me/events/{event['id']}/dismissReminder").status == 200
    alice.patch(made["id"], TOKYO)
    window = "startDateTime='2027-04-05T00:00:00Z',endDateTime='2027-04-06T00:00:00Z'"
    assert graph.get(f"/me/reminderView({window})")["value"] == []


def test_google_zone_of_a_single_event_of_its_start_alone(alice: CalendarV3) -> None:
    made = alice.insert(at(TEN), at(ELEVEN))
    changed = alice.patch(made["id"], {"start": {"timeZone": "Asia/Tokyo"}})
    assert (changed["start"]["timeZone"], changed["end"]["timeZone"]) == ("Asia/Tokyo", "Europe/Berlin")
    assert starts([changed]) == starts([made])
