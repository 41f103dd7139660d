"""Dates of series that were answered, called off or moved by themselves: what leads to them, in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands import outbox
from rsvpd.commands.deliver import deliver_next
from support.calendar_v3 import EVENTS, CalendarV3, at
from support.client import Client, plain
from support.world import World

DAYS = "startDateTime=2027-01-01T00:00:00Z&endDateTime=2027-02-01T00:00:00Z"
SPACES = {"graph": "microsoft.graph", "v2": "Microsoft.OutlookServices", "v1": "Microsoft.OutlookServices"}


def daily(who: Client, *guests: str) -> Any:
    """Return a new series of `who`: three days from the fourth, at ten for an hour."""
    ends = {"type": "numbered", "startDate": "2027-01-04", "numberOfOccurrences": 3}
    recurrence = {"pattern": {"type": "daily", "interval": 1}, "range": ends}
    return who.create("x", "2027-01-04T10:00:00", "2027-01-04T11:00:00", *guests, recurrence=recurrence)


def dates(who: Client) -> list[Any]:
    found: list[Any] = who.get(f"/me/calendarView?{DAYS}")["value"]
    return found


def moved(who: Client, event_id: str) -> None:
    """Move the second date of a series to three o'clock."""
    second = who.get(f"/me/events/{event_id}/instances?{DAYS}")["value"][1]
    times = who.times("2027-01-05T15:00:00", "2027-01-05T16:00:00")
    assert who("PATCH", f"/me/events/{second['id']}", times).status == 200


def deliver(world: World) -> None:
    """Deliver what waits for its turn, as a large meeting is in slices."""
    while world.store.run(deliver_next):
        pass


def newest_event(who: Client) -> Any:
    """Return the event that the newest message leads to."""
    event = f"{SPACES[who.profile]}.{who.word('eventMessage')}/{who.word('event')}"
    (*_, message) = who.get(f"/me/messages?$expand={event}&$orderby={who.word('receivedDateTime')}")["value"]
    return message["event"]


def tracked(who: Client, event_id: str, guest: str) -> list[str]:
    found = who.get(f"/me/events/{event_id}/instances?{DAYS}")["value"]
    known = [{one["emailAddress"]["address"]: one["status"]["response"] for one in e["attendees"]} for e in found]
    return [answers[f"{guest}@example.com"].lower() for answers in (plain(one) for one in known)]


@pytest.mark.parametrize(("removed", "others"), [("decline", "declined"), ("DELETE", "none")])
def test_rule_04_date_of_a_declined_series_moved_is_what_its_request_leads_to(
    organizer: Client, guest: Client, removed: str, others: str
) -> None:
    series = daily(organizer, "bob")
    own = guest.get("/me/events")["value"][0]["id"]
    path = f"/me/events/{own}"
    reply = guest("DELETE", path) if removed == "DELETE" else guest("POST", f"{path}/{guest.word(removed)}", {})
    assert reply.status < 300
    assert dates(guest) == []
    moved(organizer, series["id"])
    event = newest_event(guest)
    assert [one["id"] for one in dates(guest)] == [event["id"]]
    assert guest("POST", f"/me/events/{event['id']}/{guest.word('accept')}", {}).status == 202
    assert tracked(organizer, series["id"], "bob") == [others, "accepted", others]


def test_rule_04_date_of_a_declined_series_moved_has_its_series(organizer: Client, guest: Client) -> None:
    """What the date says is its series is there to be read and answered; of a deleted one there is none."""
    series = daily(organizer, "bob", "carol")
    carol = Client(guest.world, "carol", guest.profile)
    for one, removal in ((guest, "decline"), (carol, None)):
        path = f"/me/events/{one.get('/me/events')['value'][0]['id']}"
        assert (one("POST", f"{path}/{one.word(removal)}", {}) if removal else one("DELETE", path)).status < 300
    moved(organizer, series["id"])
    (date,), (alone,) = dates(guest), dates(carol)
    master = guest.get(f"/me/events/{date['seriesMasterId']}")
    assert (master["type"].lower(), master["responseStatus"]["response"].lower()) == ("seriesmaster", "declined")
    assert [one["id"] for one in guest.get("/me/events")["value"]] == [master["id"]]
    assert (alone["type"].lower(), alone["seriesMasterId"]) == ("singleinstance", None)
    assert guest("POST", f"/me/events/{master['id']}/{guest.word('accept')}", {}).status == 202
    assert len(dates(guest)) == 3


