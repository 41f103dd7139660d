"""Labels: colors with names that a calendar has for its events (guide "Labels"; reference: calendars, events)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from support.world import Reply, World, lend_world

CALENDARS = "/calendar/v3/calendars"
EVENTS = f"{CALENDARS}/primary/events"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00Z", "timeZone": "UTC"},
}
PROJECT = {"id": "42617328-8756-4291-8273-192837465647", "name": "Project", "backgroundColor": "#7c54c0"}
TEAM = {"id": "19283746-9182-4736-8271-918273645261", "backgroundColor": "#33b679"}
GRAPHITE = "#616161"  # which the palette's number 8 is as a label


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from lend_world(tmp_path, "alice", "bob")


def labels(world: World, who: str = "alice", calendar: str = "primary") -> list[dict[str, str]]:
    found = world.request(who, "GET", f"{CALENDARS}/{calendar}").json
    return list(found["labelProperties"]["eventLabels"])


def write(world: World, listed: Any, *, calendar: str = "primary") -> Reply:
    return world.request("alice", "PATCH", f"{CALENDARS}/{calendar}", {"labelProperties": {"eventLabels": listed}})


def usual(world: World) -> str:
    """Return the label that stands for the color 8."""
    return next(one["id"] for one in labels(world) if one["backgroundColor"] == GRAPHITE)


def event(world: World, **more: Any) -> Any:
    return world.request("alice", "POST", f"{EVENTS}?eventLabelVersion=1", {**TIMES, **more}).json


def put_in(world: World, id: str, method: str, body: Any, *, version: int = 1, who: str = "alice") -> Reply:
    return world.request(who, method, f"{EVENTS}/{id}?eventLabelVersion={version}", body)


def color_of(event: Any) -> tuple[str | None, str | None]:
    return event.get("colorId"), event.get("eventLabelId")


# --- of a calendar


def test_a_calendar_begins_with_the_palette_and_is_written_whole(world: World) -> None:
    assert len(labels(world)) == 11
    assert all(str(UUID(one["id"])) == one["id"] for one in labels(world))
    new = {"name": "New", "backgroundColor": "#D50000"}
    written = write(world, [PROJECT, TEAM, new]).json["labelProperties"]["eventLabels"]
    assert written[:2] == [PROJECT, TEAM]
    assert written[2] == {"id": written[2]["id"], "name": "New", "backgroundColor": "#d50000"}
    assert UUID(written[2]["id"]).version == 4
    assert write(world, written).json["labelProperties"]["eventLabels"] == labels(world) == written
    assert write(world, [TEAM]).json["labelProperties"]["eventLabels"] == [TEAM]
    assert write(world, []).json["labelProperties"] == {"eventLabels": []}


def test_who_writes_something_else_leaves_them(world: World) -> None:
    write(world, [PROJECT])
    for method, body in (
        ("PUT", {"summary": "Own"}),
        ("PATCH", {"description": "x", "labelProperties": {}}),
        ("PATCH", {"labelProperties": None}),
    ):
        answer = world.request("alice", method, f"{CALENDARS}/primary", body).json
        assert answer["labelProperties"] == {"eventLabels": [PROJECT]}


def test_a_new_calendar_may_have_some(world: World) -> None:
    body = {"summary": "Team", "labelProperties": {"eventLabels": [PROJECT]}}
    made = world.request("alice", "POST", CALENDARS, body).json
    assert made["labelProperties"] == body["labelProperties"]
    assert labels(world, calendar=made["id"]) == [PROJECT]
    assert len(labels(world)) == 11, "each calendar has its own"


@pytest.mark.parametrize(
    "wrong",
    [
        [{"name": "No color"}], [{**TEAM, "backgroundColor": "red"}], [{**TEAM, "backgroundColor": 7}],
        [{**TEAM, "backgroundColor": "#0088a\u0661"}], [{**TEAM, "name": "x" * 51}], [{**TEAM, "name": ["x"]}],
        [{**TEAM, "id": "blue"}], [{**TEAM, "id": 7}], [{**TEAM, "id": "{42617328-8756-4291-8273-192837465647}"}],
        [PROJECT, {**TEAM, "id": PROJECT["id"].upper()}], [TEAM["id"]], "x", {"id": "x"},
        [{"backgroundColor": "#33b679"}] * 201,
    ],
)  # fmt: skip
def test_what_is_no_list_of_labels(world: World, wrong: Any) -> None:
    reply = write(world, wrong)
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "invalid")
    assert world.request("alice", "PATCH", f"{CALENDARS}/primary", {"labelProperties": [wrong]}).status == 400
    assert len(labels(world)) == 11


def test_as_many_as_there_may_be(world: World) -> None:
    assert write(world, [{"backgroundColor": "#33b679", "name": "x" * 50}] * 200).status == 200
    assert len({one["id"] for one in labels(world)}) == 200


def test_who_owns_the_calendar_writes_them_and_who_reads_it_sees_them(world: World) -> None:
    path = f"{CALENDARS}/alice@example.com"
    body = {"labelProperties": {"eventLabels": [TEAM]}}
    for role in ("freeBusyReader", "reader", "writer"):
        rule = {"role": role, "scope": {"type": "user", "value": "bob@example.com"}}
        world.request("alice", "POST", f"{CALENDARS}/primary/acl", rule)
        assert ("labelProperties" in world.request("bob", "GET", path).json) is (role != "freeBusyReader")
        assert world.request("bob", "PATCH", path, body).status == 403
    assert len(labels(world)) == 11
    entry = world.request("alice", "GET", "/calendar/v3/users/me/calendarList/primary").json
    assert "labelProperties" not in entry


# --- of events


def test_an_event_has_a_label_or_a_color_of_the_palette(world: World) -> None:
    graphite = usual(world)
    write(world, [*labels(world), PROJECT])
    made = event(world)
    assert color_of(made) == (None, None)
    for version, body, seen in (
        (0, {"colorId": "8"}, ("8", graphite)),
        (1, {"eventLabelId": PROJECT["id"]}, (None, PROJECT["id"])),
        (1, {"eventLabelId": graphite.upper()}, ("8", graphite)),
        (1, {"summary": "Stays"}, ("8", graphite)),
        (1, {"eventLabelId": ""}, (None, None)),
        (1, {"eventLabelId": PROJECT["id"]}, (None, PROJECT["id"])),
        (0, {"colorId": ""}, (None, None)),
        (1, {"eventLabelId": PROJECT["id"]}, (None, PROJECT["id"])),
        (0, {"colorId": "11"}, ("11", next(o["id"] for o in labels(world) if o["backgroundColor"] == "#d50000"))),
        (1, {"eventLabelId": None}, (None, None)),
    ):
        reply = put_in(world, made["id"], "PATCH", body, version=version)
        assert color_of(reply.json) == seen, body
        assert color_of(world.request("alice", "GET", f"{EVENTS}/{made['id']}").json) == seen


def test_the_member_of_the_other_version_is_passed_over(world: World) -> None:
    graphite = usual(world)
    made = event(world, eventLabelId=graphite)
    reply = put_in(world, made["id"], "PATCH", {"colorId": "3"})
    assert (color_of(reply.json), "colorId" in reply.hint) == (("8", graphite), True)
    reply = put_in(world, made["id"], "PATCH", {"eventLabelId": ""}, version=0)
    assert (color_of(reply.json), "eventLabelId" in reply.hint) == (("8", graphite), True)
    assert put_in(world, made["id"], "PATCH", {}, version=2).status == 400


def test_a_whole_event_without_a_label_has_none(world: World) -> None:
    write(world, [PROJECT])
    made = event(world, eventLabelId=PROJECT["id"])
    whole = {name: value for name, value in made.items() if name != "eventLabelId"}
    assert color_of(put_in(world, made["id"], "PUT", made).json) == (None, PROJECT["id"])
    # Who knows of no labels writes back what has no color.
    assert color_of(put_in(world, made["id"], "PUT", whole, version=0).json) == (None, PROJECT["id"])
    assert color_of(put_in(world, made["id"], "PUT", whole).json) == (None, None)


@pytest.mark.parametrize("wrong", [TEAM["id"], "blue", 7, [TEAM["id"]]])
def test_a_label_that_the_calendar_has_not(world: World, wrong: Any) -> None:
    write(world, [PROJECT])
    reply = world.request("alice", "POST", f"{EVENTS}?eventLabelVersion=1", {**TIMES, "eventLabelId": wrong})
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "invalid")
    body = {**TIMES, "iCalUID": "x@example.org", "eventLabelId": wrong}
    assert world.request("alice", "POST", f"{EVENTS}/import?eventLabelVersion=1", body).status == 400
    reply = world.request("alice", "POST", EVENTS, {**TIMES, "colorId": "12"})
    assert (reply.status, reply.json["error"]["message"]) == (400, "Invalid Value")


def test_a_label_goes_with_its_calendar_and_is_the_owners_alone(world: World) -> None:
    write(world, [PROJECT])
    made = event(world, eventLabelId=PROJECT["id"], attendees=[{"email": "bob@example.com"}])
    (theirs,) = world.request("bob", "GET", EVENTS).json["items"]
    assert color_of(theirs) == (None, None)
    own = world.request("bob", "GET", f"{CALENDARS}/primary").json["labelProperties"]["eventLabels"][0]["id"]
    assert put_in(world, theirs["id"], "PATCH", {"eventLabelId": PROJECT["id"]}, who="bob").status == 400
    assert color_of(put_in(world, theirs["id"], "PATCH", {"eventLabelId": own}, who="bob").json) == ("1", own)
    assert color_of(world.request("alice", "GET", f"{EVENTS}/{made['id']}").json) == (None, PROJECT["id"])
    write(world, [])
    assert color_of(world.request("alice", "GET", f"{EVENTS}/{made['id']}").json) == (None, None)
    write(world, [PROJECT])
    assert color_of(world.request("alice", "GET", EVENTS).json["items"][0]) == (None, PROJECT["id"])


def test_a_moved_event_has_the_labels_of_where_it_stands(world: World) -> None:
    write(world, [PROJECT])
    second = world.request("alice", "POST", CALENDARS, {"summary": "Second"}).json["id"]
    labeled, colored = event(world, eventLabelId=PROJECT["id"]), event(world)
    put_in(world, colored["id"], "PATCH", {"colorId": "8"}, version=0)
    seen = [
        color_of(world.request("alice", "POST", f"{EVENTS}/{one['id']}/move?destination={second}").json)
        for one in (labeled, colored)
    ]
    eighth = next(one["id"] for one in labels(world, calendar=second) if one["backgroundColor"] == GRAPHITE)
    assert seen == [(None, None), ("8", eighth)]


def test_a_date_of_a_series_may_have_another_label(world: World) -> None:
    write(world, [PROJECT, TEAM])
    made = event(world, eventLabelId=PROJECT["id"], recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    first, second = world.request("alice", "GET", f"{EVENTS}/{made['id']}/instances").json["items"]
    assert color_of(first) == color_of(second) == (None, PROJECT["id"])
    assert color_of(put_in(world, second["id"], "PATCH", {"eventLabelId": TEAM["id"]}).json) == (None, TEAM["id"])
    shown = world.request("alice", "GET", f"{EVENTS}/{made['id']}/instances").json["items"]
    assert [color_of(one)[1] for one in shown] == [PROJECT["id"], TEAM["id"]]


def test_categories_of_outlook_are_another_thing(world: World) -> None:
    write(world, [PROJECT])
    made = event(world, eventLabelId=PROJECT["id"])
    (in_graph,) = world.request("alice", "GET", "/v1.0/me/events").json["value"]
    assert in_graph["categories"] == []
    world.request("alice", "PATCH", f"/v1.0/me/events/{in_graph['id']}", {"categories": ["Red category", "Work"]})
    assert color_of(world.request("alice", "GET", f"{EVENTS}/{made['id']}").json) == (None, PROJECT["id"])
    put_in(world, made["id"], "PATCH", {"eventLabelId": ""})
    (in_graph,) = world.request("alice", "GET", "/v1.0/me/events").json["value"]
    assert in_graph["categories"] == ["Red category", "Work"]
