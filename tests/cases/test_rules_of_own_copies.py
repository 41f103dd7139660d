"""What a guest does to a series in the own copy alone, and what stays of it, in each dialect."""

from __future__ import annotations

import email
from typing import Any

import pytest

from rsvpd.commands.people import remove_person
from rsvpd.delivery import imip
from support.calendar_v3 import EVENTS, CalendarV3, instant
from support.client import Client, plain, wall
from support.tuesdays import ANSWERS, BERLIN, MARCH, WEEKS, answer_of, answers, dates, mine, posts, series, weekly

# --- rule_09_own_move_of_a_series


def own_move(guest: Client, hour: str = "15", zone: str = BERLIN, day: str = "2027-03-16") -> Any:
    """Let a guest put the series at another hour in the own calendar, and return it."""
    path = f"/me/events/{mine(guest)['id']}"
    reply = guest("PATCH", path, guest.times(f"{day}T{hour}:00:00", f"{day}T{hour}:30:00", zone))
    assert reply.status == 200
    return plain(reply.json)


def days(who: Client) -> list[str]:
    """Return when a calendar has something, in UTC."""
    return [wall(one) for one in who.get(f"/me/calendarView?{MARCH}")["value"]]


def google_days(who: Client) -> list[str]:
    """Return the same as Google lists it, without what was declined."""
    window = "timeMin=2027-03-01T00:00:00Z&timeMax=2027-05-01T00:00:00Z&singleEvents=true&orderBy=startTime"
    found = CalendarV3(who.world, who.who).get(f"{EVENTS}?{window}")["items"]
    return [instant(one["start"]) for one in found if not is_declined(one, who.who)]


def is_declined(event: Any, who: str) -> bool:
    own = next(one for one in event["attendees"] if one["email"] == f"{who}@example.com")
    return bool(own["responseStatus"] == "declined")


@pytest.mark.parametrize("answer", ["accept", "tentativelyAccept"])
def test_rule_09_own_move_of_a_series(organizer: Client, guest: Client, answer: str) -> None:
    made = series(organizer, "bob", recurrence=weekly(3))
    own = mine(guest)
    assert guest("POST", f"/me/events/{own['id']}/accept", {}).status == 202
    _, second, third = dates(guest, own["id"])
    assert guest("POST", f"/me/events/{second['id']}/{answer}", {"comment": "perhaps"}).status == 202
    assert guest("DELETE", f"/me/events/{third['id']}").status == 204
    moved = own_move(guest)
    assert (wall(moved), moved["recurrence"]) == ("2027-03-16T14:00", own["recurrence"])
    assert days(guest) == google_days(guest) == ["2027-03-16T14:00", "2027-03-23T14:00"]
    assert wall(guest.get(f"/me/events/{second['id']}")) == "2027-03-23T14:00"
    assert organizer("PATCH", f"/me/events/{made['id']}", {"subject": "new"}).status == 200
    assert days(guest) == google_days(guest) == ["2027-03-16T09:00", "2027-03-23T09:00"]
    given = {"accept": "accepted", "tentativelyAccept": "tentativelyaccepted"}[answer]
    assert [answer_of(one) for one in dates(guest, own["id"])] == ["accepted", given]
    assert organizer("PATCH", f"/me/events/{made['id']}", organizer.times(*TEN_THIRTY, BERLIN)).status == 200
    assert days(guest) == ["2027-03-16T09:30", "2027-03-23T09:30", "2027-03-30T08:30"]


