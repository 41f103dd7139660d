"""Outlook REST and Graph: what strangers met, in all three profiles where all can say it."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client, plain, wall
from support.world import World

TEN, ELEVEN = "2027-06-07T10:00:00", "2027-06-07T11:00:00"
BERLIN, EASTERN, TOKYO = "W. Europe Standard Time", "Eastern Standard Time", "Tokyo Standard Time"
JUNE = "startDateTime=2027-06-01T00:00:00Z&endDateTime=2027-08-01T00:00:00Z"


def weekly(count: int = 4) -> dict[str, Any]:
    pattern = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}
    return {"pattern": pattern, "range": {"type": "numbered", "startDate": "2027-06-07", "numberOfOccurrences": count}}


def guests(*names: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": f"{name}@example.com"}} for name in names]


def subjects(who: Client) -> list[str]:
    found = who.get("/me/mailFolders/inbox/messages")["value"]
    return [one["subject"] for one in found]


def instances(who: Client, event_id: str) -> list[Any]:
    found: list[Any] = who.get(f"/me/events/{event_id}/instances?{JUNE}")["value"]
    return found


def mine(who: Client) -> Any:
    """Return the one event (or series) in a calendar."""
    (event,) = who.get("/me/events")["value"]
    return event


def answered(event: Any) -> list[str]:
    return [one["status"]["response"].lower() for one in event["attendees"]]


# --- addresses_with_something_around, address_with_umlauts

CLEANED = (" bob@example.com ", "mailto:bob@example.com", "\u200bbob@example.com", "mailto:bob@example.com?subject=Hi")
REFUSED = ("bob@example.com?subject=Hi", "bob@exam\u200bple.com", "Bob <bob@example.com>", "bob", "'bob@example.com'")


@pytest.mark.parametrize("address", CLEANED, ids=ascii)
def test_addresses_with_something_around_are_cleaned(organizer: Client, guest: Client, address: str) -> None:
    made = organizer.create("x", TEN, ELEVEN, attendees=[{"emailAddress": {"address": address}}])
    for event in (made, mine(guest)):
        shown = [one["emailAddress"] for one in event["attendees"] if "alice" not in one["emailAddress"]["address"]]
        assert [one["address"] for one in shown] == ["bob@example.com"]
        assert "mailto" not in shown[0]["name"].lower()
    to = [{"emailAddress": {"address": address}}]
    message = {"message": {"subject": "Hi", "toRecipients": to}}
    assert organizer("POST", "/me/sendMail", message).status == 202
    assert subjects(guest)[0] == "Hi"
    (sent,) = guest.get("/me/mailFolders/inbox/messages?$top=1")["value"]
    assert sent["toRecipients"][0]["emailAddress"]["address"] == "bob@example.com"


@pytest.mark.parametrize("address", REFUSED, ids=ascii)
def test_addresses_with_something_around_are_refused(organizer: Client, guest: Client, address: str) -> None:
    to = [{"emailAddress": {"address": address}}]
    times = organizer.times(TEN, ELEVEN)
    assert organizer.error("POST", "/me/events", {"subject": "x", **times, "attendees": to})[0] == 400
    made = organizer.create("x", TEN, ELEVEN, "carol")
    path = f"/me/events/{made['id']}"
    assert organizer.error("PATCH", path, {"attendees": to})[0] == 400
    assert organizer.error("POST", f"{path}/forward", {"toRecipients": to})[0] == 400
    assert organizer.error("POST", "/me/sendMail", {"message": {"subject": "Hi", "toRecipients": to}})[0] == 400
    permission = {"emailAddress": {"address": address}, "role": "read"}
    assert organizer.error("POST", "/me/calendar/calendarPermissions", permission)[0] == 400
    assert subjects(guest) == []


def test_addresses_with_something_around_in_a_forward_and_a_permission(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "carol")
    to = [{"emailAddress": {"address": "mailto:bob@example.com"}}]
    assert organizer("POST", f"/me/events/{made['id']}/forward", {"toRecipients": to}).status == 202
    assert mine(guest)["subject"] == "x"
    permission = {"emailAddress": {"address": " mailto:carol@example.com"}, "role": "read"}
    reply = organizer("POST", "/me/calendar/calendarPermissions", permission)
    assert plain(reply.json)["emailAddress"]["address"] == "carol@example.com"


def test_addresses_with_something_around_in_get_schedule(graph: Client) -> None:
    asked = {
        "schedules": ["mailto:bob@example.com", "bob@example.com\u200b"],
        "startTime": {"dateTime": TEN, "timeZone": "UTC"}, "endTime": {"dateTime": ELEVEN, "timeZone": "UTC"},
    }  # fmt: skip
    reply = graph("POST", "/me/calendar/getSchedule", asked)
    assert reply.status == 200
    assert [one["error"]["responseCode"] for one in reply.json["value"]] == ["5009", "5009"]


def test_address_with_umlauts_is_the_same_in_ascii(organizer: Client) -> None:
    made = organizer.create(
        "x", TEN, ELEVEN,
        attendees=[{"emailAddress": {"address": one}} for one in ("bob@münchen.example", "bob@xn--mnchen-3ya.example")],
    )  # fmt: skip
    assert [one["emailAddress"]["address"] for one in made["attendees"]] == ["bob@münchen.example"]


# --- hour_that_comes_twice: on 2027-10-31 at 01:00 UTC clocks in Berlin go back from three to two

SPANS = [("2027-10-31T01:30:00", "2027-10-31T02:00:00"), ("2027-10-31T00:30:00", "2027-10-31T01:00:00")]


def shown(event: Any) -> tuple[str, str]:
    """Return when an event starts and ends, in UTC."""
    times = (event["start"], event["end"])
    first, last = (one if isinstance(one, str) else one["dateTime"] for one in times)
    return first[:19], last[:19]


@pytest.mark.parametrize("span", SPANS)
def test_hour_that_comes_twice(world: World, organizer: Client, guest: Client, span: tuple[str, str]) -> None:
    made = organizer.create("x", f"{span[0]}Z", f"{span[1]}Z", "bob", zone=BERLIN)
    other = organizer.create("y", TEN, ELEVEN, zone=BERLIN)
    moved = organizer("PATCH", f"/me/events/{other['id']}", organizer.times(f"{span[0]}Z", f"{span[1]}Z", BERLIN))
    world.reopen()
    read = organizer.get(f"/me/events/{made['id']}")
    for event in (made, plain(moved.json), read, mine(guest)):
        assert shown(event) == span
    assert read["originalStartTimeZone"] == BERLIN if organizer.profile != "v1" else read["startTimeZone"] == BERLIN
    window = f"startDateTime={span[0]}Z&endDateTime={span[1]}Z"
    assert [shown(one) for one in guest.get(f"/me/calendarView?{window}")["value"]] == [span]


def test_hour_that_comes_twice_written_back_in_the_zone_it_was_read_in(organizer: Client, guest: Client) -> None:
    """In that zone both times read 02:30; what was read is what is there already."""
    span = SPANS[0]
    made = organizer.create("x", f"{span[0]}Z", f"{span[1]}Z", "bob", zone=BERLIN)
    prefer = {"prefer": f'outlook.timezone="{BERLIN}"'}
    read = organizer.get(f"/me/events/{made['id']}", **prefer)
    assert shown(read)[0] == "2027-10-31T02:30:00"
    members = ("start", "startTimeZone", "end", "endTimeZone") if organizer.profile == "v1" else ("start", "end")
    reply = organizer("PATCH", f"/me/events/{made['id']}", {name: read[name] for name in members}, **prefer)
    assert shown(organizer.get(f"/me/events/{plain(reply.json)['id']}")) == span
    assert subjects(guest) == ["x"]


def test_hour_that_comes_twice_without_an_offset_is_its_first_time(organizer: Client) -> None:
    if organizer.profile == "v1":
        return  # Outlook v1.0 knows only times with an offset
    made = organizer.create("x", "2027-10-31T02:30:00", "2027-10-31T02:45:00", zone=BERLIN)
    assert shown(made) == ("2027-10-31T00:30:00", "2027-10-31T00:45:00")


def test_hour_that_comes_twice_in_a_proposal(organizer: Client, guest: Client) -> None:
    if organizer.profile == "v1":
        return  # Outlook v1.0 has no proposals
    organizer.create("x", TEN, ELEVEN, "bob", zone=BERLIN)
    first, last = ({"dateTime": f"{text}Z", "timeZone": BERLIN} for text in SPANS[0])
    answer = {"sendResponse": True, "proposedNewTime": {"start": first, "end": last}}
    assert guest("POST", f"/me/events/{mine(guest)['id']}/tentativelyAccept", answer).status == 202
    (proposed,) = (one["proposedNewTime"] for one in mine(organizer)["attendees"])
    assert shown(proposed) == SPANS[0]


def test_hour_that_comes_twice_and_its_reminder(graph: Client) -> None:
    start, end = (f"{text}Z" for text in SPANS[0])
    graph.create("x", start, end, zone=BERLIN, isReminderOn=True, reminderMinutesBeforeStart=15)
    window = "startDateTime='2027-10-31T00:00:00Z',endDateTime='2027-10-31T06:00:00Z'"
    (one,) = graph.get(f"/me/reminderView({window})")["value"]
    assert one["reminderFireTime"]["dateTime"][:16] == "2027-10-31T01:15"
    assert one["eventStartTime"]["dateTime"][:16] == "2027-10-31T01:30"


# --- siblings of google_zone_of_a_single_event


def zone_of(event: Any) -> str:
    return str(event.get("originalStartTimeZone") or event.get("startTimeZone"))


@pytest.mark.parametrize("of_a_series", [False, True], ids=["single", "occurrence"])
def test_google_zone_of_a_single_event_has_siblings_in_outlook(
    organizer: Client, guest: Client, of_a_series: bool
) -> None:
    """Another zone at the same instants is kept and asks nobody; the zone it is read in is no wish."""
    more = {"recurrence": weekly()} if of_a_series else {}
    made = organizer.create("x", TEN, ELEVEN, "bob", zone=EASTERN, **more)
    event_id = instances(organizer, made["id"])[1]["id"] if of_a_series else made["id"]
    guest("POST", f"/me/events/{mine(guest)['id']}/accept", {"sendResponse": True})
    before = organizer.get(f"/me/events/{event_id}")
    start, end = shown(before)
    v1 = {"start": f"{start}Z", "startTimeZone": TOKYO, "end": f"{end}Z", "endTimeZone": TOKYO}
    wish = v1 if organizer.profile == "v1" else organizer.times(f"{start}Z", f"{end}Z", TOKYO)
    changed = plain(organizer("PATCH", f"/me/events/{event_id}", wish).json)
    assert shown(changed) == (start, end)
    assert zone_of(changed) == TOKYO
    assert answered(changed) == ["accepted"]
    assert subjects(guest) == ["x"]
    as_read = {name: before[name] for name in (v1 if organizer.profile == "v1" else ("start", "end"))}
    if organizer.profile != "v1":
        again = plain(organizer("PATCH", f"/me/events/{event_id}", as_read).json)
        assert (zone_of(again), again["changeKey"]) == (TOKYO, changed["changeKey"])


def test_times_of_a_series_written_back_as_read_move_nothing(organizer: Client, guest: Client) -> None:
    """Read in UTC and written back so, a series stays in its zone and keeps its hour."""
    made = organizer.create("x", "2027-10-18T10:00:00", "2027-10-18T10:30:00", "bob", zone=BERLIN, recurrence={
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
        "range": {"type": "numbered", "startDate": "2027-10-18", "numberOfOccurrences": 4},
    })  # fmt: skip
    guest("POST", f"/me/events/{mine(guest)['id']}/accept", {"sendResponse": True})
    before = organizer.get(f"/me/events/{made['id']}")
    members = ("start", "startTimeZone", "end", "endTimeZone") if organizer.profile == "v1" else ("start", "end")
    after = plain(organizer("PATCH", f"/me/events/{made['id']}", {name: before[name] for name in members}).json)
    assert after["changeKey"] == before["changeKey"]
    assert answered(after) == ["accepted"]
    window = "startDateTime=2027-10-01T00:00:00Z&endDateTime=2027-12-01T00:00:00Z"
    hours = [wall(one)[11:] for one in organizer.get(f"/me/events/{made['id']}/instances?{window}")["value"]]
    assert hours == ["08:00", "08:00", "09:00", "09:00"]
    assert subjects(guest) == ["x"]


# --- recurrence_written_back, room_added_with_recurrence_null


def test_recurrence_written_back(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=weekly())
    read = organizer.get(f"/me/events/{made['id']}")
    changed = plain(organizer("PATCH", f"/me/events/{made['id']}", {"recurrence": read["recurrence"]}).json)
    assert changed["recurrence"] == read["recurrence"]
    assert subjects(guest) == ["x"]


def test_room_added_with_recurrence_null(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob")
    room = {"emailAddress": {"address": "orion@example.com"}, "type": "resource"}
    reply = organizer("PATCH", f"/me/events/{made['id']}", {"recurrence": None, "attendees": [*guests("bob"), room]})
    changed = plain(reply.json)
    assert (reply.status, changed["type"].lower()) == (200, "singleinstance")
    assert [one["emailAddress"]["address"] for one in changed["attendees"]] == ["bob@example.com", "orion@example.com"]
    assert subjects(guest) == ["x"]


# --- all_day_is_midnight


@pytest.mark.parametrize("zone", [None, BERLIN, "Pacific Standard Time", "UTC"])
def test_all_day_is_midnight(organizer: Client, guest: Client, zone: str | None) -> None:
    organizer.create(
        "x", "2027-06-07T00:00:00", "2027-06-08T00:00:00", "bob", zone="Pacific Standard Time", isAllDay=True
    )
    prefer = {"prefer": f'outlook.timezone="{zone}"'} if zone else {}
    (event,) = guest.get("/me/events", **prefer)["value"]
    (listed,) = guest.get("/me/mailFolders/inbox/messages", **prefer)["value"]
    message = guest.get(f"/me/messages/{listed['id']}", **prefer)
    # Messages of the Outlook services do not tell the times.
    for one in (event, message) if organizer.profile == "graph" else (event,):
        assert one["isAllDay"] is True
        times = [one[name] for name in (("start", "end") if "start" in one else ("startDateTime", "endDateTime"))]
        texts = [time if isinstance(time, str) else time["dateTime"] for time in times]
        assert [text[:19] for text in texts] == ["2027-06-07T00:00:00", "2027-06-08T00:00:00"]


# --- guest_added_to_one_date, accepting_makes_no_exception


def test_guest_added_to_one_date(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=weekly())
    guest("POST", f"/me/events/{mine(guest)['id']}/accept", {"sendResponse": True})
    second = instances(organizer, made["id"])[1]
    changed = plain(organizer("PATCH", f"/me/events/{second['id']}", {"attendees": guests("bob", "carol")}).json)
    assert answered(changed) == ["accepted", "none"]
    assert answered(instances(organizer, made["id"])[0]) == ["accepted"]
    own = instances(guest, mine(guest)["id"])
    assert [one["responseStatus"]["response"].lower() for one in own] == ["accepted"] * 4
    carol = Client(organizer.world, "carol", organizer.profile)
    assert shown(mine(carol)) == shown(second)


def test_accepting_makes_no_exception(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob", zone=BERLIN, recurrence=weekly())
    guest("POST", f"/me/events/{mine(guest)['id']}/accept", {"sendResponse": True})
    for who, event_id in ((organizer, made["id"]), (guest, mine(guest)["id"])):
        assert {one["type"].lower() for one in instances(who, event_id)} == {"occurrence"}
    reply = organizer("PATCH", f"/me/events/{made['id']}", {"recurrence": weekly(6)})
    assert reply.status == 200
    assert len(instances(organizer, made["id"])) == len(instances(guest, mine(guest)["id"])) == 6


# --- forwarded_guest_dropped, delete_with_a_body


def test_forwarded_guest_dropped(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob")
    carol = Client(organizer.world, "carol", organizer.profile)
    guest("POST", f"/me/events/{mine(guest)['id']}/forward", {"toRecipients": guests("carol")})
    carol("POST", f"/me/events/{mine(carol)['id']}/accept", {"sendResponse": True})
    assert organizer("PATCH", f"/me/events/{made['id']}", {"attendees": guests("bob")}).status == 200
    assert subjects(carol)[0] == "Canceled: x"
    assert mine(carol)["isCancelled"] is True
    assert subjects(guest) == ["x"]


def test_delete_with_a_body(organizer: Client, guest: Client) -> None:
    made = organizer.create("x", TEN, ELEVEN, "bob")
    reply = organizer("DELETE", f"/me/events/{made['id']}", {"sendCancelMessageToAttendees": False})
    assert reply.status == 204
    assert subjects(guest)[0] == "Canceled: x"


# --- original_start, offset_in_the_time


@pytest.mark.parametrize("zone", [None, EASTERN, BERLIN])
def test_original_start(organizer: Client, zone: str | None) -> None:
    made = organizer.create("x", TEN, ELEVEN, zone=EASTERN, recurrence=weekly(3))
    prefer = {"prefer": f'outlook.timezone="{zone}"'} if zone else {}
    first = instances(organizer, made["id"])[0]
    later = organizer.times("2027-06-07T15:00:00", "2027-06-07T16:00:00", EASTERN)
    organizer("PATCH", f"/me/events/{first['id']}", later)
    found = organizer.get(f"/me/events/{made['id']}/instances?{JUNE}", **prefer)["value"]
    if organizer.profile == "v1":
        return  # Outlook v1.0 has no originalStart
    assert [one["originalStart"] for one in found] == [f"2027-06-{day}T14:00:00Z" for day in ("07", "14", "21")]


@pytest.mark.parametrize("zone", ["", None, "UTC", TOKYO])
def test_offset_in_the_time(organizer: Client, zone: str | None) -> None:
    start, end = "2027-03-01T10:00:00-05:00", "2027-03-01T11:00:00-05:00"
    if organizer.profile == "v1":
        times: dict[str, Any] = {"start": start, "end": end}
    else:
        times = {"start": {"dateTime": start, "timeZone": zone}, "end": {"dateTime": end, "timeZone": zone}}
    reply = organizer("POST", "/me/events", {"subject": "x", **times})
    assert shown(plain(reply.json)) == ("2027-03-01T15:00:00", "2027-03-01T16:00:00")