def test_rule_04_date_of_a_declined_series_moved_for_guests_of_a_large_meeting(world: World, graph: Client) -> None:
    """A list so long that answers stand beside the copy."""
    others = [f"guest{number}" for number in range(80)]
    series = daily(graph, "bob", *others)
    bob = Client(world, "bob", "graph")
    deliver(world)
    assert bob("POST", f"/me/events/{bob.get('/me/events')['value'][0]['id']}/decline", {}).status == 202
    moved(graph, series["id"])
    deliver(world)
    assert bob("POST", f"/me/events/{newest_event(bob)['id']}/accept", {}).status == 202
    assert tracked(graph, series["id"], "bob") == ["declined", "accepted", "declined"]


# --- rule_11_restored_date, rule_26_date_struck_out_and_back: what a program of the organizer excludes and brings back

RULE = "RRULE:FREQ=DAILY;COUNT=4"
FOURTH = "2027-01-07"


def excluding(*days: str) -> dict[str, list[str]]:
    """Return the recurrence of a daily series at ten in UTC without these days."""
    lines = [f"EXDATE:{day.replace('-', '')}T100000Z" for day in days]
    return {"recurrence": [RULE, *lines]}


def four_days(alice: CalendarV3, *guests: str, without: tuple[str, ...] = ()) -> Any:
    times = at("2027-01-04T10:00:00", "UTC"), at("2027-01-04T11:00:00", "UTC")
    return alice.insert(*times, *guests, query="sendUpdates=all", **excluding(*without))


def instance(made: Any, day: str) -> str:
    return f"{EVENTS}/{made['id']}_{day.replace('-', '')}T100000Z"


def accepted(who: CalendarV3, made: Any) -> None:
    own = {"email": f"{who.who}@example.com", "responseStatus": "accepted"}
    who.patch(made["id"], {"attendees": [own]}, "sendUpdates=all")


def in_google(who: CalendarV3) -> list[str]:
    """Return the days on which something takes place in a calendar, as Google lists them."""
    window = "timeMin=2027-01-01T00:00:00Z&timeMax=2027-02-01T00:00:00Z"
    page = who.get(f"{EVENTS}?singleEvents=true&orderBy=startTime&{window}")
    return [one["start"]["dateTime"][:10] for one in page["items"]]


def in_outlook(world: World, who: str) -> dict[str, tuple[str, str]]:
    """Return the answer and the show-as of what takes place, by day."""
    found = dates(Client(world, who, "graph"))
    return {
        one["start"]["dateTime"][:10]: (one["responseStatus"]["response"], one["showAs"])
        for one in found
        if not one["isCancelled"]
    }


def busy_days(who: CalendarV3) -> list[str]:
    asked = {"timeMin": "2027-01-01T00:00:00Z", "timeMax": "2027-02-01T00:00:00Z", "items": [{"id": "primary"}]}
    reply = who("POST", "/freeBusy", asked).json
    return [one["start"][:10] for one in reply["calendars"]["primary"]["busy"]]


def view(world: World, who: str, day: str) -> str:
    """Return how the hour of the series is shown to others on a day."""
    body = {
        "schedules": [f"{who}@example.com"],
        "startTime": {"dateTime": f"{day}T10:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": f"{day}T11:00:00", "timeZone": "UTC"},
        "availabilityViewInterval": 60,
    }
    reply = Client(world, "carol", "graph")("POST", "/me/calendar/getSchedule", body)
    (entry,) = reply.json["value"]
    return str(entry["availabilityView"])


def kinds(world: World, who: str) -> list[str]:
    """Return what kinds of requests and cancellations an inbox holds, the first one first."""
    page = Client(world, who, "graph").get("/me/mailFolders/inbox/messages?$orderby=receivedDateTime")
    return [
        one["meetingRequestType"] if one["meetingMessageType"] == "meetingRequest" else one["meetingMessageType"]
        for one in page["value"]
    ]


def test_rule_11_restored_date(world: World, alice: CalendarV3, bob: CalendarV3) -> None:
    made = four_days(alice, "bob")
    accepted(bob, made)
    assert alice("DELETE", f"{instance(made, '2027-01-05')}?sendUpdates=all").status == 204
    assert view(world, "bob", "2027-01-05") == "0"
    alice.patch(made["id"], excluding(FOURTH), "sendUpdates=all")
    usual, asked = ("accepted", "busy"), ("notResponded", "tentative")
    assert in_outlook(world, "bob") == {"2027-01-04": usual, "2027-01-05": asked, "2027-01-06": usual}
    assert in_google(bob) == in_google(alice) == busy_days(bob) == ["2027-01-04", "2027-01-05", "2027-01-06"]
    assert (view(world, "bob", "2027-01-05"), view(world, "bob", "2027-01-06")) == ("1", "2")
    assert kinds(world, "bob") == ["newMeetingRequest", "meetingCancelled", "meetingCancelled", "fullUpdate"]
    (second,) = (one for one in alice.get(f"{EVENTS}/{made['id']}/instances")["items"] if "-05T" in str(one["start"]))
    assert [one["responseStatus"] for one in second["attendees"] if "bob" in one["email"]] == ["needsAction"]
    accepted(bob, made)
    assert in_outlook(world, "bob")["2027-01-05"] == usual