TEN_THIRTY = ("2027-03-16T10:30:00", "2027-03-16T11:00:00")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("before", [(), ("accept",)], ids=len)
def test_rule_09_own_move_of_a_series_and_then_an_answer_to_one_date(
    organizer: Client, guest: Client, answer: str, before: tuple[str, ...]
) -> None:
    made = series(organizer, "bob")
    own = mine(guest)
    for one in before:
        assert guest("POST", f"/me/events/{own['id']}/{one}", {}).status == 202
    own_move(guest)
    second = dates(guest, own["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/{answer}", {}).status == 202
    word = {"accept": "accepted", "tentativelyAccept": "tentativelyaccepted", "decline": "declined"}[answer]
    usual = "accepted" if before else "none"
    assert [answers(one) for one in dates(organizer, made["id"])] == [[usual], [word], [usual], [usual]]
    assert {wall(one)[11:] for one in dates(organizer, made["id"])} == {"09:00", "08:00"}
    assert [one[:10] for one in days(guest)] == [day for day in WEEKS if answer != "decline" or day != WEEKS[1]]
    assert days(guest) == google_days(guest)


def test_rule_09_own_move_of_a_series_leaves_what_was_moved_alone(organizer: Client, guest: Client) -> None:
    made = series(organizer, "bob")
    second, third = dates(organizer, made["id"])[1:3]
    noon = organizer.times("2027-03-23T12:00:00", "2027-03-23T12:30:00", BERLIN)
    assert organizer("PATCH", f"/me/events/{second['id']}", noon).status == 200
    assert organizer("POST", f"/me/events/{third['id']}/cancel", {"comment": ""}).status == 202
    last = dates(organizer, made["id"])[-1]
    longer = organizer.times("2027-04-06T10:00:00", "2027-04-06T11:00:00", BERLIN)
    assert organizer("PATCH", f"/me/events/{last['id']}", longer).status == 200
    own_move(guest)
    assert days(guest) == ["2027-03-16T14:00", "2027-03-23T11:00", "2027-03-30T13:00", "2027-04-06T08:00"]
    assert [one["isCancelled"] for one in dates(guest, mine(guest)["id"])] == [False, False, True, False]
    fourth = dates(organizer, made["id"])[-1]
    assert organizer("DELETE", f"/me/events/{fourth['id']}").status == 204
    assert [one["isCancelled"] for one in dates(guest, mine(guest)["id"])] == [False, False, True, True]
    assert len(days(guest)) == 4


@pytest.mark.parametrize(
    ("day", "hour", "zone", "first"),
    [
        ("2027-03-17", "09", BERLIN, "2027-03-17T08:00"),
        ("2027-03-15", "23", "Eastern Standard Time", "2027-03-16T03:00"),
        ("2027-03-20", "00", "Tokyo Standard Time", "2027-03-19T15:00"),
        ("2027-01-04", "10", BERLIN, "2027-01-04T09:00"),
    ],
)
def test_rule_09_own_move_of_a_series_to_another_day_or_zone(
    organizer: Client, guest: Client, day: str, hour: str, zone: str, first: str
) -> None:
    made = series(organizer, "bob")
    second = dates(guest, mine(guest)["id"])[1]
    moved = own_move(guest, hour, zone, day)
    assert (wall(moved), moved["recurrence"]) == (first, made["recurrence"])
    year = "startDateTime=2027-01-01T00:00:00Z&endDateTime=2027-12-31T00:00:00Z"
    found = guest.get(f"/me/calendarView?{year}")["value"]
    assert [one["originalStart"][:10] for one in found if "originalStart" in one] in (list(WEEKS), [])
    assert (len(found), wall(found[0])) == (4, first)
    assert guest("POST", f"/me/events/{second['id']}/decline", {}).status == 202
    assert [answers(one) for one in dates(organizer, made["id"])] == [["none"], ["declined"], ["none"], ["none"]]
    own_move(guest, "10")
    assert days(guest) == [one for one in days(organizer) if WEEKS[1] not in one]


def test_rule_09_own_move_of_a_series_all_day(organizer: Client, guest: Client) -> None:
    midnights = ("2027-03-16T00:00:00", "2027-03-17T00:00:00")
    made = organizer.create("x", *midnights, "bob", isAllDay=True, recurrence=weekly())
    own = mine(guest)
    second = dates(guest, own["id"])[1]
    google = CalendarV3(guest.world, "bob")
    instances = [one["id"] for one in google.get(f"{EVENTS}?singleEvents=true")["items"]]
    assert guest("POST", f"/me/events/{second['id']}/tentativelyAccept", {}).status == 202
    wednesday = {"isAllDay": True, **guest.times("2027-03-17T00:00:00", "2027-03-18T00:00:00")}
    hour = {"isAllDay": False, **guest.times("2027-03-16T15:00:00", "2027-03-16T15:30:00")}
    for change, first in ((wednesday, "2027-03-17T00:00"), (hour, "2027-03-16T15:00")):
        assert guest("PATCH", f"/me/events/{own['id']}", change).status == 200
        assert (len(days(guest)), days(guest)[0]) == (4, first)
        assert len({one[:10] for one in days(guest)}) == 4
        assert [google.get(f"{EVENTS}/{one}")["id"] for one in instances] == instances
    assert guest("POST", f"/me/events/{second['id']}/decline", {}).status == 202
    assert answers(dates(organizer, made["id"])[1]) == ["declined"]
    assert organizer("PATCH", f"/me/events/{made['id']}", {"subject": "new"}).status == 200
    assert [one["isAllDay"] for one in dates(guest, own["id"])] == [True] * 3


def test_rule_09_own_move_of_a_series_takes_the_own_words_along(organizer: Client, guest: Client) -> None:
    series(organizer, "bob")
    own = mine(guest)
    second = dates(guest, own["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/accept", {}).status == 202
    assert guest("PATCH", f"/me/events/{own['id']}", {"subject": "mine"}).status == 200
    assert [one["subject"] for one in dates(guest, own["id"])] == ["mine"] * 4


def test_rule_09_own_move_of_a_series_is_busy_there(graph: Client) -> None:
    guest = Client(graph.world, "bob", "graph")
    series(graph, "bob")
    assert guest("POST", f"/me/events/{mine(guest)['id']}/accept", {}).status == 202
    own_move(guest)
    body = {
        "schedules": ["bob@example.com"],
        "startTime": {"dateTime": "2027-03-30T08:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2027-03-30T15:00:00", "timeZone": "UTC"},
        "availabilityViewInterval": 60,
    }
    (entry,) = plain(graph("POST", "/me/calendar/getSchedule", body).json)["value"]
    assert entry["availabilityView"] == "0000020"


def test_rule_09_own_move_of_a_series_of_an_organizer_outside(graph: Client) -> None:
    guest = Client(graph.world, "bob", "graph")
    series(graph, "bob")
    graph.world.store.run(remove_person, "alice@example.com")
    own_move(guest)
    second = dates(guest, mine(guest)["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/accept", {}).status == 202
    (post,) = posts(graph)
    assert post.recurrence_id == "20270323T100000"
    message = email.message_from_bytes(imip.message(post))
    (text,) = (part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(text, bytes)
    assert b"RECURRENCE-ID;TZID=Europe/Berlin:20270323T100000" in text
