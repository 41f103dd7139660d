"""What leaves a shard, where mailboxes are spread over several: counted on real tables in schemas of their own.

The same requests go to a database and to one of four shards (support/shards.py); both answer alike. In a statement of
several rows each row counts, since each may be another shard's.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.postgres import new_database
from support.shards import SHARDS, Reach, Sent, Shards, shard_of, sharded
from support.world import Reply, World

GUESTS = [f"guest{number}" for number in range(1, 11)]
EVERYBODY = ("ann", *GUESTS)
SAID = ("accept", "tentativelyAccept", "decline")
LISTS = (
    "/v1.0/me/events",
    "/v1.0/me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z",
    "/v1.0/me/mailFolders/inbox/messages",
    "/v1.0/me/messages?$filter=isRead eq false&$expand=microsoft.graph.eventMessage/event",
    "/v1.0/me/calendars",
    "/calendar/v3/calendars/primary/events",
)
# Where a statement goes: to the shard of whoever acts, to another one, to several; to that of a mailbox and that of a
# meeting's name, or to a table of all alone, which may be any.
HOME, AWAY, SEVERAL, NAMED, OF_ALL = "home", "another", "several", "by name", "of all"


@pytest.fixture
def spread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Shards]]:
    with sharded(monkeypatch) as (url, shards):
        world = world_at(tmp_path, url)
        yield world, shards
        world.close()


def world_at(folder: Path, url: str) -> World:
    """Return a world of ann and ten guests, whose random bytes are the same each time."""
    world = World(folder, url=url)
    world.store._entropy = random.Random(1).randbytes
    for name in EVERYBODY:
        world.add(name)
    return world


def at(hour: int, day: int = 1) -> dict[str, str]:
    return {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00", "timeZone": "UTC"}


def invite(world: World, subject: str = "Kickoff", **more: Any) -> Reply:
    guests = [{"emailAddress": {"address": f"{name}@example.com"}} for name in GUESTS]
    body = {"subject": subject, "start": at(10), "end": at(11), "attendees": guests, **more}
    return world.request("ann", "POST", "/v1.0/me/events", body)


def copy_of(world: World, name: str, subject: str = "Kickoff") -> str:
    """Return the path of somebody's copy of a meeting."""
    (found,) = world.request(name, "GET", f"/v1.0/me/events?$filter=subject eq '{subject}'").json["value"]
    return f"/v1.0/me/events/{found['id']}"


def answer(world: World, name: str, said: str, subject: str = "Kickoff") -> Reply:
    return world.request(name, "POST", f"{copy_of(world, name, subject)}/{said}", {"comment": f"I {said}"})


def lists(world: World) -> Iterator[Reply]:
    """Yield what everybody finds in the calendar and in the mail."""
    for name in EVERYBODY:
        for url in LISTS:
            yield world.request(name, "GET", url)


def share(world: World) -> Iterator[Reply]:
    """Yield the answers to ann, who lets guest5 act for her and guest6 look; both are in other shards."""
    for name, role in (("guest5", "delegateWithoutPrivateEventAccess"), ("guest6", "read")):
        permission = {"emailAddress": {"address": f"{name}@example.com"}, "role": role}
        yield world.request("ann", "POST", "/v1.0/me/calendar/calendarPermissions", permission)
    both = {"delegateMeetingMessageDeliveryOptions": "sendToDelegateAndPrincipal"}
    yield world.request("ann", "PATCH", "/v1.0/me/mailboxSettings", both)


