"""A mailbox taken away, as whoever administers a service expects it: gone with all that was in it, and nothing
of what others have. Each dialect shows the rest as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.door import reads
from rsvpd.commands.people import add_person, is_removal_left, people, remove_person
from rsvpd.config import Config
from rsvpd.control import work
from rsvpd.control.datafile import open_data
from rsvpd.errors import PersonNotFound
from rsvpd.store import removal
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.engines import new_place, rows_of
from support.world import World

LUNCH = {
    "subject": "Lunch",
    "body": {"contentType": "text", "content": "We speak of mushrooms."},
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
PAST = LUNCH | {
    "subject": "Breakfast",
    "start": {"dateTime": "2026-11-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-11-01T11:00:00", "timeZone": "UTC"},
}
INBOX = "/v1.0/me/mailFolders/inbox/messages"
# What leaves this server is kept by whose mailbox it came from, and was sent before that one was removed.
STAYS = {"outbox", "round"}


def rows(store: Store, table: str, mailbox: int) -> int:
    return count(store, f"SELECT count(*) FROM {table} WHERE mailbox = :mailbox", mailbox=mailbox)  # noqa: S608 - names of our tables


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol", "dave"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path | str]:
    with new_place(tmp_path) as lent:
        yield lent


def invite(world: World, body: dict[str, Any], *guests: str, by: str = "alice") -> dict[str, Any]:
    attendees = [{"emailAddress": {"address": f"{one}@example.com"}} for one in guests]
    return world.request(by, "POST", "/v1.0/me/events", body | {"attendees": attendees}).json


def remove(world: World, name: str, *, cancels: bool = False) -> work.Removal:
    return work.run(work.removal(f"{name}@example.com", cancels=cancels, now=world.now), world.store.run)


def subjects(world: World, who: str, url: str = "/v1.0/me/events") -> list[str]:
    return [one["subject"] for one in world.request(who, "GET", url).json["value"]]


def count(store: Store, sql: str, **values: int) -> int:
    ((found,),) = store.run(rows_of, sql, **values)
    return int(found)


def test_nothing_of_the_mailbox_stays(world: World) -> None:
    invite(world, LUNCH, "bob", "carol")
    invite(world, LUNCH, "alice", by="bob")
    number = world.people["bob"].number
    invite(world, LUNCH | {"subject": "Long"}, *(f"guest{n}" for n in range(100)), by="bob")
    while world.store.run(deliver_next):
        pass
    assert remove(world, "bob") == work.Removal(address="bob@example.com", name="Bob", cancelled=0)
    script = "".join(one.read_text() for one in files("rsvpd.store").joinpath("schema", "sqlite").iterdir())
    made = re.findall(r"CREATE TABLE (\w+) \((.*?)\n\)", script, re.S)
    tables = {name for name, columns in made if re.search(r"^ +mailbox ", columns, re.M)}
    tables -= set(re.findall(r"DROP TABLE (\w+);", script))
    renamed = dict(re.findall(r"ALTER TABLE (\w+) RENAME TO (\w+);", script))
    tables = {renamed.get(name, name) for name in tables}
    assert {"event", "message", "change", "response", "permission", "room", "delegation"} <= tables
    for table in tables - STAYS:
        assert rows(world.store, table, number) == 0, table
    assert [one.name for one in world.store.run(people)] == ["Alice", "Carol", "Dave"]
    assert count(world.store, "SELECT count(*) FROM letter WHERE number NOT IN (SELECT letter FROM message)") == 0
    assert count(world.store, "SELECT count(*) FROM revision WHERE number NOT IN (SELECT revision FROM event)") == 0
    assert count(world.store, "SELECT count(*) FROM meeting WHERE number NOT IN (SELECT meeting FROM event)") == 0


def test_nobody_acts_as_that_person_any_more(world: World) -> None:
    assert world.request("bob", "GET", "/v1.0/me").status == 200
    remove(world, "bob")
    for path in ("/v1.0/me", "/api/v1.0/me", "/api/v2.0/me", "/calendar/v3/users/me/calendarList"):
        assert world.request("bob", "GET", path).status == 401
    assert world.request("alice", "GET", "/v1.0/users/bob@example.com/calendar").status == 404


def test_what_others_have_stays_theirs(world: World) -> None:
    """Exchange and Google alike leave invitations and messages where they were delivered."""
    meeting = invite(world, LUNCH, "bob", "carol")
    event = world.request("bob", "GET", "/v1.0/me/events").json["value"][0]["id"]
    world.request("bob", "POST", f"/v1.0/me/events/{event}/accept", {"comment": "gladly"})
    before = world.request("alice", "GET", INBOX).json["value"]
    remove(world, "bob")
    assert world.request("alice", "GET", INBOX).json["value"] == before
    tracked = world.request("alice", "GET", f"/v1.0/me/events/{meeting['id']}").json["attendees"]
    assert [(one["emailAddress"]["address"], one["status"]["response"]) for one in tracked] == [
        ("bob@example.com", "accepted"), ("carol@example.com", "none"),
    ]  # fmt: skip
    assert subjects(world, "carol") == ["Lunch"]


def test_meetings_of_the_person_stay_unless_cancelled(world: World) -> None:
    invite(world, LUNCH, "bob")
    remove(world, "alice")
    (event,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    assert not event["isCancelled"]
    for url in ("/api/v1.0/me/events", "/api/v2.0/me/events"):
        assert len(world.request("bob", "GET", url).json["value"]) == 1
    assert len(world.request("bob", "GET", "/calendar/v3/calendars/primary/events").json["items"]) == 1
    reply = world.request("bob", "POST", f"/v1.0/me/events/{event['id']}/accept", {"comment": "I come"})
    assert reply.status == 202
    assert count(world.store, "SELECT count(*) FROM outbox") == 1, "the answer goes where the organizer's mail goes"


def test_cancelled_first_where_that_is_wanted(world: World) -> None:
    invite(world, LUNCH, "bob", "carol")
    invite(world, PAST, "bob")
    invite(world, LUNCH | {"subject": "Alone"})
    invite(world, LUNCH | {"subject": "Of bob"}, "alice", by="bob")
    assert remove(world, "alice", cancels=True).cancelled == 1
    for name in ("bob", "carol"):
        events = world.request(name, "GET", "/v1.0/me/events").json["value"]
        assert {one["subject"]: one["isCancelled"] for one in events if "Lunch" in one["subject"]} in (
            {"Lunch": True}, {"Canceled: Lunch": True},
        )  # fmt: skip
        kinds = [one.get("meetingMessageType") for one in world.request(name, "GET", INBOX).json["value"]]
        assert kinds.count("meetingCancelled") == 1
    assert "Breakfast" in subjects(world, "bob")


def test_a_new_mailbox_of_that_address_has_nothing_of_the_old(world: World) -> None:
    invite(world, LUNCH, "dave", by="alice")
    old = world.people["dave"]
    remove(world, "dave")
    new = world.add("dave")
    assert new.number > old.number
    assert new.oid != old.oid
    assert subjects(world, "dave") == subjects(world, "dave", INBOX) == []
    assert subjects(world, "alice") == ["Lunch"]
    world.reopen()
    assert subjects(world, "dave") == []
    invite(world, LUNCH, "dave", by="alice")
    assert subjects(world, "dave") == ["Lunch"]


def test_numbers_are_not_given_twice_however_many_go(world: World) -> None:
    seen = {one.number for one in world.people.values()}
    for name in ("dave", "carol", "bob"):
        remove(world, name)
        world.reopen()
        number = world.add(name).number
        assert number not in seen
        seen.add(number)


def test_a_delegates_inbox_goes_on_without_the_principal(world: World) -> None:
    """Messages that were passed on to bob speak of events in a mailbox that is gone."""
    permission = {"emailAddress": {"address": "bob@example.com"}, "role": "delegateWithoutPrivateEventAccess"}
    made = world.request("alice", "POST", "/v1.0/me/calendar/calendarPermissions", permission)
    assert made.status == 201
    invite(world, LUNCH | {"subject": "Of the same number"}, by="bob")
    invite(world, LUNCH, "alice", by="carol")
    passed = world.request("bob", "GET", INBOX).json["value"]
    assert [one["subject"] for one in passed] == ["Lunch"]
    remove(world, "alice")
    for url in (INBOX, INBOX.replace("/v1.0", "/api/v1.0"), INBOX.replace("/v1.0", "/api/v2.0")):
        reply = world.request("bob", "GET", url)
        assert reply.status == 200
        assert len(reply.json["value"]) == 1
    for url in (f"{INBOX}?", f"{INBOX}/{passed[0]['id']}?"):
        reply = world.request("bob", "GET", f"{url}$expand=microsoft.graph.eventMessage/event")
        assert reply.status == 200
        (found,) = reply.json.get("value", [reply.json])
        assert found.get("event") is None
    assert [one["name"] for one in world.request("bob", "GET", "/v1.0/me/calendars").json["value"]] == ["Calendar"]


def test_whoever_had_a_permission_has_none_any_more(world: World) -> None:
    permission = {"emailAddress": {"address": "bob@example.com"}, "role": "write"}
    world.request("alice", "POST", "/v1.0/me/calendar/calendarPermissions", permission)
    remove(world, "bob")
    world.add("bob")
    assert world.request("bob", "GET", "/v1.0/users/alice@example.com/events").status == 403
    found = world.request("alice", "GET", "/v1.0/me/calendar/calendarPermissions").json["value"]
    assert all(one["emailAddress"].get("address") != "bob@example.com" for one in found)


def test_a_letter_stays_for_whoever_else_holds_it(world: World) -> None:
    invite(world, LUNCH, "bob", "carol")
    remove(world, "alice")
    remove(world, "bob")
    (message,) = world.request("carol", "GET", INBOX).json["value"]
    assert "mushrooms" in message["body"]["content"]
    remove(world, "carol")
    assert count(world.store, "SELECT count(*) FROM letter") == 0


@pytest.mark.slow
@pytest.mark.parametrize("steps", range(3, 60, 4))
def test_what_was_cut_short_is_finished_at_the_next_start(
    tmp_path: Path, place: Path | str, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Whatever command was the last one before the end of the process."""
    monkeypatch.setattr(removal, "SLICE", 2)
    now = parse_instant("2026-11-23T08:00:00")
    config = Config(data=tmp_path / "t.db", database=place if isinstance(place, str) else "")
    store = open_data(config, now)
    left = steps

    def cut_short(command: Any, *args: Any, **more: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return store.run(command, *args, **more)

    with suppress(KeyboardInterrupt):
        work.run(work.removal("alice@example.com", cancels=False, now=now), cut_short)
    store.close()
    store = open_data(config, now)
    for table in ("event", "message", "change"):
        assert rows(store, table, 1) == 0
    assert count(store, "SELECT count(*) FROM letter WHERE number NOT IN (SELECT letter FROM message)") == 0
    assert not store.run(is_removal_left)
    store.close()


def test_who_read_a_moment_earlier_brings_nobody_back(world: World) -> None:
    """A reader that began before the removal learns of the person after it."""
    begun: list[Tx] = []

    @reads
    def begin(tx: Tx) -> None:
        begun.append(tx)

    world.store.run(begin)
    (old,) = begun
    old.met["bob@example.com"] = world.people["bob"]
    remove(world, "bob")
    world.store._directory.learn(old)
    assert "bob@example.com" not in world.store._directory.found


def test_in_a_server_others_have_their_turn(world: World) -> None:
    """Each slice is a command of its own."""
    for n in range(30):
        invite(world, LUNCH | {"subject": f"Lunch {n}"}, "bob")
    before = world.store.commits

    async def go() -> work.Removal:
        return await work.run_between(
            work.removal("bob@example.com", cancels=False, now=world.now), world.store
        )

    assert world._runner.run(go()).address == "bob@example.com"
    assert world.store.commits - before >= 3


def test_nobody_is_said_to_be_nobody(world: World) -> None:
    with pytest.raises(PersonNotFound, match="alice@"):
        remove(world, "erin")
    with pytest.raises(PersonNotFound):
        world.store.run(remove_person, "erin@example.com")
    world.store.run(add_person, "erin@example.com", now=world.now)
    assert remove(world, "ERIN").address == "erin@example.com"