@pytest.mark.parametrize("updates", ["all", "none"])
@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined", None])
def test_rule_11_restored_date_is_asked_for_whatever_was_said(
    world: World, alice: CalendarV3, bob: CalendarV3, answer: str | None, updates: str
) -> None:
    """As the instance that is confirmed again is: one who declined the series has that date alone."""
    made = four_days(alice, "bob")
    if answer:
        own = {"email": "bob@example.com", "responseStatus": answer}
        bob.patch(made["id"], {"attendees": [own]}, f"sendUpdates={updates}")
    alice.patch(made["id"], excluding("2027-01-05"), f"sendUpdates={updates}")
    alice.patch(made["id"], excluding(FOURTH), f"sendUpdates={updates}")
    seen = in_outlook(world, "bob")
    assert seen["2027-01-05"] == ("notResponded", "tentative")
    assert sorted(seen) == (["2027-01-05"] if answer == "declined" else in_google(alice))
    by_hand = four_days(alice, "bob")
    assert alice("DELETE", f"{instance(by_hand, '2027-01-05')}?sendUpdates=all").status == 204
    assert alice("PATCH", instance(by_hand, "2027-01-05"), {"status": "confirmed"}).status == 200
    again = bob("GET", instance(by_hand, "2027-01-05")).json
    assert [one["responseStatus"] for one in again["attendees"] if one.get("self")] == ["needsAction"]


def test_rule_11_restored_date_of_a_room_is_booked_again(world: World, alice: CalendarV3) -> None:
    made = four_days(alice, "orion", without=("2027-01-05",))
    assert view(world, "orion", "2027-01-05") == "0"
    alice.patch(made["id"], excluding(FOURTH), "sendUpdates=all")
    assert (view(world, "orion", "2027-01-05"), view(world, "orion", FOURTH)) == ("2", "0")
    second = alice.get(instance(made, "2027-01-05"))
    assert [one["responseStatus"] for one in second["attendees"] if "orion" in one["email"]] == ["accepted"]


def test_rule_26_date_struck_out_and_back(world: World, alice: CalendarV3, bob: CalendarV3) -> None:
    made = four_days(alice, "bob")
    alice.patch(made["id"], excluding("2027-01-05", "2027-01-06"), "sendUpdates=all")
    assert in_google(alice) == in_google(bob) == ["2027-01-04", FOURTH]
    before = alice.get(f"{EVENTS}/{made['id']}")["sequence"]
    alice.patch(made["id"], excluding("2027-01-06"), "sendUpdates=all")
    assert in_google(alice) == in_google(bob) == ["2027-01-04", "2027-01-05", FOURTH]
    assert list(in_outlook(world, "alice")) == list(in_outlook(world, "bob")) == in_google(bob)
    assert alice.get(f"{EVENTS}/{made['id']}")["sequence"] == before + 1
    assert kinds(world, "bob") == ["newMeetingRequest", "meetingCancelled", "meetingCancelled", "fullUpdate"]
    alice.patch(made["id"], excluding("2027-01-06"), "sendUpdates=all")  # the same again
    assert len(kinds(world, "bob")) == 4


def test_rule_26_date_struck_out_and_back_from_the_first_on(world: World, alice: CalendarV3, bob: CalendarV3) -> None:
    """A date that was excluded when the series was made is asked for as well, a newcomer for the series alone."""
    made = four_days(alice, "bob", without=("2027-01-05", "2027-01-06"))
    accepted(bob, made)
    listed = [{"email": f"{name}@example.com"} for name in ("bob", "carol")]
    change = {**excluding("2027-01-06"), "attendees": listed, "summary": "y"}
    alice.patch(made["id"], change, "sendUpdates=all")
    assert in_outlook(world, "bob")["2027-01-05"] == ("notResponded", "tentative")
    assert in_outlook(world, "bob")["2027-01-04"] == ("accepted", "busy")
    assert kinds(world, "bob") == ["newMeetingRequest", "informationalUpdate", "fullUpdate"]
    assert kinds(world, "carol") == ["newMeetingRequest"]
    assert in_google(alice) == in_google(bob) == list(in_outlook(world, "carol"))


