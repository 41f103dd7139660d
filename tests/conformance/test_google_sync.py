"""Synchronization with Google Calendar: what a sync token gives, what may not go with it, when it is of no use.

Sources: developers.google.com/workspace/calendar/api/guides/sync and the reference of each list.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands import sync
from rsvpd.commands.differences import ListingQuestion
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.people import remove_person
from rsvpd.dialects.google.exchange.listing import PRESENT
from rsvpd.query.algebra import InWindow
from rsvpd.store import changes
from rsvpd.store.tx import Tx
from support.engines import ON_POSTGRES, sqlite_of
from support.sync_client import SyncClient
from support.world import Reply, World

EVENTS = "/calendars/primary/events"
CALENDARS, RULES, SETTINGS = "/users/me/calendarList", "/calendars/primary/acl", "/users/me/settings"
SQL = 300  # what statements do is counted in portions of 100; where one begins depends on what ran before
LISTS = (EVENTS, CALENDARS, RULES, SETTINGS)
FULL_SYNC = {
    "domain": "calendar", "reason": "fullSyncRequired", "locationType": "parameter", "location": "syncToken",
    "message": "Sync token is no longer valid, a full sync is required.",
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        opened.add(name)
    yield opened
    opened.close()


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Reply:
    return world.request(who, method, f"/calendar/v3{path}", body)


def done(reply: Reply) -> Any:
    assert reply.status in (200, 204), reply.body
    return reply.json if reply.body else None


def token(world: World, who: str, path: str) -> str:
    return str(done(ask(world, who, "GET", path))["nextSyncToken"])


def since(world: World, who: str, path: str, given: str) -> Reply:
    return ask(world, who, "GET", f"{path}{'&' if '?' in path else '?'}syncToken={given}")


def changed(world: World, who: str, path: str, given: str) -> list[tuple[str, str]]:
    """Return ids and states of what changed."""
    return [(one["id"], one.get("status", "")) for one in done(since(world, who, path, given))["items"]]


def times(day: int) -> dict[str, Any]:
    return {
        "start": {"dateTime": f"2026-12-{day:02d}T10:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": f"2026-12-{day:02d}T11:00:00Z", "timeZone": "UTC"},
    }


def plan(world: World, who: str, *guests: str, rule: str = "", day: int = 1, **more: Any) -> str:
    body = {"summary": "Plans", **times(day), "attendees": [{"email": f"{one}@example.com"} for one in guests], **more}
    body |= {"recurrence": [f"RRULE:{rule}"]} if rule else {}
    return str(done(ask(world, who, "POST", f"{EVENTS}?sendUpdates=all", body))["id"])


def answer(world: World, who: str, event: str, word: str = "accepted") -> None:
    entry = {"email": f"{who}@example.com", "responseStatus": word}
    done(ask(world, who, "PATCH", f"{EVENTS}/{event}", {"attendeesOmitted": True, "attendees": [entry]}))


def share(world: World, who: str, to: str, role: str = "reader") -> None:
    done(ask(world, who, "POST", RULES, {"role": role, "scope": {"type": "user", "value": f"{to}@example.com"}}))


# --- what it gives


def test_nothing_changed(world: World) -> None:
    plan(world, "alice", "bob")
    for path in LISTS:
        body = done(since(world, "bob", path, token(world, "bob", path)))
        assert body["items"] == []
        assert body["nextSyncToken"]


def test_a_guest_learns_what_another_guest_answered(world: World) -> None:
    event = plan(world, "alice", "bob", "carol")
    given = token(world, "bob", EVENTS)
    answer(world, "carol", event)
    (item,) = done(since(world, "bob", EVENTS, given))["items"]
    said = {one["email"]: one["responseStatus"] for one in item["attendees"]}
    assert said["carol@example.com"] == "accepted"


def test_a_meeting_that_came_by_a_sync_is_followed_too(world: World) -> None:
    given = token(world, "bob", EVENTS)
    event = plan(world, "alice", "bob", "carol")
    given = done(since(world, "bob", EVENTS, given))["nextSyncToken"]
    answer(world, "carol", event, "declined")
    assert changed(world, "bob", EVENTS, given) == [(event, "confirmed")]


def test_what_is_deleted_has_an_id_and_no_details_unless_asked_for(world: World) -> None:
    event = plan(world, "alice")
    given = token(world, "alice", EVENTS)
    done(ask(world, "alice", "DELETE", f"{EVENTS}/{event}"))
    (item,) = done(since(world, "alice", EVENTS, given))["items"]
    assert item == {"kind": "calendar#event", "etag": item["etag"], "id": event, "status": "cancelled"}
    (item,) = done(since(world, "alice", f"{EVENTS}?showDeleted=true", given))["items"]
    assert (item["id"], item["status"], item["summary"]) == (event, "cancelled", "Plans")


def test_a_deleted_series_is_told_after_its_dates(world: World) -> None:
    """Who keeps cancelled dates for the lifetime of their series keeps none (reference: Event.status)."""
    event = plan(world, "alice", rule="FREQ=DAILY;COUNT=3")
    date = f"{event}_20261202T100000Z"
    done(ask(world, "alice", "PATCH", f"{EVENTS}/{date}", {"summary": "Other"}))
    client = SyncClient(world, "alice", EVENTS)
    client.sync()
    done(ask(world, "alice", "DELETE", f"{EVENTS}/{event}"))
    client.sync()
    assert [one["id"] for one in client.received] == [date, event]
    assert client.items == {}


def test_a_deleted_date_names_its_series_and_when_it_was(world: World) -> None:
    event = plan(world, "alice", rule="FREQ=DAILY;COUNT=3")
    given = token(world, "alice", f"{EVENTS}?singleEvents=true")
    date = f"{event}_20261202T100000Z"
    done(ask(world, "alice", "DELETE", f"{EVENTS}/{date}"))
    items = done(since(world, "alice", f"{EVENTS}?singleEvents=true", given))["items"]
    assert [(one["id"], one["status"]) for one in items] == [
        (f"{event}_20261201T100000Z", "confirmed"), (date, "cancelled"), (f"{event}_20261203T100000Z", "confirmed"),
    ]  # fmt: skip
    assert items[1]["recurringEventId"] == event
    assert items[1]["originalStartTime"] == {"dateTime": "2026-12-02T10:00:00Z", "timeZone": "UTC"}


def test_dates_that_a_series_has_no_more_are_cancelled_one_by_one(world: World) -> None:
    event = plan(world, "alice", rule="FREQ=DAILY;COUNT=2")
    given = token(world, "alice", f"{EVENTS}?singleEvents=true")
    done(ask(world, "alice", "PATCH", f"{EVENTS}/{event}", times(2)))
    assert changed(world, "alice", f"{EVENTS}?singleEvents=true", given) == [
        (f"{event}_20261201T100000Z", "cancelled"),
        (f"{event}_20261202T100000Z", "confirmed"),
        (f"{event}_20261203T100000Z", "confirmed"),
    ]


def test_a_single_event_that_becomes_a_series_is_cancelled_where_dates_are_listed(world: World) -> None:
    event = plan(world, "alice")
    given = {path: token(world, "alice", path) for path in (EVENTS, f"{EVENTS}?singleEvents=true")}
    done(ask(world, "alice", "PATCH", f"{EVENTS}/{event}", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}))
    listed = {path: changed(world, "alice", path, one) for path, one in given.items()}
    assert listed[EVENTS] == [(event, "confirmed")]
    assert listed[f"{EVENTS}?singleEvents=true"] == [
        (event, "cancelled"), (f"{event}_20261201T100000Z", "confirmed"), (f"{event}_20261202T100000Z", "confirmed"),
    ]  # fmt: skip


def test_a_series_without_an_end_is_prolonged_as_time_goes_by(world: World) -> None:
    plan(world, "alice", rule="FREQ=WEEKLY")
    client = SyncClient(world, "alice", EVENTS, singleEvents="true")
    client.sync()
    world.now += 30 * 86_400_000_000
    client.sync()
    assert 4 <= len(client.received) <= 5
    assert client.items == client.full()


def test_a_window_that_limited_the_list_limits_what_is_told_of_series(world: World) -> None:
    event = plan(world, "alice", rule="FREQ=DAILY;COUNT=10")
    window = "timeMin=2026-12-03T00:00:00Z&timeMax=2026-12-05T00:00:00Z"
    given = token(world, "alice", f"{EVENTS}?singleEvents=true&{window}")
    done(ask(world, "alice", "PATCH", f"{EVENTS}/{event}", {"summary": "Other"}))
    listed = changed(world, "alice", f"{EVENTS}?singleEvents=true", given)
    assert listed == [(f"{event}_2026120{day}T100000Z", "confirmed") for day in (3, 4)]


def test_pages_of_a_sync(world: World) -> None:
    client = SyncClient(world, "bob", EVENTS, page=2)
    client.sync()
    for day in range(1, 8):
        plan(world, "alice", "bob", day=day)
    client.sync()
    assert (client.begun, len(client.received)) == (1, 7)
    assert client.items == client.full()


def test_a_change_between_two_pages_comes_once_more(world: World) -> None:
    given = token(world, "bob", EVENTS)
    first, *_ = [plan(world, "alice", "bob", day=day) for day in range(1, 5)]
    body = done(since(world, "bob", f"{EVENTS}?maxResults=2", given))
    done(ask(world, "alice", "PATCH", f"{EVENTS}/{first}?sendUpdates=all", {"summary": "Later"}))
    rest = done(ask(world, "bob", "GET", f"{EVENTS}?maxResults=2&pageToken={body['nextPageToken']}"))
    assert len(body["items"]) + len(rest["items"]) == 4
    (again,) = done(since(world, "bob", EVENTS, rest["nextSyncToken"]))["items"]
    assert (again["id"], again["summary"]) == (first, "Later")


def test_what_happens_while_everything_is_read_is_told_by_the_next_sync(world: World) -> None:
    event, *_ = [plan(world, "alice", "bob", "carol", day=day) for day in (1, 2, 3)]
    body = done(ask(world, "bob", "GET", f"{EVENTS}?maxResults=2"))
    answer(world, "carol", event)
    rest = done(ask(world, "bob", "GET", f"{EVENTS}?maxResults=2&pageToken={body['nextPageToken']}"))
    assert changed(world, "bob", EVENTS, rest["nextSyncToken"]) == [(event, "confirmed")]


def test_calendars_that_are_shared_and_shared_no_more(world: World) -> None:
    given = token(world, "bob", CALENDARS)
    share(world, "alice", "bob")
    body = done(since(world, "bob", CALENDARS, given))
    assert [(one["id"], one["accessRole"]) for one in body["items"]] == [("alice@example.com", "reader")]
    share(world, "alice", "bob", "writer")  # what is read-only is not told (reference: calendarList.list)
    assert done(since(world, "bob", CALENDARS, body["nextSyncToken"]))["items"] == []
    done(ask(world, "alice", "DELETE", f"{RULES}/user:bob@example.com"))
    (gone,) = done(since(world, "bob", CALENDARS, body["nextSyncToken"]))["items"]
    assert (gone["id"], gone["deleted"]) == ("alice@example.com", True)


def test_rules_that_change_and_are_taken_back(world: World) -> None:
    share(world, "alice", "bob")
    share(world, "alice", "carol")
    given = token(world, "alice", RULES)
    share(world, "alice", "carol", "writer")
    done(ask(world, "alice", "DELETE", f"{RULES}/user:bob@example.com"))
    rules = {one["id"]: one["role"] for one in done(since(world, "alice", RULES, given))["items"]}
    assert rules == {"user:carol@example.com": "writer", "user:bob@example.com": "none"}


def test_pages_of_short_lists(world: World) -> None:
    share(world, "alice", "bob")
    client = SyncClient(world, "alice", RULES, page=1)
    client.sync()
    assert client.items.keys() == {"user:alice@example.com", "user:bob@example.com"}
    share(world, "alice", "carol")
    done(ask(world, "alice", "DELETE", f"{RULES}/user:bob@example.com"))
    client.sync()
    assert client.items == client.full()
    assert client.begun == 1


# --- what it may not be sent with


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        *((EVENTS, one) for one in (
            "iCalUID=x", "orderBy=updated", "privateExtendedProperty=a%3Db", "q=x", "sharedExtendedProperty=a%3Db",
            "timeMin=2026-12-01T00:00:00Z", "timeMax=2026-12-01T00:00:00Z", "updatedMin=2026-11-01T00:00:00Z",
            "showDeleted=false",
        )),
        *((CALENDARS, one) for one in (
            "minAccessRole=reader", "showOwnOrganizationOnly=true", "showDeleted=false", "showHidden=false",
        )),
        (RULES, "showDeleted=false"),
    ],
)  # fmt: skip
def test_parameters_that_cannot_go_with_it(world: World, path: str, parameter: str) -> None:
    reply = ask(world, "bob", "GET", f"{path}?{parameter}&syncToken={token(world, 'bob', path)}")
    assert reply.status == 400
    assert reply.json["error"]["errors"][0]["location"] == parameter.partition("=")[0]


@pytest.mark.parametrize("query", ["q=x", "iCalUID=x", "orderBy=updated", "updatedMin=2026-11-01T00:00:00Z"])
def test_a_list_that_such_a_parameter_limited_gives_none(world: World, query: str) -> None:
    assert "nextSyncToken" not in done(ask(world, "bob", "GET", f"{EVENTS}?{query}"))


def test_a_list_of_calendars_by_role_gives_none(world: World) -> None:
    assert "nextSyncToken" not in done(ask(world, "bob", "GET", f"{CALENDARS}?minAccessRole=reader"))


# --- when it is of no use


@pytest.mark.parametrize("path", LISTS)
def test_a_token_that_was_cut_or_forged_or_is_of_another_list(world: World, path: str) -> None:
    given = token(world, "bob", path)
    other = token(world, "bob", next(one for one in LISTS if one != path))
    forged = [given[:-1], given[:10], "A" + given[1:] if given[0] != "A" else "B" + given[1:], given + "A", "x", other]
    for wrong in (*forged, token(world, "carol", path)):
        reply = since(world, "bob", path, wrong)
        assert reply.status == 410, wrong
        assert reply.json["error"] == {"errors": [FULL_SYNC], "code": 410, "message": FULL_SYNC["message"]}


def test_a_token_of_another_question_or_calendar(world: World) -> None:
    share(world, "alice", "bob")
    shared = "/calendars/alice@example.com/events"
    given = token(world, "bob", EVENTS)
    assert since(world, "bob", f"{EVENTS}?singleEvents=true", given).status == 410
    assert since(world, "bob", shared, given).status == 410
    assert since(world, "bob", f"{EVENTS}?eventTypes=focusTime", given).status == 410
    assert since(world, "bob", f"{EVENTS}?showDeleted=true&timeZone=Asia/Tokyo&maxResults=9", given).status == 200


def test_a_token_of_another_server(world: World, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other")
    other.add("alice")
    other.add("bob")
    given = token(other, "bob", EVENTS)
    other.close()
    assert since(world, "bob", EVENTS, given).status == 410


def test_a_token_of_a_calendar_that_was_shared_in_another_role(world: World) -> None:
    """Who sees more than before has to read it all (guide: tokens are invalidated by changes in related ACLs)."""
    share(world, "alice", "bob")
    shared = "/calendars/alice@example.com/events"
    given = token(world, "bob", shared)
    assert since(world, "bob", shared, given).status == 200
    share(world, "alice", "bob", "writer")
    assert since(world, "bob", shared, given).status == 410


@writes
def forget(tx: Tx) -> bool:
    return changes.trim(tx, 1)


def forget_all(world: World) -> None:
    while world.store.run(forget):
        pass


def test_a_token_that_is_older_than_what_is_kept(world: World) -> None:
    given = token(world, "bob", EVENTS)
    plan(world, "bob")
    plan(world, "bob")
    forget_all(world)
    assert since(world, "bob", EVENTS, given).status == 410
    assert since(world, "bob", EVENTS, token(world, "bob", EVENTS)).status == 200


def test_an_organizer_of_whom_too_much_is_forgotten_costs_no_full_sync(world: World) -> None:
    event = plan(world, "alice", "bob", "carol")
    given = token(world, "bob", EVENTS)
    answer(world, "carol", event)
    plan(world, "alice")
    forget_all(world)
    assert changed(world, "bob", EVENTS, given) == [(event, "confirmed")]


def test_an_organizer_who_is_gone(world: World) -> None:
    plan(world, "alice", "bob")
    given = token(world, "bob", EVENTS)
    world.store.run(remove_person, "alice@example.com")
    assert since(world, "bob", EVENTS, given).status == 410


def test_an_empty_token_is_none(world: World) -> None:
    event = plan(world, "bob")
    assert changed(world, "bob", EVENTS, "") == [(event, "confirmed")]


# --- what it costs


def test_more_organizers_than_a_token_keeps_are_still_followed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "MOST_ORGANIZERS", 1)
    first, second = plan(world, "alice", "bob", "carol"), plan(world, "carol", "bob", "alice")
    client = SyncClient(world, "bob", EVENTS)
    client.sync()
    answer(world, "carol", first)
    answer(world, "alice", second)
    client.sync()
    assert client.begun == 1
    assert client.items == client.full()


def test_a_token_stays_short_whatever_the_calendar_holds(world: World) -> None:
    for day in range(1, 20):
        plan(world, "alice", "bob", "carol", day=day)
    assert len(token(world, "bob", EVENTS)) < 100


@reads
def cost(tx: Tx, who: Who, progress: sync.Progress) -> tuple[int, int]:
    """Return how many events changed, and what it took to find them, in steps."""
    before = tx.work.done
    asked, window = ListingQuestion(visible=PRESENT), InWindow(None, None)
    found = sync.changed_events(tx, who, progress, asked=asked, window=window, top=100)
    assert found is not None
    return len(found.items), tx.work.done - before


def test_a_sync_costs_what_changed_whatever_the_calendar_holds(world: World) -> None:
    """Among three meetings and among sixty: somebody else answers one of them."""
    bob, alice = world.people["bob"], world.people["alice"]
    who, costs, events = Who(bob.oid, None, world.now), [], []
    for number in (3, 57):
        events += [plan(world, "alice", "bob", "carol", day=1 + one % 28) for one in range(number)]
        newest = world.store.run(numbers, (bob.number, alice.number))
        answer(world, "carol", events[1], "accepted" if number == 3 else "declined")
        point = sync.Point(newest[bob.number], {alice.number: newest[alice.number]})
        costs.append(world.store.run(cost, who, sync.Progress(point)))
    (few, small), (many, large) = costs
    assert (few, many) == (1, 1)
    assert large <= small + SQL, (small, large)


@reads
def numbers(tx: Tx, mailboxes: tuple[int, ...]) -> dict[int, int]:
    return changes.newest_of(tx, mailboxes)


@pytest.mark.skipif(ON_POSTGRES, reason="statements are counted at the data file")
def test_who_answers_writes_nothing_for_those_who_synchronize(world: World) -> None:
    event = plan(world, "alice", "bob", "carol", rule="FREQ=DAILY;COUNT=5")
    token(world, "carol", EVENTS)
    connection, seen = sqlite_of(world.store).connection, []
    connection.set_trace_callback(seen.append)
    answer(world, "bob", event)
    answer(world, "bob", f"{event}_20261202T100000Z", "declined")
    answer(world, "bob", event, "tentative")
    connection.set_trace_callback(None)
    assert any("INTO response" in one for one in seen)
    assert not [one for one in seen if "former_dates" in one]
