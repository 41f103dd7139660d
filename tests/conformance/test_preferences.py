"""What `Prefer` changes in the three Microsoft profiles: zones, bodies, ids that stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import MOUNTS, Client, plain, wall
from support.world import World

PACIFIC = 'outlook.timezone="Pacific Standard Time"'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name, zone="Europe/Berlin")
    yield world
    world.close()


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


@pytest.mark.parametrize(
    "prefer",
    [
        PACIFIC,
        "outlook.timezone=Pacific Standard Time",
        "outlook.timezone='Pacific Standard Time'",
        'OUTLOOK.TIMEZONE = "pacific standard time"; x=1',
        'outlook.body-content-type="html", outlook.timezone="America/Los_Angeles"',
        "respond-async, outlook.timezone=America/Los_Angeles, outlook.timezone=UTC",
    ],
)
def test_zones_however_they_are_written(alice: Client, prefer: str) -> None:
    made = alice.create("Plans", "2026-07-01T10:00:00", "2026-07-01T11:00:00")["id"]
    reply = alice("GET", f"/me/events/{made}", prefer=prefer)
    assert wall(alice.get(f"/me/events/{made}", prefer=prefer)) == "2026-07-01T03:00"
    assert "outlook.timezone=" in reply.headers["preference-applied"]
    assert wall(alice.get(f"/me/events/{made}")) == "2026-07-01T10:00"
    assert alice.error("GET", "/me/events", prefer='outlook.timezone="Mars"') == (400, "TimeZoneNotSupportedException")


def test_the_zone_of_changes_and_views(alice: Client) -> None:
    made = alice.create("Plans", "2026-07-01T10:00:00", "2026-07-01T11:00:00")["id"]
    answer = plain(alice("PATCH", f"/me/events/{made}", {"subject": "New"}, prefer=PACIFIC).json)
    assert wall(answer) == "2026-07-01T03:00"
    # The window itself does not heed the zone.
    window = "startDateTime=2026-07-01T09:59:00&endDateTime=2026-07-01T10:01:00"
    (seen,) = alice.get(f"/me/calendarView?{window}", prefer=PACIFIC)["value"]
    assert wall(seen) == "2026-07-01T03:00"


def test_days_are_the_same_in_every_zone(alice: Client) -> None:
    made = alice.create("Days", "2026-12-01T00:00:00", "2026-12-04T00:00:00", zone="Europe/Berlin", isAllDay=True)
    assert (made["showAs"], made["isAllDay"]) == (alice.word("free"), True)
    for zone in ("Pacific Standard Time", "Tokyo Standard Time", "UTC"):
        event = alice.get(f"/me/events/{made['id']}", prefer=f'outlook.timezone="{zone}"')
        assert wall(event) == "2026-12-01T00:00"
        assert "2026-12-04T00:00:00" in str(event["end"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "2026-12-01T10:00:00", "end": "2026-12-02T00:00:00"},
        {"start": "2026-12-01T00:00:00", "end": "2026-12-01T00:00:00"},
        {"start": "2026-12-02T00:00:00", "end": "2026-12-01T00:00:00"},
    ],
)
def test_days_that_are_none(alice: Client, wrong: dict[str, str]) -> None:
    body = {"subject": "x", "isAllDay": True, **alice.times(wrong["start"], wrong["end"])}
    assert alice.error("POST", "/me/events", body) == (400, "ErrorPropertyValidationFailure")


def test_bodies(alice: Client) -> None:
    html = {"contentType": "html", "content": "<p>Hello <b>you</b></p><script>x()</script>"}
    made = alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob", body=html)["id"]
    assert "<script>" not in alice.get(f"/me/events/{made}")["body"]["content"]
    raw = alice.get(f"/me/events/{made}", prefer="outlook.allow-unsafe-html")["body"]["content"]
    assert "<script>x()</script>" in raw
    text = 'outlook.body-content-type="text"'
    bob = Client(alice.world, "bob", alice.profile)
    for event in (alice.get(f"/me/events/{made}", prefer=text), bob.get("/me/messages", prefer=text)["value"][0]):
        assert event["body"] == {"contentType": alice.word("text"), "content": "Hello you"}


def test_ids_that_stay_when_a_message_moves(alice: Client) -> None:
    lasting = 'IdType="ImmutableId"'
    to_bob = {"message": {"subject": "Hi", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}}
    assert alice("POST", "/me/sendMail", to_bob).status == 202
    bob = Client(alice.world, "bob", alice.profile)

    def newest(folder: str, **headers: str) -> Any:
        return bob.get(f"/me/mailFolders/{folder}/messages", **headers)["value"][0]["id"]

    plain, stays = newest("inbox"), newest("inbox", prefer=lasting)
    assert plain != stays
    reply = bob("POST", f"/me/messages/{stays}/move", {"destinationId": "archive"}, prefer=lasting)
    assert (reply.status, reply.json[bob.word("id")]) == (201, stays)
    assert stays in reply.headers["location"]
    assert reply.headers["preference-applied"] == lasting
    assert newest("archive", prefer=lasting) == stays
    assert newest("archive") != plain
    assert bob("GET", f"/me/messages/{stays}").status == 200
    assert bob.error("GET", f"/me/messages/{plain}") == (404, "ErrorItemNotFound")
    assert bob("PATCH", f"/me/messages/{stays}", {"isRead": True}, prefer=lasting).json[bob.word("id")] == stays


def test_mail_goes_out_in_the_own_name_only(alice: Client) -> None:
    letter = {
        "subject": "Hi",
        "from": {"emailAddress": {"address": "bob@example.com"}},
        "toRecipients": [{"emailAddress": {"address": "alice@example.com"}}],
    }
    assert alice.error("POST", "/me/sendMail", {"message": letter}) == (403, "ErrorSendAsDenied")
    letter["from"] = {"emailAddress": {"address": "ALICE@example.com"}}
    assert alice("POST", "/me/sendMail", {"message": letter}).status == 202