def test_rule_26_date_struck_out_and_back_after_its_guest_removed_it(
    world: World, alice: CalendarV3, bob: CalendarV3
) -> None:
    made = four_days(alice, "bob")
    assert bob("DELETE", f"{instance(made, '2027-01-06')}?sendUpdates=all").status == 204
    alice.patch(made["id"], excluding("2027-01-05", "2027-01-06"), "sendUpdates=all")
    alice.patch(made["id"], excluding("2027-01-05"), "sendUpdates=all")
    assert in_google(alice) == in_google(bob) == ["2027-01-04", "2027-01-06", FOURTH]
    assert in_outlook(world, "bob")["2027-01-06"] == ("notResponded", "tentative")


def test_rule_26_date_struck_out_and_back_of_an_all_day_series(
    world: World, alice: CalendarV3, bob: CalendarV3
) -> None:
    def without(*days: str) -> list[str]:
        return [RULE, *(f"EXDATE;VALUE=DATE:{day}" for day in days)]

    begin, end = {"date": "2027-01-04"}, {"date": "2027-01-05"}
    made = alice.insert(begin, end, "bob", query="sendUpdates=all", recurrence=without())
    alice.patch(made["id"], {"recurrence": without("20270105", "20270106")}, "sendUpdates=all")
    alice.patch(made["id"], {"recurrence": without("20270106")}, "sendUpdates=all")
    assert list(in_outlook(world, "alice")) == list(in_outlook(world, "bob")) == ["2027-01-04", "2027-01-05", FOURTH]


def test_rule_26_date_struck_out_and_back_in_a_series_that_ends_earlier(
    world: World, alice: CalendarV3, bob: CalendarV3
) -> None:
    made = four_days(alice, "bob", without=("2027-01-05", FOURTH))
    accepted(bob, made)
    lines = [RULE.replace("4", "3"), "EXDATE:20270106T100000Z"]
    alice.patch(made["id"], {"recurrence": lines}, "sendUpdates=all")
    assert in_google(alice) == in_google(bob) == ["2027-01-04", "2027-01-05"]
    assert in_outlook(world, "bob")["2027-01-05"] == ("notResponded", "tentative")


def test_rule_26_date_struck_out_and_back_outside_and_in_silence(world: World, alice: CalendarV3) -> None:
    made = four_days(alice, without=("2027-01-05", "2027-01-06"))
    alice.patch(made["id"], {"attendees": [{"email": "erin@example.org"}]}, "sendUpdates=all")
    alice.patch(made["id"], excluding("2027-01-06"), "sendUpdates=all")
    first, post = [row.post for row in world.store.run(outbox.list_messages, after=0)]
    assert (post.method.value, post.recurrence_id) == ("REQUEST", "20270105T100000")
    assert post.meeting.sequence > first.meeting.sequence
    alice.patch(made["id"], excluding(FOURTH), "sendUpdates=none")
    assert len(world.store.run(outbox.list_messages, after=0)) == 2


def test_rule_26_date_struck_out_and_back_as_it_is_confirmed_again(
    world: World, alice: CalendarV3, bob: CalendarV3
) -> None:
    """Of a series that its guest declined, and of one that its guest deleted."""
    made = four_days(alice, "bob")
    own = {"email": "bob@example.com", "responseStatus": "declined"}
    bob.patch(made["id"], {"attendees": [own]}, "sendUpdates=all")
    for day in ("2027-01-05", "2027-01-06"):
        assert alice("DELETE", f"{instance(made, day)}?sendUpdates=all").status == 204
    confirmed = {"status": "confirmed"}
    assert alice("PATCH", f"{instance(made, '2027-01-05')}?sendUpdates=all", confirmed).status == 200
    assert in_outlook(world, "bob") == {"2027-01-05": ("notResponded", "tentative")}
    assert view(world, "bob", "2027-01-05") == "1"
    assert bob("DELETE", f"{EVENTS}/{made['id']}?sendUpdates=all").status == 204
    assert in_outlook(world, "bob") == {}
    assert alice("PATCH", f"{instance(made, '2027-01-06')}?sendUpdates=all", confirmed).status == 200
    assert in_outlook(world, "bob") == {"2027-01-06": ("notResponded", "tentative")}
    assert in_google(bob) == ["2027-01-06"]


def test_rule_26_date_struck_out_and_back_with_a_later_end_asks_once(
    world: World, alice: CalendarV3, bob: CalendarV3
) -> None:
    made = four_days(alice, "bob", without=("2027-01-05", "2027-01-06"))
    lines = [RULE.replace("4", "5"), "EXDATE:20270106T100000Z"]
    alice.patch(made["id"], {"recurrence": lines}, "sendUpdates=all")
    assert kinds(world, "bob") == ["newMeetingRequest", "fullUpdate"]
    assert in_google(alice) == in_google(bob) == ["2027-01-04", "2027-01-05", FOURTH, "2027-01-08"]
