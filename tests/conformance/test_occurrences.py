"""Single occurrences: guests of their own, ids, neighbours, and what is left of a series that ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.event import Event, Meeting, Timed
from rsvpd.calendar.expansion import expand
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import NO_RULE, follows, is_partial, is_same_but_for_its_end, neighbours, representative
from rsvpd.mail.address import Mailbox
from support.speakers import Microsoft, speakers
from support.world import World

DAILY = {
    "pattern": {"type": "daily", "interval": 1},
    "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 5},
}
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-20T00:00:00Z"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture
def graph(world: World) -> Microsoft:
    said = speakers(world)["graph"]
    assert isinstance(said, Microsoft)
    return said


def series(graph: Microsoft, **more: Any) -> Any:
    made = graph.invite("alice", "Standup", "2026-12-01T09:00:00", 30, "UTC", ["bob"], recurrence=DAILY, **more)
    assert made.status == 201, made.body
    return made.json


def occurrences(graph: Microsoft, who: str) -> list[Any]:
    return list(graph.call(who, "GET", f"/me/calendarView?{WINDOW}").json["value"])


def invite_to_one(graph: Microsoft, day: int, *names: str) -> Any:
    one = occurrences(graph, "alice")[day]
    body = {"attendees": [{"emailAddress": {"address": f"{name}@example.com"}} for name in names]}
    reply = graph.call("alice", "PATCH", f"/me/events/{one['id']}", body)
    assert reply.status == 200, reply.body
    return reply.json


def test_a_guest_of_one_occurrence_has_a_single_meeting(graph: Microsoft) -> None:
    series(graph)
    organizers = invite_to_one(graph, 2, "bob", "carol")
    assert organizers["type"] == "exception"
    (own,) = occurrences(graph, "carol")
    assert (own["type"], own["seriesMasterId"], own["recurrence"]) == ("singleInstance", None, None)
    assert own["iCalUId"] == organizers["iCalUId"]
    assert own["start"]["dateTime"].startswith("2026-12-03T09:00")
    assert graph.call("carol", "GET", f"/me/events/{own['id']}").json["id"] == own["id"]
    (listed,) = graph.call("carol", "GET", "/me/events").json["value"]
    assert listed["id"] == own["id"]
    (found,) = graph.call("carol", "GET", "/me/events?$filter=type eq 'singleInstance'").json["value"]
    assert found["id"] == own["id"]


def test_the_message_leads_to_that_occurrence(graph: Microsoft) -> None:
    series(graph)
    invite_to_one(graph, 2, "bob", "carol")
    path = "/me/messages?$expand=microsoft.graph.eventMessage/event"
    (message,) = graph.call("carol", "GET", path).json["value"]
    assert message["type"] == "exception"
    assert message["recurrence"] is None
    (own,) = occurrences(graph, "carol")
    assert message["event"]["id"] == own["id"]


def test_ids_stay_when_the_series_comes(graph: Microsoft) -> None:
    made = series(graph)
    invite_to_one(graph, 2, "bob", "carol")
    (alone,) = occurrences(graph, "carol")
    body = {"attendees": [{"emailAddress": {"address": f"{name}@example.com"}} for name in ("bob", "carol")]}
    assert graph.call("alice", "PATCH", f"/me/events/{made['id']}", body).status == 200
    whole = occurrences(graph, "carol")
    assert len(whole) == 5
    assert whole[2]["id"] == alone["id"]
    assert whole[2]["type"] == "exception"
    assert {one["seriesMasterId"] for one in whole} == {whole[0]["seriesMasterId"]} != {None}


def test_a_declined_single_occurrence_is_gone_like_a_meeting(graph: Microsoft) -> None:
    series(graph)
    invite_to_one(graph, 2, "bob", "carol")
    (own,) = occurrences(graph, "carol")
    assert graph.call("carol", "POST", f"/me/events/{own['id']}/decline").status == 202
    assert graph.call("carol", "GET", f"/me/events/{own['id']}").status == 404
    assert occurrences(graph, "carol") == []
    tracked = occurrences(graph, "alice")[2]["attendees"]
    assert {one["emailAddress"]["address"]: one["status"]["response"] for one in tracked} == {
        "bob@example.com": "none",
        "carol@example.com": "declined",
    }


def test_hidden_guests_stay_hidden_on_one_occurrence(graph: Microsoft) -> None:
    series(graph, hideAttendees=True)
    invite_to_one(graph, 2, "bob", "carol")
    (own,) = occurrences(graph, "carol")
    assert "bob@example.com" not in {one["emailAddress"]["address"] for one in own["attendees"]}


def test_cancelled_and_changed_occurrences_of_a_master(graph: Microsoft) -> None:
    made = series(graph)
    first, second, *_ = occurrences(graph, "alice")
    assert graph.call("alice", "DELETE", f"/me/events/{first['id']}").status == 204
    assert graph.call("alice", "PATCH", f"/me/events/{second['id']}", {"subject": "Other"}).status == 200
    path = f"/me/events/{made['id']}"
    plain = graph.call("alice", "GET", path).json
    assert "cancelledOccurrences" not in plain
    assert "exceptionOccurrences" not in plain
    chosen = graph.call("alice", "GET", f"{path}?$select=subject,cancelledOccurrences").json
    assert chosen["cancelledOccurrences"] == [f"OID.{made['id']}.2026-12-01"]
    expanded = graph.call("alice", "GET", f"{path}?$expand=exceptionOccurrences").json
    assert [(one["id"], one["subject"], one["type"]) for one in expanded["exceptionOccurrences"]] == [
        (second["id"], "Other", "exception")
    ]
    (listed,) = graph.call("alice", "GET", "/me/events?$expand=exceptionOccurrences($select=subject)").json["value"]
    assert [one["subject"] for one in listed["exceptionOccurrences"]] == ["Other"]
    assert "start" not in listed["exceptionOccurrences"][0]
    (beside,) = graph.call("alice", "GET", f"{path}/exceptionOccurrences").json["value"]
    assert beside["id"] == second["id"]
    single = graph.call("alice", "GET", f"/me/events/{second['id']}?$expand=exceptionOccurrences").json
    assert single["exceptionOccurrences"] == []


def a_series(*rules: Rule, **more: Any) -> Meeting:
    start = datetime(2026, 12, 1, 9)
    event = Event(start=Timed(start), end=Timed(start.replace(hour=10)))
    organizer = Mailbox("alice@example.com", "Alice")
    return Meeting(
        uid="U", organizer=organizer, is_organizer=False, event=event, recurrence=Recurrence(tuple(rules)), **more
    )


def test_neighbours() -> None:
    daily = a_series(Rule(freq=Freq.DAILY, count=400), deleted=("20261202T090000", "20261203T090000"))

    def around(rid: str) -> list[str | None]:
        return [one.recurrence_id if one else None for one in neighbours(daily, rid)]

    assert around("20261201T090000") == [None, "20261204T090000"]
    assert around("20261204T090000") == ["20261201T090000", "20261205T090000"]
    assert around("20280104T090000") == ["20280103T090000", None]
    assert around("nonsense") == [None, None]
    rare = a_series(Rule(freq=Freq.YEARLY, interval=4))
    assert [one.recurrence_id if one else None for one in neighbours(rare, "20341201T090000")] == [
        "20301201T090000",
        "20381201T090000",
    ]


def test_a_partial_copy_holds_what_it_holds() -> None:
    whole = a_series(Rule(freq=Freq.DAILY))
    assert not is_partial(whole)
    assert representative(whole) is None
    later = Event(start=Timed(datetime(2026, 12, 3, 11)), end=Timed(datetime(2026, 12, 3, 12)))
    part = a_series(exceptions={"20261203T090000": later})
    assert part.recurrence == NO_RULE
    assert is_partial(part)
    assert [one.recurrence_id for one in expand(part, 0, 2**60)] == ["20261203T090000"]
    found = representative(part)
    assert found is not None
    assert found.event is later


def test_what_only_ends_otherwise() -> None:
    five, three = (Recurrence((Rule(freq=Freq.DAILY, count=count),)) for count in (5, 3))
    assert is_same_but_for_its_end(five, three)
    assert not is_same_but_for_its_end(five, None)
    assert not is_same_but_for_its_end(five, Recurrence((Rule(freq=Freq.WEEKLY, count=5),)))
    series = a_series(Rule(freq=Freq.DAILY, count=3), deleted=("20261202T090000",))
    assert [follows(series, f"2026120{day}T090000") for day in (1, 2, 3, 4)] == [True, True, True, False]
    assert not follows(series, "20261201T100000")
