"""What the change log tells is enough: whoever was told of a mailbox's items keeps in step with it alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.event import State
from rsvpd.commands.door import reads, writes
from rsvpd.mail.folder import Folder
from rsvpd.store import changes
from rsvpd.store.changes import Change, ChangeAction, ChangeKind, Feed, ItemKind, Trace
from rsvpd.store.tx import Tx
from support.world import World

# What a client keeps of a mailbox: by kind and number where an item is, of a permission only that there is one.
Known = dict[tuple[ItemKind, int], int | None]
DAY = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}
END = {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"}
NEXT_WEEK = {"dateTime": "2026-12-08T10:00:00", "timeZone": "UTC"}
NEXT_WEEK_END = {"dateTime": "2026-12-08T11:00:00", "timeZone": "UTC"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        opened.add(name)
    yield opened
    opened.close()


@reads
def since(tx: Tx, mailbox: int, number: int, most: int = 1000) -> Feed | None:
    return changes.since(tx, mailbox, number, most=most)


@reads
def newest(tx: Tx, mailbox: int) -> int:
    return changes.newest(tx, mailbox)


@reads
def there(tx: Tx, mailbox: int) -> Known:
    """Return what a mailbox holds; settings are there from the first time they were chosen."""
    gone = int(State.DELETED)
    events = tx.rows("SELECT item, state FROM event WHERE mailbox = :m AND state <> :gone", m=mailbox, gone=gone)
    messages = tx.rows("SELECT item, folder FROM message WHERE mailbox = :m", m=mailbox)
    permissions = tx.rows("SELECT grantee FROM permission WHERE mailbox = :m", m=mailbox)
    chosen = tx.rows("SELECT 1 FROM delegation WHERE mailbox = :m", m=mailbox)
    return {
        **{(ItemKind.EVENT, item): state for item, state in events},
        **{(ItemKind.MESSAGE, item): folder for item, folder in messages},
        **{(ItemKind.PERMISSION, grantee): None for (grantee,) in permissions},
        **dict.fromkeys([(ItemKind.SETTINGS, 0)][: len(chosen)]),
    }


def told(known: Known, feed: Feed) -> Known:
    """Return what somebody knows after a feed, who looks at nothing else."""
    kept = dict(known)
    for change in feed.changes:
        key = change.kind, change.item
        if change.happened is ChangeAction.REMOVED:
            kept.pop(key, None)
            continue
        if change.happened is ChangeAction.MOVED and key in kept:
            assert kept[key] == change.trace.place_before
        assert (change.happened is not ChangeAction.CREATED) or key not in kept
        kept[key] = change.trace.place
    return kept


def live(world: World) -> Iterator[None]:
    """Do what changes bob's mailbox in every way there is, step by step."""

    def ask(who: str, method: str, url: str, body: Any = None) -> Any:
        reply = world.request(who, method, f"/v1.0{url}", body)
        assert reply.status < 300, (url, reply.status, reply.body)
        return reply.json if reply.body else None

    def invited(subject: str) -> tuple[str, str]:
        guests = [{"emailAddress": {"address": "bob@example.com"}}]
        made = ask("alice", "POST", "/me/events", {"subject": subject, "start": DAY, "end": END, "attendees": guests})
        (mine,) = ask("bob", "GET", f"/me/events?$filter=iCalUId eq '{made['iCalUId']}'")["value"]
        return made["id"], mine["id"]

    own = ask("bob", "POST", "/me/events", {"subject": "Own", "start": DAY, "end": END})["id"]
    yield
    theirs, mine = invited("Kickoff")
    yield
    ask("bob", "POST", f"/me/events/{mine}/accept", {})
    yield
    ask("alice", "PATCH", f"/me/events/{theirs}", {"start": NEXT_WEEK, "end": NEXT_WEEK_END})
    yield
    ask("bob", "POST", f"/me/events/{mine}/decline", {})
    yield
    theirs, mine = invited("Retro")
    yield
    inbox = ask("bob", "GET", "/me/mailFolders/inbox/messages")["value"]
    ask("bob", "PATCH", f"/me/messages/{inbox[0]['id']}", {"isRead": True})
    yield
    moved = ask("bob", "POST", f"/me/messages/{inbox[0]['id']}/move", {"destinationId": "archive"})["id"]
    yield
    ask("bob", "PATCH", f"/me/messages/{moved}", {"isRead": False})
    yield
    moved = ask("bob", "POST", f"/me/messages/{moved}/move", {"destinationId": "deleteditems"})["id"]
    ask("bob", "DELETE", f"/me/messages/{moved}")
    yield
    ask("alice", "POST", f"/me/events/{theirs}/cancel", {})
    yield
    ask("bob", "DELETE", f"/me/events/{own}")
    yield
    role = {"emailAddress": {"address": "carol@example.com"}, "role": "write"}
    permission = ask("bob", "POST", "/me/calendar/calendarPermissions", role)["id"]
    yield
    ask("bob", "PATCH", f"/me/calendar/calendarPermissions/{permission}", {"role": "read"})
    yield
    ask("bob", "DELETE", f"/me/calendar/calendarPermissions/{permission}")
    yield
    ask("bob", "PATCH", "/me/mailboxSettings", {"delegateMeetingMessageDeliveryOptions": "sendToDelegateAndPrincipal"})
    yield


def test_who_knows_a_mailbox_keeps_in_step_with_it_by_its_changes_alone(world: World) -> None:
    bob = world.people["bob"].number
    seen: list[tuple[int, Known]] = [(world.store.run(newest, bob), world.store.run(there, bob))]
    for _ in live(world):
        seen.append((world.store.run(newest, bob), world.store.run(there, bob)))
    for place, (number, known) in enumerate(seen):
        for last, then in seen[place:]:
            feed = world.store.run(since, bob, number, last - number) if last > number else None
            if feed is not None:
                assert feed.reached == last
                assert told(known, feed) == then, (number, last)
    assert seen[-1][0] > 15


