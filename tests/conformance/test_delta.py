"""What changed since: Graph's `delta`, Outlook REST's `Prefer: odata.track-changes`, their links, tokens and refusals.

That followers end with what a full read shows is in tests/laws/test_keeping_in_step.py.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.door import writes
from rsvpd.store import changes
from rsvpd.store.tx import Tx
from support.world import Reply, World

WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
INBOX = "/v1.0/me/mailFolders/inbox/messages/delta"
VIEW = f"/v1.0/me/calendarView/delta?{WINDOW}"
TRACK = "odata.track-changes"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    yield world
    world.close()


@writes
def forget(tx: Tx) -> None:
    while changes.trim(tx, 1):
        pass


def invite(world: World, subject: str, day: int = 1) -> str:
    start, end = ({"dateTime": f"2026-12-{day:02}T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": subject, "start": start, "end": end, "attendees": guests}
    made = world.request("alice", "POST", "/v1.0/me/events", body)
    assert made.status == 201
    return str(made.json["id"])


def get(world: World, url: str, who: str = "bob", **headers: str) -> Any:
    reply = world.request(who, "GET", url, headers=headers)
    assert reply.status == 200, reply.body
    return reply.json


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]


def test_a_round_ends_with_a_link_to_what_comes_after_it(world: World) -> None:
    invite(world, "First")
    first = get(world, f"{INBOX}?$select=subject")
    assert first["@odata.context"].endswith("/v1.0/$metadata#Collection(message)")
    assert [one["subject"] for one in first["value"]] == ["First"]
    assert "body" not in first["value"][0]
    assert get(world, first["@odata.deltaLink"])["value"] == []
    invite(world, "Second", 2)
    second = get(world, first["@odata.deltaLink"])
    assert [one["subject"] for one in second["value"]] == ["Second"]
    assert "body" not in second["value"][0]  # what was asked for first counts for all that follow
    assert get(world, second["@odata.deltaLink"])["value"] == []


def test_pages_are_as_large_as_is_preferred(world: World) -> None:
    for day in range(1, 6):
        invite(world, f"Meeting {day}", day)
    seen: list[str] = []
    reply = world.request("bob", "GET", VIEW, headers={"prefer": "odata.maxpagesize=2"})
    assert reply.headers["preference-applied"] == "odata.track-changes, odata.maxpagesize=2"
    page = reply.json
    while "@odata.nextLink" in page:
        assert len(page["value"]) == 2
        assert "$skiptoken=" in page["@odata.nextLink"]
        assert WINDOW not in page["@odata.nextLink"]
        seen += [one["subject"] for one in page["value"]]
        page = get(world, page["@odata.nextLink"], prefer="odata.maxpagesize=2")
    assert seen + [one["subject"] for one in page["value"]] == [f"Meeting {day}" for day in range(1, 6)]
    assert "$deltatoken=" in page["@odata.deltaLink"]


def test_what_left_a_folder_is_removed_there_and_new_where_it_went(world: World) -> None:
    invite(world, "Plans")
    inbox, archive = (get(world, f"/v1.0/me/mailFolders/{name}/messages/delta") for name in ("inbox", "archive"))
    (message,) = inbox["value"]
    assert archive["value"] == []
    moved = world.request("bob", "POST", f"/v1.0/me/messages/{message['id']}/move", {"destinationId": "archive"})
    gone = get(world, inbox["@odata.deltaLink"])["value"]
    assert gone == [
        {"@odata.type": "#microsoft.graph.message", "id": message["id"], "@removed": {"reason": "deleted"}}
    ]
    (here,) = get(world, archive["@odata.deltaLink"])["value"]
    assert here["id"] == moved.json["id"]


def test_an_answer_shows_at_both_ends_and_a_decline_removes(world: World) -> None:
    invite(world, "Plans")
    mine, hers = get(world, VIEW), get(world, VIEW, "alice")
    (event,) = mine["value"]
    assert world.request("bob", "POST", f"/v1.0/me/events/{event['id']}/accept", {}).status == 202
    mine = get(world, mine["@odata.deltaLink"])
    assert [one["responseStatus"]["response"] for one in mine["value"]] == ["accepted"]
    hers = get(world, hers["@odata.deltaLink"], "alice")
    assert hers["value"][0]["attendees"][0]["status"]["response"] == "accepted"
    assert world.request("bob", "POST", f"/v1.0/me/events/{event['id']}/decline", {}).status == 202
    removed = get(world, mine["@odata.deltaLink"])["value"]
    assert [(one["id"], one["@removed"]) for one in removed] == [(event["id"], {"reason": "deleted"})]


def test_outlook_follows_by_a_header(world: World) -> None:
    for day in (1, 2, 3):
        invite(world, f"Meeting {day}", day)
    url, prefer = f"/api/v2.0/me/calendarview?{WINDOW}", f"{TRACK}, odata.maxpagesize=2"
    reply = world.request("bob", "GET", url, headers={"prefer": prefer})
    assert reply.headers["preference-applied"] == prefer
    first = reply.json
    assert "@odata.deltaLink" in first  # the first answer always ends so, whatever is left
    second = get(world, first["@odata.deltaLink"], prefer=prefer)
    assert [one["Subject"] for one in first["value"] + second["value"]] == ["Meeting 1", "Meeting 2", "Meeting 3"]
    event = first["value"][0]["Id"]
    assert world.request("bob", "POST", f"/api/v2.0/me/events/{event}/decline", {}).status == 202
    third = get(world, second["@odata.deltaLink"], prefer=prefer)
    root = "http://rsvpd.test/api/v2.0/$metadata#Me/CalendarView"
    assert third["@odata.context"] == f"{root}/$delta"
    assert third["value"] == [
        {"@odata.context": f"{root}/$deletedEntity", "id": f"CalendarView('{event}')", "reason": "deleted"}
    ]


def test_folders_are_told_with_their_counts(world: World) -> None:
    first = get(world, "/v1.0/me/mailFolders/delta")
    assert len(first["value"]) == 7
    invite(world, "Plans")
    told = get(world, first["@odata.deltaLink"])["value"]
    assert {one["displayName"]: one["unreadItemCount"] for one in told}["Inbox"] == 1


def test_who_was_away_too_long_begins_anew(world: World) -> None:
    invite(world, "First")
    link = get(world, VIEW)["@odata.deltaLink"]
    for day in (2, 3, 4):
        invite(world, "Later", day)
    world.store.run(forget)
    assert refusal(world.request("bob", "GET", link)) == (410, "SyncStateNotFound")


def test_a_token_of_something_else_is_refused(world: World) -> None:
    invite(world, "Plans")
    link = get(world, VIEW)["@odata.deltaLink"]
    path, _, token = link.partition("?$deltatoken=")
    for url, who in (
        (link, "alice"),  # of somebody else
        (f"{INBOX}?$deltatoken={token}", "bob"),  # of another list
    ):
        assert refusal(world.request(who, "GET", url)) == (410, "SyncStateNotFound")
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[12] ^= 1  # as another server would have made it
    elsewhere = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert refusal(world.request("bob", "GET", f"{path}?$deltatoken={elsewhere}")) == (410, "SyncStateNotFound")
    for wrong in (token[:-3], token[1:], "abc", "%00", "", "latest", "A" * 4000):
        assert refusal(world.request("bob", "GET", f"{path}?$deltatoken={wrong}")) == (400, "BadRequest")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"{VIEW}&$select=subject", "CalendarView"),
        (f"{VIEW}&$filter=subject eq 'a'", "CalendarView"),
        ("/v1.0/me/events/delta?$orderby=subject", "Events"),
        (f"{INBOX}?$search=plans", "Messages"),
        ("/v1.0/me/mailFolders/delta?$expand=childFolders", "MailFolders"),
    ],
)
def test_options_that_do_not_go_with_it_are_named(world: World, url: str, name: str) -> None:
    reply = world.request("bob", "GET", url)
    assert reply.status == 400
    assert f"not supported with change tracking over the '{name}' resource" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("$filter=receivedDateTime ge 2026-01-01T00:00:00Z", 200),
        ("$orderby=receivedDateTime desc", 200),
        ("$filter=receivedDateTime ge 2026-01-01T00:00:00Z&$orderby=receivedDateTime desc", 200),
        ("$filter=subject eq 'a'", 400),
        ("$filter=receivedDateTime le 2026-01-01T00:00:00Z", 400),
        ("$orderby=subject", 400),
        ("changeType=moved", 400),
    ],
)
def test_messages_are_followed_from_some_time_on(world: World, query: str, status: int) -> None:
    assert world.request("bob", "GET", f"{INBOX}?{query}").status == status


def test_a_window_is_needed(world: World) -> None:
    assert world.request("bob", "GET", "/v1.0/me/calendarView/delta").status == 400


def test_dates_that_a_series_has_no_more_are_removed_one_by_one(world: World) -> None:
    made = invite_daily(world, 4)
    mine = get(world, VIEW)
    before = [one["id"] for one in mine["value"]]
    assert len(before) == 4
    said = {"recurrence": daily(2)}
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{made}", said).status == 200
    told = get(world, mine["@odata.deltaLink"])["value"]
    assert [one["id"] for one in told if "@removed" not in one] == before[:2]
    assert set(before[2:]) <= {one["id"] for one in told if "@removed" in one}


def test_all_that_changed_is_told_however_small_the_pages(world: World) -> None:
    for day in (1, 2, 3):
        invite(world, f"Meeting {day}", day)
    first = get(world, INBOX)
    for one in first["value"]:
        assert world.request("bob", "PATCH", f"/v1.0/me/messages/{one['id']}", {"isRead": True}).status == 200
    page, told = get(world, first["@odata.deltaLink"], prefer="odata.maxpagesize=1"), []
    while "@odata.nextLink" in page:
        told += page["value"]
        page = get(world, page["@odata.nextLink"], prefer="odata.maxpagesize=1")
    told += page["value"]
    assert {one["id"]: one["isRead"] for one in told} == {one["id"]: True for one in first["value"]}


def test_what_came_and_went_while_the_list_was_read_is_not_in_it(world: World) -> None:
    for day in (1, 2):
        invite(world, f"Meeting {day}", day)
    page = get(world, "/v1.0/me/events/delta", prefer="odata.maxpagesize=1")
    made = invite(world, "Late", 3)
    known = {one["id"] for one in page["value"]}
    while "@odata.nextLink" in page:
        page = get(world, page["@odata.nextLink"], prefer="odata.maxpagesize=1")
        known |= {one["id"] for one in page["value"]}
    assert world.request("alice", "POST", f"/v1.0/me/events/{made}/cancel", {}).status == 202
    for late in get(world, "/v1.0/me/events?$filter=isCancelled eq true&$select=id")["value"]:
        assert world.request("bob", "DELETE", f"/v1.0/me/events/{late['id']}").status == 204
    for one in get(world, page["@odata.deltaLink"])["value"]:
        known = known - {one["id"]} if "@removed" in one else known | {one["id"]}
    assert known == {one["id"] for one in get(world, "/v1.0/me/events?$top=100")["value"]}


def test_an_event_that_came_and_went_counts_among_what_is_deleted(world: World) -> None:
    first = get(world, "/v1.0/me/mailFolders/delta", "alice")
    start, end = ({"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
    made = world.request("alice", "POST", "/v1.0/me/events", {"subject": "Mine", "start": start, "end": end})
    assert world.request("alice", "DELETE", f"/v1.0/me/events/{made.json['id']}").status == 204
    told = get(world, first["@odata.deltaLink"], "alice")["value"]
    assert {one["displayName"]: one["totalItemCount"] for one in told}["Deleted Items"] == 1


def daily(count: int) -> dict[str, Any]:
    return {
        "pattern": {"type": "daily", "interval": 1},
        "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": count},
    }


def invite_daily(world: World, count: int) -> str:
    start, end = ({"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": "Daily", "start": start, "end": end, "attendees": guests, "recurrence": daily(count)}
    made = world.request("alice", "POST", "/v1.0/me/events", body)
    assert made.status == 201
    return str(made.json["id"])


def test_changes_of_one_kind_alone(world: World) -> None:
    """The parameter changeType of https://learn.microsoft.com/graph/api/message-delta."""
    invite(world, "Old")
    kinds = ("created", "updated", "deleted")
    links = {kind: get(world, f"{INBOX}?changeType={kind}")["@odata.deltaLink"] for kind in kinds}
    (old,) = get(world, "/v1.0/me/mailFolders/inbox/messages")["value"]
    invite(world, "New", day=2)
    assert world.request("bob", "PATCH", f"/v1.0/me/messages/{old['id']}", {"isRead": True}).status == 200
    told = {kind: get(world, link) for kind, link in links.items()}
    assert [one["subject"] for one in told["created"]["value"]] == ["New"]
    assert [one["subject"] for one in told["updated"]["value"]] == ["Old"]
    assert told["deleted"]["value"] == []
    assert world.request("bob", "DELETE", f"/v1.0/me/messages/{old['id']}").status == 204
    gone = get(world, told["deleted"]["@odata.deltaLink"])["value"]
    assert [(one["id"], one["@removed"]) for one in gone] == [(old["id"], {"reason": "deleted"})]
    assert get(world, told["updated"]["@odata.deltaLink"])["value"] == []
