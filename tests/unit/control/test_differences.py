"""What differs between a snapshot and now, or another one, in words and by person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.door import writes
from rsvpd.control import snapshots
from rsvpd.control.differences import Differences, differences
from rsvpd.errors import Missing
from rsvpd.store import changes
from rsvpd.store.tx import Tx
from support.world import World

pytestmark = pytest.mark.data_file

AT_TEN = {
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
AT_NOON = {
    "start": {"dateTime": "2026-12-01T12:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T13:00:00", "timeZone": "UTC"},
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    for name in ("alice", "bob"):
        opened.add(name)
    yield opened
    opened.close()


@writes
def forget(tx: Tx) -> None:
    """Keep of each mailbox the newest change alone."""
    while changes.trim(tx, 1):
        pass


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Any:
    reply = world.request(who, method, path, body)
    assert reply.status < 300, reply.body
    return reply.json if reply.body else None


def kickoff(world: World) -> str:
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    made = ask(world, "alice", "POST", "/v1.0/me/events", AT_TEN | {"subject": "Kickoff", "attendees": guests})
    return str(made["id"])


def answer(world: World, what: str) -> None:
    (event,) = ask(world, "bob", "GET", "/v1.0/me/events")["value"]
    ask(world, "bob", "POST", f"/v1.0/me/events/{event['id']}/{what}", {"comment": "Fine."})


def save(world: World, name: str) -> None:
    snapshots.save(world.store, name, overwrite=False)


def lines(found: Differences) -> list[str]:
    return [f"{one.person.partition('@')[0]}: {one.text}" for one in found.differences]


def test_an_answer(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    assert lines(differences(world.store, "monday", "")) == []
    answer(world, "accept")
    found = differences(world.store, "monday", "")
    assert lines(found) == [
        'alice: bob@example.com\'s answer to "Kickoff": none -> accepted',
        'alice: new in Inbox: "Accepted: Kickoff" from bob@example.com',
        'bob: "Kickoff": own answer none -> accepted',
        'bob: new in Sent Items: "Accepted: Kickoff" from bob@example.com',
    ]
    assert (found.before, found.after) == ("monday", "now")
    assert (found.events.changed, found.events.came) == (2, 0)


def test_title_time_place_and_what_came_and_went(world: World) -> None:
    moved = kickoff(world)
    gone = ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Lunch"})["id"]
    save(world, "monday")
    ask(
        world, "alice", "PATCH", f"/v1.0/me/events/{moved}",
        {"subject": "Start", "location": {"displayName": "Room 1"}} | AT_NOON,
    )  # fmt: skip
    ask(world, "alice", "DELETE", f"/v1.0/me/events/{gone}")
    ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Dinner"})
    world.add("zoe")
    save(world, "tuesday")
    told = lines(differences(world.store, "monday", "tuesday"))
    for line in (
        "zoe: has a mailbox now",
        'alice: "Start": title "Kickoff" -> "Start"',
        'alice: "Start": time 2026-12-01 10:00-11:00 UTC -> 2026-12-01 12:00-13:00 UTC',
        'alice: "Start": place "" -> "Room 1"',
        'alice: gone: "Lunch", 2026-12-01 12:00-13:00 UTC',
        'alice: new: "Dinner", 2026-12-01 12:00-13:00 UTC',
        'bob: "Start": title "Kickoff" -> "Start"',
    ):
        assert line in told
    back = lines(differences(world.store, "tuesday", "monday"))
    assert "zoe: has no mailbox any more" in back
    assert 'alice: new: "Lunch", 2026-12-01 12:00-13:00 UTC' in back
    assert 'alice: "Kickoff": title "Start" -> "Kickoff"' in back


def test_messages_that_were_read_moved_and_deleted(world: World) -> None:
    kickoff(world)
    (message,) = ask(world, "bob", "GET", "/v1.0/me/mailFolders/inbox/messages")["value"]
    path = f"/v1.0/me/messages/{message['id']}"
    save(world, "monday")
    ask(world, "bob", "PATCH", path, {"isRead": True})
    assert lines(differences(world.store, "monday", "")) == ['bob: "Kickoff": read']
    ask(world, "bob", "POST", f"{path}/move", {"destinationId": "archive"})
    assert lines(differences(world.store, "monday", "")) == ['bob: "Kickoff": moved from Inbox to Archive, read']


def test_nothing_differs_after_putting_back_and_two_histories_differ_in_what_is_theirs(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Once"})
    save(world, "once")
    snapshots.restore(world.store, "monday")
    assert lines(differences(world.store, "monday", "")) == []
    ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Instead"})
    assert lines(differences(world.store, "once", "")) == [
        'alice: gone: "Once", 2026-12-01 12:00-13:00 UTC',
        'alice: new: "Instead", 2026-12-01 12:00-13:00 UTC',
    ]


def test_where_changes_are_not_kept_any_more_all_is_compared(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    answer(world, "decline")
    whole = lines(differences(world.store, "monday", ""))
    world.store.run(forget)
    assert lines(differences(world.store, "monday", "")) == whole


def test_one_that_is_not_there(world: World) -> None:
    save(world, "monday")
    for first, second in (("mondy", ""), ("monday", "mondy")):
        with pytest.raises(Missing, match="did you mean monday"):
            differences(world.store, first, second)
