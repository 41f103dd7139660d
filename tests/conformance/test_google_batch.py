"""`POST /batch/calendar/v3` (Google Calendar: Send batch requests)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from httplib2 import Response

from rsvpd.dialects.google.discovery import document
from support.batches import MEDIA, Answered, answers, part, together
from support.world import ORIGIN, Reply, World

PRIMARY = "/calendar/v3/calendars/primary/events"
LIST = part("GET", "/calendar/v3/users/me/calendarList")
TIMES = {name: {"dateTime": f"2026-12-01T{hour}:00:00Z"} for name, hour in (("start", 10), ("end", 11))}


def send(world: World, *parts: str, who: str | None = "alice", query: str = "", **headers: str) -> Reply:
    sent = {"content-type": MEDIA} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.request(who, "POST", f"/batch/calendar/v3{query}", raw=together(parts), headers=sent)


def ask(world: World, *parts: str, **more: Any) -> list[Answered]:
    return answers(send(world, *parts, **more))


def test_each_call_has_its_own_answer(world: World) -> None:
    found = ask(
        world,
        part("POST", PRIMARY, {"summary": "Plans", **TIMES}, content_id="<item1:12930812@barnyard.example.com>"),
        part("GET", PRIMARY, content_id="2"),
        part("GET", f"{PRIMARY}/nosuch"),
        part("POST", "/calendar/v3/calendars/primary/transferOwnership"),
    )
    assert [one.status for one in found] == [200, 200, 404, 400]
    assert [one.content_id for one in found] == [
        "<response-item1:12930812@barnyard.example.com>", "response-2", "", "",
    ]  # fmt: skip
    assert found[0].headers["ETag"] == found[0].json["etag"]
    assert [one["summary"] for one in found[1].json["items"]] == ["Plans"]
    assert found[2].json["error"]["errors"][0]["reason"] == "notFound"


def test_a_call_without_its_version_as_in_the_documented_sample(world: World) -> None:
    text = f"Content-Type: application/http\n\nGET {PRIMARY}\nIf-None-Match: \"x\"\n"
    assert ask(world, text)[0].status == 200


def test_what_the_batch_says_counts_unless_a_call_says_it(world: World) -> None:
    other = f"Bearer {world.token('bob')}"
    url = "/calendar/v3/calendars/primary"
    found = ask(
        world, part("GET", url), part("GET", f"{url}?fields=kind"), part("GET", url, Authorization=other),
        query="?fields=id&prettyPrint=false",
    )  # fmt: skip
    assert [one.body for one in found] == [
        b'{"id":"alice@example.com"}', b'{"kind":"calendar#calendar"}', b'{"id":"bob@example.com"}',
    ]  # fmt: skip


def test_the_batch_itself_needs_no_token(world: World) -> None:
    alone = part("GET", "/calendar/v3/calendars/primary", Authorization=f"Bearer {world.token('bob')}")
    found = ask(world, LIST, alone, who=None)
    assert [one.status for one in found] == [401, 200]
    assert found[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert [one.status for one in ask(world, LIST, alone, authorization="Bearer wrong", who=None)] == [401, 200]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (f"{ORIGIN}{PRIMARY}", 200),
        (PRIMARY[1:], 200),
        (f"https://example.com{PRIMARY}", 421),
        ("/calendar/v30/calendars/primary", 404),
        ("/calendar/v3calendars/primary", 404),
        ("/gmail/v1/users/me/messages", 404),
        ("/v1.0/me", 404),
        ("/batch/calendar/v3", 404),
        ("/calendar/v3/../../v1.0/me", 404),
        ("/calendar/v3", 404),
        (f"{PRIMARY}?q=%20a b", 200),
    ],
)
def test_calls_are_of_this_host_and_this_interface(world: World, target: str, status: int) -> None:
    assert ask(world, part("GET", target))[0].status == status


def test_changes_are_made_in_the_order_of_the_batch(world: World) -> None:
    made = world.request("alice", "POST", PRIMARY, {"summary": "0", **TIMES}).json["id"]
    changes = [part("PATCH", f"{PRIMARY}/{made}", {"summary": str(number)}) for number in range(1, 30)]
    reads = [part("GET", f"{PRIMARY}/{made}?fields=summary")] * 29
    found = ask(world, *(one for pair in zip(changes, reads, strict=True) for one in pair))
    assert [one.json["summary"] for one in found[1::2]] == [str(number) for number in range(1, 30)]


@pytest.mark.parametrize(
    ("body", "media", "status", "reason"),
    [
        (together([LIST] * 1001), MEDIA, 400, "parseError"),
        (together([]), MEDIA, 400, "parseError"),
        (together([LIST])[:-6], MEDIA, 400, "parseError"),
        (together([LIST]), "multipart/mixed;", 400, "parseError"),
        (together([LIST]), 'multipart/mixed; boundary="' + "b" * 71 + '"', 400, "parseError"),
        (together([LIST]), "application/json", 400, "badContent"),
        (b"{}", None, 400, "badContent"),
    ],
)
def test_what_is_refused_as_a_whole(world: World, body: bytes, media: str | None, status: int, reason: str) -> None:
    headers = {"content-type": media} if media else {}
    reply = world.request("alice", "POST", "/batch/calendar/v3", raw=body, headers=headers)
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (status, reason)


def test_other_methods_and_places(world: World) -> None:
    reply = world.request("alice", "GET", "/batch/calendar/v3")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert world.request("alice", "POST", "/batch/calendar/v3/more", raw=b"x").status == 404
    reply = send(world, LIST, query="?" + "&".join(f"a{number}=" for number in range(201)))
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "invalidParameter")


def test_without_a_token_of_its_own_a_batch_is_small(world: World) -> None:
    assert [one.status for one in ask(world, *[LIST] * 50, who=None)] == [401] * 50
    for headers in ({}, {"authorization": "Bearer wrong"}):
        assert send(world, *[LIST] * 51, who=None, **headers).status == 400
    assert len(ask(world, *[LIST] * 1000)) == 1000


def test_what_is_wrong_with_one_call_alone(world: World) -> None:
    found = ask(
        world,
        part("POST", PRIMARY, TIMES, Content_Encoding="gzip"),
        part("GET", "/calendar/v3/users/me/calendarList", a="b" * 70_000),
        part("GET", f"{PRIMARY}?q=" + "b" * 17_000),
        part("GET", PRIMARY, content_id="<x>").replace("application/http", "text/html"),
        LIST,
    )
    assert [one.status for one in found] == [415, 431, 414, 400, 200]
    assert found[3].content_id == "<response-x>"


class Wire:
    """What httplib2 is to Google's client, with a world behind it. It keeps the bytes that were sent."""

    def __init__(self, world: World, who: str) -> None:
        self._world = world
        self.credentials = Credentials(world.token(who))
        self.sent: list[tuple[str, bytes]] = []

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Any:
        raw = body.encode() if isinstance(body, str) else body or b""
        self.sent.append((uri, raw))
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        sent["authorization"] = f"Bearer {self.credentials.token}"
        reply = self._world.request(None, method, urlsplit(uri).path, raw=raw, headers=sent)
        return Response({**reply.headers, "status": str(reply.status)}), reply.body