def test_it_is_the_same_in_pages_of_any_size(world: World) -> None:
    bob = world.people["bob"].number
    for _ in live(world):
        pass
    for most in (1, 2, 5):
        known: Known = {}
        number, is_all = 0, False
        while not is_all:
            feed = world.store.run(since, bob, number, most)
            assert feed is not None
            known, number, is_all = told(known, feed), feed.reached, feed.is_all
        assert known == world.store.run(there, bob)


def test_a_change_tells_which_time_it_touches(world: World) -> None:
    """Whoever keeps a window of the calendar learns from the change alone that an event has left it."""
    steps = live(world)
    for _ in range(3):
        next(steps)
    bob = world.people["bob"].number
    before = world.store.run(newest, bob)
    next(steps)  # from 1 December to the 8th
    feed = world.store.run(since, bob, before)
    assert feed is not None
    (event,) = (one for one in feed.changes if one.kind is ItemKind.EVENT)
    assert event.trace.first is not None
    assert event.trace.last is not None
    day = 86_400_000_000
    assert event.trace.last - event.trace.first == 7 * day + day // 24
    assert (event.happened, event.trace.place) == (ChangeAction.UPDATED, State.LIVE)


def test_what_is_somewhere_else_now_is_told_as_moved(world: World) -> None:
    steps = live(world)
    for _ in range(4):
        next(steps)
    bob = world.people["bob"].number
    declined = only(world, bob, steps, 1, ItemKind.EVENT)
    assert (declined.happened, declined.trace.place_before, declined.trace.place) == (
        ChangeAction.MOVED, State.LIVE, State.DECLINED,
    )  # fmt: skip
    for _ in range(2):
        next(steps)
    filed = only(world, bob, steps, 2, ItemKind.MESSAGE)  # moved, then marked as unread
    assert (filed.happened, filed.trace) == (
        ChangeAction.MOVED, Trace(place=Folder.ARCHIVE, place_before=Folder.INBOX, moves_before=0),
    )  # fmt: skip


def only(world: World, mailbox: int, steps: Iterator[None], count: int, kind: ItemKind) -> Change:
    """Take some steps, and return the one change of an item of this kind."""
    before = world.store.run(newest, mailbox)
    for _ in range(count):
        next(steps)
    feed = world.store.run(since, mailbox, before)
    assert feed is not None
    (change,) = (one for one in feed.changes if one.kind is kind and one.happened is not ChangeAction.CREATED)
    return change


def test_an_answer_tells_the_organizer_when_the_meeting_is(world: World) -> None:
    steps = live(world)
    for _ in range(2):
        next(steps)
    alice = world.people["alice"].number
    before = world.store.run(newest, alice)
    next(steps)
    feed = world.store.run(since, alice, before)
    assert feed is not None
    by_kind = {one.kind: one for one in feed.changes}
    assert by_kind[ItemKind.EVENT].trace.first is not None
    assert by_kind[ItemKind.MESSAGE].happened is ChangeAction.CREATED
    assert by_kind[ItemKind.MESSAGE].trace == Trace(place=Folder.INBOX)


@writes
def note(tx: Tx, mailbox: int, times: int) -> None:
    for _ in range(times):
        changes.record_created(tx, mailbox, ChangeKind.MESSAGE_CREATED, Trace(place=Folder.INBOX))


@writes
def trim(tx: Tx, kept: int) -> bool:
    return changes.trim(tx, kept)


def test_who_asks_since_what_is_not_kept_begins_anew(world: World) -> None:
    carol = world.people["carol"].number  # to whom nothing has happened yet
    world.store.run(note, carol, 12)
    while world.store.run(trim, 5):
        pass
    assert world.store.run(newest, carol) == 12
    assert world.store.run(since, carol, 3) is None
    assert world.store.run(since, carol, 6) is None
    kept = world.store.run(since, carol, 7)
    assert kept is not None
    assert [one.number for one in kept.changes] == [8, 9, 10, 11, 12]
    assert world.store.run(since, carol, 12) == Feed((), 12, is_all=True)
    assert world.store.run(since, carol, 13) is None  # of a story that is no more
    world.store.run(note, carol, 1)
    assert world.store.run(newest, carol) == 13


def test_a_mailbox_keeps_no_more_than_it_should_however_long_it_lives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 20)
    monkeypatch.setattr(changes, "SLICE", 5)
    carol = world.people["carol"].number
    for number in range(1, 61):
        world.store.run(note, carol, 1)
        oldest = max(1, number - number % 5 - 19) if number > 20 else 1
        kept = world.store.run(since, carol, oldest - 1)
        assert kept is not None
        assert len(kept.changes) == number - oldest + 1 < 25
        assert oldest == 1 or world.store.run(since, carol, oldest - 2) is None


def test_a_mailbox_that_nothing_ever_happened_to(world: World) -> None:
    assert world.store.run(since, 78, 0) == Feed((), 0, is_all=True)
    assert world.store.run(since, 78, 1) is None


@writes
def forget_places(tx: Tx, mailbox: int) -> None:
    """Leave changes as earlier versions wrote them."""
    tx.write("UPDATE change SET place = NULL, place_before = NULL WHERE mailbox = :mailbox", mailbox=mailbox)


def test_who_asks_since_changes_of_an_earlier_version_begins_anew(world: World) -> None:
    carol = world.people["carol"].number
    world.store.run(note, carol, 3)
    world.store.run(forget_places, carol)
    world.store.run(note, carol, 2)
    assert world.store.run(since, carol, 1) is None
    assert world.store.run(since, carol, 3) is not None
