"""One member of an entity by itself, as JSON and as it is."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import MOUNTS, Client
from support.world import World

AT = {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


@pytest.fixture
def event(world: World) -> str:
    """Return the id of a meeting that alice has with bob."""
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": "Plans für 2027", "start": AT, "end": AT, "attendees": guests}
    return str(world.request("alice", "POST", "/v1.0/me/events", body).json["id"])


def test_a_member_is_answered_alone(alice: Client, event: str) -> None:
    path = f"/me/events/{event}"
    body = alice.get(f"{path}/{alice.word('subject')}")
    assert body["value"] == "Plans für 2027"
    assert body["@odata.context"].endswith(f"/{alice.word('subject')}")
    assert alice.get(f"{path}/SUBJECT")["value"] == "Plans für 2027"
    assert alice.word("dateTime") in alice.get(f"/me/events/{event}/start") or alice.profile != "graph"
    assert len(alice.get(f"{path}/{alice.word('attendees')}")["value"]) == 1


@pytest.mark.parametrize(("member", "text"), [("subject", "Plans für 2027"), ("isAllDay", "false"), ("showAs", "busy")])
def test_a_value_is_answered_without_json(alice: Client, event: str, member: str, text: str) -> None:
    reply = alice("GET", f"/me/events/{event}/{alice.word(member)}/$value")
    assert reply.status == 200
    assert reply.body.decode().lower() == text.lower()
    assert reply.headers["content-type"].startswith("text/plain")


def test_what_has_no_value_is_no_content(alice: Client, event: str) -> None:
    for end in ("", "/$value"):
        reply = alice("GET", f"/me/events/{event}/{alice.word('seriesMasterId')}{end}")
        assert (reply.status, reply.body) == (204, b"")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nothing", (400, "RequestBroker--ParseUri")),
        ("attendees/$value", (400, "RequestBroker--ParseUri")),
        ("subject/isAllDay", (400, "RequestBroker--ParseUri")),
    ],
)
def test_what_is_no_member(alice: Client, event: str, path: str, expected: tuple[int, str]) -> None:
    assert alice.error("GET", f"/me/events/{event}/{path}") == expected


def test_members_of_others(world: World, event: str) -> None:
    def get(who: str, path: str) -> Any:
        return world.request(who, "GET", f"/v1.0{path}")

    assert get("bob", "/me/displayName/$value").body == b"Bob"
    assert get("bob", "/me/mailFolders/inbox/unreadItemCount").json["value"] == 1
    assert get("bob", f"/me/events/{event}/subject").status == 404  # alice's
    message = get("bob", "/me/messages?$select=id").json["value"][0]["id"]
    assert get("bob", f"/me/messages/{message}/subject/$value").body == "Plans für 2027".encode()
    assert get("bob", f"/me/messages/{message}/meetingMessageType").status == 400  # a cast comes first
    cast = f"/me/messages/{message}/microsoft.graph.eventMessage/meetingMessageType"
    assert get("bob", cast).json["value"] == "meetingRequest"


def test_a_token_opens_no_member_that_it_does_not_open_in_the_whole(world: World, event: str) -> None:
    token = world.tokens.issue(world.people["alice"], now=world.now, scopes=("Calendars.ReadBasic",))
    headers = {"authorization": f"Bearer {token}"}
    assert world.request(None, "GET", f"/v1.0/me/events/{event}/subject", headers=headers).status == 200
    assert world.request(None, "GET", f"/v1.0/me/events/{event}/body", headers=headers).status == 403