def test_the_bytes_of_googles_own_client(world: World) -> None:
    wire = Wire(world, "alice")
    calendar: Any = build_from_document(document(ORIGIN), http=wire)
    found: dict[str, Any] = {}
    batch = calendar.new_batch_http_request(callback=lambda id, answer, wrong: found.update({id: wrong or answer}))
    batch.add(calendar.events().insert(calendarId="primary", body={"summary": "Grüße", **TIMES}), request_id="a b")
    batch.add(calendar.events().list(calendarId="primary"), request_id="list")
    batch.add(calendar.events().get(calendarId="primary", eventId="nosuch"), request_id="no")
    batch.add(calendar.events().delete(calendarId="primary", eventId="nosuch"), request_id="neither")
    batch.execute()
    ((uri, raw),) = wire.sent
    assert uri == f"{ORIGIN}/batch/calendar/v3"
    assert b"\r" not in raw
    assert b"Content-ID: <" in raw
    assert found["a b"]["summary"] == "Grüße"
    assert [one["id"] for one in found["list"]["items"]] == [found["a b"]["id"]]
    assert {found[id].resp.status for id in ("no", "neither")} == {404}
    made = found["a b"]["id"]
    batch = calendar.new_batch_http_request(callback=lambda id, answer, wrong: found.update({id: wrong or answer}))
    batch.add(calendar.events().delete(calendarId="primary", eventId=made), request_id="gone")
    batch.execute()
    assert found["gone"] in ("", b"")
