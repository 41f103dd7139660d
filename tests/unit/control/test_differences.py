"""What differs between a snapshot and now, or another one, in words and by person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.door import writes
from rsvpd.commands.persona_acts import act, next_waiting
from rsvpd.commands.personas import set_persona
from rsvpd.commands.story import story
from rsvpd.control import snapshots
from rsvpd.control.differences import Differences, differences
from rsvpd.errors import Missing
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.persona import Habit, Persona
from rsvpd.store import changes
from rsvpd.store.difference import KINDS, NOT_COMPARED, PARTS
from rsvpd.store.transfer import TABLES
from rsvpd.store.tx import Tx
from support.world import World, lend_world

GOOGLE = "/calendar/v3/calendars/primary/events"
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
    yield from lend_world(tmp_path, "alice", "bob")


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


def differing(world: World, before: str, after: str) -> Differences:
    return differences(world.store, before, after, world.now)


def lines(found: Differences) -> list[str]:
    return [f"{one.person.partition('@')[0]}: {one.text}" for one in found.differences]


def told_of(world: World, before: str, after: str) -> list[str]:
    return lines(differing(world, before, after))


def test_an_answer(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    assert told_of(world, "monday", "") == []
    answer(world, "accept")
    found = differing(world, "monday", "")
    assert lines(found) == [
        'alice: bob@example.com\'s answer to "Kickoff": none -> accepted, by Graph, 08:00',
        'alice: new in Inbox: "Accepted: Kickoff" from bob@example.com',
        'bob: "Kickoff": own answer none -> accepted, by Graph, 08:00',
        'bob: new in Sent Items: "Accepted: Kickoff" from bob@example.com',
    ]
    assert (found.before, found.after) == ("monday", "now")
    assert (found.totals["events"].changed, found.totals["events"].came) == (2, 0)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1.0/me/events/{}/decline", "by Graph"),
        ("/api/v2.0/me/events/{}/decline", "by Outlook REST v2.0"),
        ("/api/v1.0/me/events/{}/decline", "by Outlook REST v1.0"),
        ("google", "by Google"),
    ],
)
def test_through_which_interface_somebody_answered(world: World, path: str, words: str) -> None:
    kickoff(world)
    save(world, "monday")
    if path == "google":
        (event,) = ask(world, "bob", "GET", f"{GOOGLE}?maxResults=5")["items"]
        mine = [{"email": "bob@example.com", "responseStatus": "declined"}]
        ask(world, "bob", "PATCH", f"{GOOGLE}/{event['id']}", {"attendees": mine})
    else:
        (event,) = ask(world, "bob", "GET", "/v1.0/me/events")["value"]
        ask(world, "bob", "POST", path.format(event["id"]), {"Comment": "No."})
    told = told_of(world, "monday", "")
    assert f'alice: bob@example.com\'s answer to "Kickoff": none -> declined, {words}, 08:00' in told
    assert f'bob: "Kickoff": own answer none -> declined, {words}, 08:00' in told
    world.now += 24 * 3_600_000_000
    assert any(one.endswith(f"{words}, 2026-11-23 08:00") for one in told_of(world, "monday", ""))


def test_who_answered_by_itself(world: World) -> None:
    world.add("orion", kind=PersonKind.ROOM)
    world.store.run(set_persona, world.people["bob"], Persona(does=Habit.ACCEPTS))
    save(world, "monday")
    guests = [{"emailAddress": {"address": f"{one}@example.com"}} for one in ("bob", "orion")]
    ask(world, "alice", "POST", "/v1.0/me/events", AT_TEN | {"subject": "Kickoff", "attendees": guests})
    save(world, "asked")
    waiting = world.store.run(next_waiting, world.now)
    assert waiting is not None
    world.store.run(act, waiting, world.now)
    told = told_of(world, "asked", "")
    assert 'alice: bob@example.com\'s answer to "Kickoff": none -> accepted, by a persona (accepts), 08:00' in told
    (copy,) = [one for one in world.store.run(story, "Kickoff") if one.row.copy.is_organizer]
    assert copy.responses[""]["orion@example.com"].answered_through == "room"
    assert copy.responses[""]["bob@example.com"].answered_through == "persona accepts"


def test_folders_calendars_rights_settings_and_rules(world: World) -> None:
    old = ask(world, "bob", "POST", "/v1.0/me/mailFolders", {"displayName": "Old"})
    team = ask(world, "bob", "POST", "/v1.0/me/calendars", {"name": "Team"})
    save(world, "monday")
    ask(world, "bob", "PATCH", f"/v1.0/me/mailFolders/{old['id']}", {"displayName": "Older"})
    ask(world, "bob", "POST", "/v1.0/me/mailFolders", {"displayName": "Fresh"})
    ask(world, "bob", "PATCH", f"/v1.0/me/calendars/{team['id']}", {"name": "Crew", "color": "lightGreen"})
    rights = {"emailAddress": {"address": "alice@example.com"}, "role": "read"}
    ask(world, "bob", "POST", "/v1.0/me/calendar/calendarPermissions", rights)
    replies = {"status": "alwaysEnabled", "internalReplyMessage": "Away", "externalReplyMessage": "Away"}
    hours = {"startTime": "09:00:00.0000000", "endTime": "16:30:00.0000000"}
    zone = {"timeZone": "W. Europe Standard Time"}
    settings = {"automaticRepliesSetting": replies, "workingHours": hours} | zone
    ask(world, "bob", "PATCH", "/v1.0/me/mailboxSettings", settings)
    ask(world, "bob", "POST", "/v1.0/me/outlook/masterCategories", {"displayName": "Urgent", "color": "preset0"})
    rule = {"displayName": "Reports", "sequence": 1, "isEnabled": True, "conditions": {"subjectContains": ["report"]},
            "actions": {"markAsRead": True}}  # fmt: skip
    ask(world, "bob", "POST", "/v1.0/me/mailFolders/inbox/messageRules", rule)
    found = differing(world, "monday", "")
    told = "\n".join(lines(found))
    for text in (
        'bob: "Older": name Old -> Older',
        'bob: new: "Fresh", name Fresh, hidden no, in Top of Information Store',
        'bob: "Crew": name Team -> Crew, color nothing -> lightGreen',
        "bob: new: alice@example.com in the calendar, may read",
        "automatic replies disabled -> alwaysEnabled",
        "th 08:00-17:00, fr 08:00-17:00 -> mo 09:00-16:30, tu 09:00-16:30",
        "zone UTC -> Europe/Berlin",
        "Urgent (0)",
        'bob: new: "Reports"',
        "conditions subject contains report",
    ):
        assert text in told
    assert {"folders", "calendars", "permissions", "settings", "rules", "people"} <= found.totals.keys()
    assert "signed-in programs and their tokens" in found.not_compared
    assert told_of(world, "monday", "monday") == []


def test_each_table_is_compared_or_part_of_what_is_or_named_as_not_compared() -> None:
    compared = {kind.table for kind in KINDS} | {"event", "message"}
    named = {table for tables in NOT_COMPARED.values() for table in tables}
    every = {table.name for table in TABLES}
    assert compared | named | PARTS == every
    assert len(compared) + len(named) + len(PARTS) == len(every)


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
    told = told_of(world, "monday", "tuesday")
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
    back = told_of(world, "tuesday", "monday")
    assert "zoe: has no mailbox any more" in back
    assert 'alice: new: "Lunch", 2026-12-01 12:00-13:00 UTC' in back
    assert 'alice: "Kickoff": title "Start" -> "Kickoff"' in back


def test_messages_that_were_read_moved_and_deleted(world: World) -> None:
    kickoff(world)
    (message,) = ask(world, "bob", "GET", "/v1.0/me/mailFolders/inbox/messages")["value"]
    path = f"/v1.0/me/messages/{message['id']}"
    save(world, "monday")
    ask(world, "bob", "PATCH", path, {"isRead": True})
    assert told_of(world, "monday", "") == ['bob: "Kickoff": read']
    ask(world, "bob", "POST", f"{path}/move", {"destinationId": "archive"})
    assert told_of(world, "monday", "") == ['bob: "Kickoff": moved from Inbox to Archive, read']


def test_nothing_differs_after_putting_back_and_two_histories_differ_in_what_is_theirs(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Once"})
    save(world, "once")
    snapshots.restore(world.store, "monday")
    assert told_of(world, "monday", "") == []
    ask(world, "alice", "POST", "/v1.0/me/events", AT_NOON | {"subject": "Instead"})
    assert told_of(world, "once", "") == [
        'alice: gone: "Once", 2026-12-01 12:00-13:00 UTC',
        'alice: new: "Instead", 2026-12-01 12:00-13:00 UTC',
    ]


def test_where_changes_are_not_kept_any_more_all_is_compared(world: World) -> None:
    kickoff(world)
    save(world, "monday")
    answer(world, "decline")
    whole = told_of(world, "monday", "")
    world.store.run(forget)
    assert told_of(world, "monday", "") == whole


def test_one_that_is_not_there(world: World) -> None:
    save(world, "monday")
    for first, second in (("mondy", ""), ("monday", "mondy")):
        with pytest.raises(Missing, match="did you mean monday"):
            differing(world, first, second)
