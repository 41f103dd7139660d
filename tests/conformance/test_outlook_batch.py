"""`POST /api/v2.0/$batch` (Outlook REST v2.0: Send Outlook REST requests in batches)."""

from __future__ import annotations

from typing import Any

import pytest

from support.batches import MEDIA, Answered, answers, part, together
from support.client import Client, plain
from support.world import Reply, World

AT, UNTIL = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
CONTINUE = {"prefer": "odata.continue-on-error"}
ME = part("GET", "/api/v2.0/me")
UNKNOWN = part("GET", "/api/v2.0/me/nosuch")


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "v2")


def send(world: World, *parts: str, path: str = "/api/v2.0/me/$batch", **headers: str) -> Reply:
    sent = {"content-type": MEDIA} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.request("alice", "POST", path, raw=together(parts), headers=sent)


def ask(world: World, *parts: str, **headers: str) -> list[Answered]:
    return answers(send(world, *parts, **headers))


def event(subject: str) -> dict[str, Any]:
    return {"Subject": subject, **{name: {"DateTime": at, "TimeZone": "UTC"}
                                   for name, at in (("Start", AT), ("End", UNTIL))}}  # fmt: skip


def test_the_documented_sample(world: World, alice: Client) -> None:
    made = alice.create("Plans", AT, UNTIL)["id"]
    message = {"Subject": "Lunch?", "ToRecipients": [{"EmailAddress": {"Address": "bob@example.com"}}]}
    listed, sent = ask(
        world,
        part("GET ", "/api/v2.0/me/events?$select=Subject,Organizer   "),
        part("POST", "/api/v2.0/me/sendmail", {"Message": message}, content_id="second"),
    )
    assert (listed.status, sent.status) == (200, 202)
    assert listed.headers["OData-Version"] == "4.0"
    assert [(one["Id"], one["Subject"]) for one in listed.json["value"]] == [(made, "Plans")]
    assert (sent.content_id, sent.body) == ("second", b"")
    assert Client(world, "bob", "v2").get("/me/messages")["value"][0]["subject"] == "Lunch?"


@pytest.mark.parametrize("path", ["/api/v2.0/$batch", "/api/v2.0/me/$batch", "/api/v2.0/Me/$Batch"])
def test_where_batches_go(world: World, path: str) -> None:
    assert ask(world, ME, path=path)[0].json["EmailAddress"] == "alice@example.com"


@pytest.mark.parametrize(
    ("path", "target", "status"),
    [
        ("/api/v2.0/me/$batch", "events", 200),
        ("/api/v2.0/$batch", "me/events", 200),
        ("/api/v2.0/$batch", "events", 400),
        ("/api/v2.0/$batch", "http://rsvpd.test/api/v2.0/me/events", 200),
        ("/api/v2.0/$batch", "HTTP://RSVPD.TEST/API/V2.0/me/events", 200),
        ("/api/v2.0/$batch", "https://example.com/api/v2.0/me/events", 421),
        ("/api/v2.0/$batch", "/api/v1.0/me/events", 400),
        ("/api/v2.0/$batch", "/v1.0/me/events", 400),
        ("/api/v2.0/$batch", "/api/v2.0", 200),
        ("/api/v2.0/$batch", "/api/v2.0x/me", 400),
    ],
)
def test_targets_are_of_the_same_host_and_version(world: World, path: str, target: str, status: int) -> None:
    assert ask(world, part("GET", target), path=path)[0].status == status


def test_it_stops_at_the_first_error_unless_it_is_to_go_on(world: World, alice: Client) -> None:
    made = part("POST", "/api/v2.0/me/events", event("Never"))
    assert [one.status for one in ask(world, ME, UNKNOWN, ME, made)] == [200, 400]
    assert alice.get("/me/events")["value"] == []
    for prefer in ("odata.continue-on-error", "a, Continue-On-Error"):
        assert [one.status for one in ask(world, ME, UNKNOWN, made, ME, prefer=prefer)] == [200, 400, 201, 200]


def test_headers_of_the_batch_count_unless_a_request_has_its_own(world: World, alice: Client) -> None:
    made = alice.create("Plans", AT, UNTIL)["id"]
    url = f"/api/v2.0/me/events/{made}"
    other = f"Bearer {world.token('bob')}"
    found = ask(
        world,
        part("GET", url),
        part("GET", url, Prefer='outlook.timezone="UTC"'),
        part("GET", "/api/v2.0/me", Authorization=other),
        part("GET", "/api/v2.0/me"),
        prefer='outlook.timezone="Tokyo Standard Time"',
    )
    assert [one.status for one in found] == [200] * 4
    assert [plain(one.json)["start"]["dateTime"][11:13] for one in found[:2]] == ["19", "10"]
    assert [one.json["EmailAddress"] for one in found[2:]] == ["bob@example.com", "alice@example.com"]


def test_what_is_wrong_with_one_request_alone(world: World) -> None:
    found = ask(
        world,
        "Content-Type: text/plain\r\n\r\nGET /api/v2.0/me HTTP/1.1\r\n",
        part("GET", "/api/v2.0/me", a="b" * 70_000),
        part("GET", "/api/v2.0/me?a=" + "b" * 17_000),
        part("POST", "/api/v2.0/me/events", event("X"), Content_Encoding="gzip"),
        part("GET /", "/api/v2.0/me"),
        "",
        ME,
        **CONTINUE,
    )
    assert [one.status for one in found] == [415, 431, 414, 415, 400, 415, 200]


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (together([ME] * 21), MEDIA, 400, "BadRequest"),
        (together([]), MEDIA, 400, "BadRequest"),
        (b"", MEDIA, 400, "BadRequest"),
        (together([ME])[:-6], MEDIA, 400, "BadRequest"),
        (together([ME]), "multipart/mixed", 400, "BadRequest"),
        (together([ME]), "multipart/mixed; boundary=", 400, "BadRequest"),
        (together([ME]), f"multipart/mixed; boundary={'b' * 71}", 400, "BadRequest"),
        (together([ME]), "multipart/mixed; boundary=other", 400, "BadRequest"),
        (b'{"requests": []}', "application/json", 415, "UnsupportedMediaType"),
        (together([ME, part("POST", "/api/v2.0/$batch")]), MEDIA, 400, "BadRequest"),
        (together([ME, part("POST", "%24batch")]), MEDIA, 400, "BadRequest"),
        (together([ME, "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c--"]), MEDIA, 501, "NotImplemented"),
    ],
)
def test_what_is_refused_as_a_whole(world: World, body: bytes, media: str, status: int, code: str) -> None:
    reply = world.request("alice", "POST", "/api/v2.0/$batch", raw=body, headers={"content-type": media})
    assert (reply.status, reply.json["error"]["code"]) == (status, code)


def test_twenty_go_together(world: World, alice: Client) -> None:
    made = (part("POST", "events", event(f"Plans {number}")) for number in range(20))
    assert [one.status for one in ask(world, *made)] == [201] * 20
    assert len(alice.get("/me/events?$top=50")["value"]) == 20


def test_nobody_without_a_token(world: World) -> None:
    reply = world.request(None, "POST", "/api/v2.0/$batch", raw=together([ME]), headers={"content-type": MEDIA})
    assert reply.status == 401
    assert world.request("alice", "GET", "/api/v2.0/$batch").headers["allow"] == "POST"
