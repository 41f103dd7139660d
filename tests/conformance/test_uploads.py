"""Files that are attached in parts: in order, without a token, and gone if nobody goes on."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands.door import reads
from rsvpd.mail.attachment import MOST_BYTES
from rsvpd.mail.upload import LASTS_US, LEAST_BYTES
from rsvpd.store.tx import Tx
from support.client import Client
from support.world import Reply, World

SIZE = LEAST_BYTES + 700_000
PART = 2**20 + 4_321  # no multiple of what is stored at a time
DATA = bytes(range(251)) * (SIZE // 251 + 1)
FILE = {"attachmentType": "file", "name": "Größe.bin", "size": SIZE}


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "graph")


@pytest.fixture
def message(alice: Client) -> str:
    return f"/me/messages/{alice('POST', '/me/messages', {'subject': 'Report'}).json['id']}"


def begin(client: Client, path: str, **more: Any) -> str:
    reply = client("POST", f"{path}/attachments/createUploadSession", {"AttachmentItem": FILE | more})
    assert reply.status == 201, reply.body
    session = reply.json
    assert session["nextExpectedRanges"] == ["0-"]
    assert session["uploadUrl"].startswith("http://rsvpd.test/api/v2.0/Users(")
    return str(session["uploadUrl"])


def put(world: World, url: str, begin: int, data: bytes, *, size: int = SIZE, headers: Any = None) -> Reply:
    told = {"content-range": f"bytes {begin}-{begin + len(data) - 1}/{size}"} if headers is None else headers
    return world.request(None, "PUT", url, raw=data, headers={"content-type": "application/octet-stream", **told})


def upload(world: World, url: str) -> Reply:
    at = 0
    while True:
        reply = put(world, url, at, DATA[at : min(at + PART, SIZE)])
        at += PART
        if at >= SIZE:
            return reply
        assert (reply.status, reply.json["nextExpectedRanges"]) == (200, [str(at)])


def left(world: World) -> tuple[int, int, int]:
    """Return how many uploads, contents and pieces are stored."""

    @reads
    def count(tx: Tx) -> tuple[int, ...]:
        tables = ("upload", "content", "content_piece")
        return tuple(int((tx.row(f"SELECT count(*) FROM {name}") or (0,))[0]) for name in tables)  # noqa: S608 - names of our tables

    found = world.store.run(count)
    return found[0], found[1], found[2]


def test_a_large_file_is_attached_in_parts_without_a_token(world: World, alice: Client, message: str) -> None:
    url = begin(alice, message, contentType="application/x-large")
    done = upload(world, url)
    assert (done.status, done.body) == (201, b"")
    (one,) = alice.get(f"{message}/attachments?$select=id,name,size,contentType")["value"]
    assert (one["name"], one["size"], one["contentType"]) == ("Größe.bin", SIZE, "application/x-large")
    assert done.headers["location"].endswith(f"/Attachments('{one['id']}')")
    value = alice("GET", f"{message}/attachments/{one['id']}/$value")
    assert value.body == DATA[:SIZE]
    assert alice.get(message)["hasAttachments"] is True
    assert left(world)[:2] == (0, 1)
    # It is over: the address is good for nothing any more.
    assert world.request(None, "GET", url).status == 404
    assert put(world, url, 0, b"a").status == 404


def test_where_it_stands_can_be_read_where_the_answer_says(world: World, alice: Client, message: str) -> None:
    done = upload(world, begin(alice, message))
    path = done.headers["location"].removeprefix("http://rsvpd.test")
    assert world.request("alice", "GET", f"{path}?$select=Name,Size").json["Size"] == SIZE


def test_the_same_file_is_stored_once_however_it_came(world: World, alice: Client, message: str) -> None:
    for _ in range(2):
        assert upload(world, begin(alice, message)).status == 201
    assert left(world)[:2] == (0, 1)
    for one in alice.get(f"{message}/attachments?$select=id")["value"]:
        assert alice("DELETE", f"{message}/attachments/{one['id']}").status == 204
    assert left(world) == (0, 0, 0)


def test_to_an_event_and_to_one_date_of_a_series(world: World, alice: Client) -> None:
    daily = {"pattern": {"type": "daily", "interval": 1},
             "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3}}  # fmt: skip
    series = alice.create("Daily", "2026-12-01T10:00:00", "2026-12-01T11:00:00", recurrence=daily)
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
    first, second, _ = alice.get(f"/me/events/{series['id']}/instances?{window}")["value"]
    assert upload(world, begin(alice, f"/me/events/{second['id']}")).status == 201
    assert alice.get(f"/me/events/{second['id']}")["hasAttachments"] is True
    assert alice.get(f"/me/events/{first['id']}")["hasAttachments"] is False


def test_how_far_it_is_can_be_asked_and_it_can_be_ended(world: World, alice: Client, message: str) -> None:
    url = begin(alice, message)
    assert put(world, url, 0, DATA[:PART]).status == 200
    told = world.request(None, "GET", url)
    assert (told.status, told.json["nextExpectedRanges"]) == (200, [str(PART)])
    assert world.request(None, "DELETE", url).status == 204
    assert world.request(None, "GET", url).status == 404
    assert left(world) == (0, 0, 0)


def test_parts_come_in_order_and_within_the_length(world: World, alice: Client, message: str) -> None:
    url = begin(alice, message)
    assert put(world, url, PART, DATA[PART : 2 * PART]).status == 416
    assert put(world, url, 0, DATA[:PART]).status == 200
    again = put(world, url, 0, DATA[:PART])
    assert (again.status, again.json["error"]["code"]) == (416, "ErrorInvalidRange")
    assert put(world, url, PART, DATA[PART:SIZE] + b"more").status == 416
    assert put(world, url, PART, DATA[PART : 2 * PART], size=SIZE + 1).status == 400
    assert world.request(None, "GET", url).json["nextExpectedRanges"] == [str(PART)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-range": "bytes 0-1"},
        {"content-range": "bytes 0-9/x"},
        {"content-range": f"bytes 5-1/{SIZE}"},
        {"content-range": f"bytes 0-99/{SIZE}"},
        {"content-range": f"bytes -1-9/{SIZE}"},
        {"content-range": f"bytes {'9' * 30}-{'9' * 31}/{SIZE}"},
    ],
)
def test_ranges_that_say_nothing(world: World, alice: Client, message: str, headers: dict[str, str]) -> None:
    reply = put(world, begin(alice, message), 0, b"0123456789", headers=headers)
    assert (reply.status, reply.json["error"]["code"]) == (400, "ErrorPropertyValidationFailure")


def test_an_upload_that_nobody_goes_on_with_is_forgotten(world: World, alice: Client, message: str) -> None:
    url = begin(alice, message)
    world.now += LASTS_US // 2
    assert put(world, url, 0, DATA[:PART]).status == 200
    world.now += LASTS_US // 2 + 1
    assert put(world, url, PART, DATA[PART : 2 * PART]).status == 200  # each part extends it
    world.now += LASTS_US + 1
    assert put(world, url, 2 * PART, DATA[2 * PART : SIZE]).status == 404
    world.now += 1
    begin(Client(world, "alice", "graph"), message)
    assert left(world)[0] == 1


def test_the_address_of_another_server_or_none(world: World, alice: Client, message: str) -> None:
    url = begin(alice, message)
    for wrong in (url[:-3] + "AAA", url.partition("?")[0], url.partition("authtoken=")[0] + "authtoken=x"):
        for method in ("GET", "PUT", "DELETE"):
            assert world.request(None, method, wrong, raw=b"x").status == 401
    assert world.request("alice", "POST", url, raw=b"x").status == 405


@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        ({"size": LEAST_BYTES - 1}, (400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")),
        ({"size": MOST_BYTES + 1}, (413, "ErrorMessageSizeExceeded")),
        ({"size": 0}, (400, "ErrorPropertyValidationFailure")),
        ({"size": "many"}, (400, "ErrorPropertyValidationFailure")),
        ({"size": 1.5}, (400, "ErrorPropertyValidationFailure")),
        ({"name": ""}, (400, "ErrorPropertyValidationFailure")),
        ({"name": None}, (400, "ErrorPropertyValidationFailure")),
        ({"attachmentType": "item"}, (501, "NotImplemented")),
        ({"attachmentType": "other"}, (400, "ErrorPropertyValidationFailure")),
        ({"isInline": "perhaps"}, (400, "ErrorInvalidProperty")),
    ],
)
def test_what_is_not_uploaded(alice: Client, message: str, item: Any, refusal: tuple[int, str]) -> None:
    path = f"{message}/attachments/createUploadSession"
    status, code = alice.error("POST", path, {"AttachmentItem": FILE | item})
    assert status == refusal[0]
    assert code in (refusal[1], "ErrorPropertyValidationFailure")
    assert alice.error("POST", path, {})[0] == 400


def test_only_to_what_is_there_and_ones_own(world: World, alice: Client, message: str) -> None:
    bob = Client(world, "bob", "graph")
    body = {"AttachmentItem": FILE}
    assert bob.error("POST", f"{message}/attachments/createUploadSession", body)[0] == 404
    url = begin(alice, message)
    assert put(world, url, 0, DATA[:SIZE - 10]).status == 200
    assert alice("POST", f"{message}/permanentDelete").status == 204
    assert put(world, url, SIZE - 10, DATA[SIZE - 10 : SIZE]).status == 404
