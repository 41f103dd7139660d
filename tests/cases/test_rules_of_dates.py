"""Dates of series that were answered, called off or moved by themselves: what leads to them, in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands.rounds import deliver_next
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