def story(world: World) -> Iterator[Reply]:
    """Yield the answers to what happens to meetings from the first invitation to the last trace of them."""
    yield from share(world)
    yield invite(world)
    yield invite(world, "Weekly", recurrence={
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4},
    })  # fmt: skip
    for place, name in enumerate(GUESTS):
        yield answer(world, name, SAID[place % 3])
        yield answer(world, name, SAID[(place + 1) % 3], "Weekly")
    yield from lists(world)
    yield world.request("ann", "PATCH", copy_of(world, "ann"), {"start": at(14), "end": at(15)})
    yield world.request("ann", "PATCH", copy_of(world, "ann", "Weekly"), {"body": {"content": "Bring cake."}})
    proposal = {"proposedNewTime": {"start": at(16), "end": at(17)}, "comment": "later?"}
    yield world.request("guest1", "POST", f"{copy_of(world, 'guest1')}/tentativelyAccept", proposal)
    for name in GUESTS[1:6]:
        yield answer(world, name, "accept")
    busy = {"schedules": [f"{name}@example.com" for name in EVERYBODY], "startTime": at(0), "endTime": at(23)}
    yield world.request("ann", "POST", "/v1.0/me/calendar/getSchedule", busy)
    yield from lists(world)
    fewer = [{"emailAddress": {"address": f"{name}@example.com"}} for name in GUESTS[:3]]
    yield world.request("ann", "PATCH", copy_of(world, "ann"), {"attendees": fewer})
    yield world.request("ann", "POST", f"{copy_of(world, 'ann', 'Weekly')}/cancel", {"comment": "no more"})
    yield world.request("guest2", "DELETE", copy_of(world, "guest2"))
    yield from lists(world)


def test_shards_answer_as_one_database_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = world_at(tmp_path, new_database())
    expected = list(story(whole))
    whole.close()
    with sharded(monkeypatch) as (url, _):
        world = world_at(tmp_path, url)
        for number, (found, wanted) in enumerate(zip(story(world), expected, strict=True)):
            assert (found.status, found.body) == (wanted.status, wanted.body), number
        world.close()
    assert {one.status for one in expected} == {200, 201, 202, 204}


def begin(shards: Shards, world: World, name: str) -> None:
    """Count from here on what somebody does."""
    shards.home = shard_of(world.people[name].number)
    shards.sent.clear()


def place_of(sent: Sent, shards: Shards) -> str:
    match sent.reach:
        case Reach.NAMED:
            return NAMED
        case Reach.OF_ALL:
            return OF_ALL
        case Reach.ONE | Reach.SEVERAL | Reach.COPY:
            return HOME if sent.shards == {shards.home} else AWAY if sent.reach is Reach.ONE else SEVERAL
        case _:
            raise AssertionError(sent)


def asked(shards: Shards) -> Counter[str]:
    """Return how many statements went where."""
    return Counter(place_of(one, shards) for one in shards.sent if one.reach is not Reach.NOTHING)


def written(shards: Shards) -> set[int]:
    """Return the shards that a COMMIT has to be agreed on with."""
    return {shard for one in shards.sent if not one.words.startswith("SELECT") for shard in one.shards}


@pytest.mark.parametrize(
    ("guest", "expected", "commits"),
    [
        ("guest2", {HOME: 5, AWAY: 7, SEVERAL: 3, NAMED: 1, OF_ALL: 1}, 2),
        ("guest4", {HOME: 15, NAMED: 1, OF_ALL: 1}, 1),  # in the shard of the organizer
    ],
)
def test_an_accept(spread: tuple[World, Shards], guest: str, expected: dict[str, int], commits: int) -> None:
    world, shards = spread
    assert invite(world).status == 201
    assert answer(world, "guest1", "accept").status == 202  # what a server remembers of people it does not ask again
    url = f"{copy_of(world, guest)}/accept"
    begin(shards, world, guest)
    assert world.request(guest, "POST", url, {"comment": "yes"}).status == 202
    assert asked(shards) == expected
    assert len(written(shards)) == commits


def test_a_meeting_with_ten_guests(spread: tuple[World, Shards]) -> None:
    world, shards = spread
    assert invite(world).status == 201
    begin(shards, world, "ann")
    assert invite(world, "Retrospective").status == 201
    assert asked(shards) == {HOME: 13, AWAY: 32, SEVERAL: 8, NAMED: 2, OF_ALL: 7}
    assert len(written(shards)) == SHARDS
