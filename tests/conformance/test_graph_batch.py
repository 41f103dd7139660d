"""`POST /v1.0/$batch` (Graph: Combine multiple HTTP requests using JSON batching)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from rsvpd.dialects import batch
from rsvpd.dialects.wire import Request
from rsvpd.errors import UnknownSegment
from support.client import Client
from support.world import Reply, World

JSON = {"Content-Type": "application/json"}
AT, UNTIL = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
ME = {"id": "1", "method": "GET", "url": "/me"}


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "graph")


@pytest.fixture
def bob(world: World) -> Client:
    return Client(world, "bob", "graph")


def ask(who: Client, *requests: Any, **headers: str) -> Reply:
    return who("POST", "/$batch", {"requests": list(requests)}, **headers)


def answers(who: Client, *requests: Any, **headers: str) -> dict[str, Any]:
    """Return the answers by their ids."""
    reply = ask(who, *requests, **headers)
    assert reply.status == 200, reply.body
    return {one["id"]: one for one in reply.json["responses"]}


def writing(id: str, url: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "method": "POST", "url": url, "headers": JSON, "body": {} if body is None else body, **more}


def event(subject: str) -> dict[str, Any]:
    times = {name: {"dateTime": at, "timeZone": "UTC"} for name, at in (("start", AT), ("end", UNTIL))}
    return {"subject": subject, **times}


def test_each_request_has_its_own_answer(alice: Client) -> None:
    made = alice.create("Plans", AT, UNTIL)["id"]
    found = answers(
        alice,
        {"id": "list", "method": "GET", "url": "me/events?$select=subject"},
        {"id": 7, "method": "get", "url": "/me/events/" + made},
        writing("new", "/me/events", event("Other")),
        {"id": "no", "method": "GET", "url": "/me/nosuch"},
        {"id": "gone", "method": "DELETE", "url": f"/me/events/{made}"},
    )
    assert list(found) == ["list", "7", "new", "no", "gone"]
    assert [one["status"] for one in found.values()] == [200, 200, 201, 400, 204]
    assert [one["subject"] for one in found["list"]["body"]["value"]] == ["Plans"]
    assert found["7"]["headers"]["ETag"] == found["7"]["body"]["@odata.etag"]
    assert found["new"]["body"]["subject"] == "Other"
    assert found["no"]["body"]["error"]["code"] == "RequestBroker--ParseUri"
    assert found["gone"]["body"] is None
    assert alice.error("GET", f"/me/events/{made}") == (404, "ErrorItemNotFound")


def test_what_is_json_stands_in_the_answer_and_what_is_not_is_base64(alice: Client) -> None:
    found = answers(alice, {"id": "1", "method": "GET", "url": "/me/events/$count"}, ME | {"id": "2"})
    assert (found["1"]["headers"]["Content-Type"], base64.b64decode(found["1"]["body"])) == ("text/plain", b"0")
    assert found["2"]["body"]["mail"] == "alice@example.com"


def test_headers_of_a_request_are_its_own(alice: Client) -> None:
    made = alice.create("Plans", AT, UNTIL)["id"]
    prefer = {"prefer": 'outlook.timezone="Tokyo Standard Time"', "client-request-id": "abc"}
    found = answers(
        alice,
        {"id": "1", "method": "GET", "url": f"/me/events/{made}", "headers": prefer},
        {"id": "2", "method": "GET", "url": f"/me/events/{made}"},
        {"id": "3", "method": "PATCH", "url": f"/me/events/{made}", "body": {"subject": "Late"},
         "headers": {"content-type": "application/json", "If-Match": 'W/"abc"'}},
    )  # fmt: skip
    assert found["1"]["body"]["start"]["dateTime"] == "2026-12-01T19:00:00.0000000"
    assert found["1"]["headers"]["Preference-Applied"] == prefer["prefer"]
    assert found["1"]["headers"]["client-request-id"] == "abc"
    assert found["2"]["body"]["start"]["dateTime"] == "2026-12-01T10:00:00.0000000"
    assert (found["3"]["status"], found["3"]["body"]["error"]["code"]) == (412, "ErrorIrresolvableConflict")


def test_hints_go_with_the_request_they_are_about(bob: Client, alice: Client) -> None:
    alice.create("Plans", AT, UNTIL, "bob")
    mine = bob.get("/me/events")["value"][0]["id"]
    body = {"attendees": []}
    change = {"id": "1", "method": "PATCH", "url": f"/me/events/{mine}", "headers": JSON, "body": body}
    reply = ask(bob, change, ME | {"id": "2"})
    with_hint, without = reply.json["responses"]
    assert with_hint["headers"]["X-Rsvpd-Hint"].startswith("attendees is ignored")
    assert "X-Rsvpd-Hint" not in without["headers"]
    assert reply.hint == ""


def test_the_token_of_the_batch_is_the_token_of_all(world: World, bob: Client) -> None:
    other = {"authorization": f"Bearer {world.token('alice')}"}
    found = answers(bob, ME | {"headers": other}, {"id": "2", "method": "GET", "url": "/me", "headers": {}})
    assert {one["body"]["mail"] for one in found.values()} == {"bob@example.com"}
    assert world.request(None, "POST", "/v1.0/$batch", {"requests": [ME]}).status == 401
    narrow = world.tokens.issue(world.people["bob"], now=world.now, scopes=("User.Read",))
    reply = world.request(None, "POST", "/v1.0/$batch", {"requests": [ME, {**ME, "id": "2", "url": "/me/events"}]},
                          headers={"authorization": f"Bearer {narrow}"})  # fmt: skip
    assert [one["status"] for one in reply.json["responses"]] == [200, 403]


def test_a_request_waits_for_those_it_depends_on(alice: Client) -> None:
    made = alice.create("Plans", AT, UNTIL)["id"]
    found = answers(
        alice,
        {"id": "A", "method": "DELETE", "url": f"/me/events/{made}"},
        {"id": "b", "method": "GET", "url": f"/me/events/{made}", "dependsOn": ["a"]},
        {"id": "c", "method": "GET", "url": "/me", "dependsOn": ["B"]},
        {"id": "d", "method": "GET", "url": "/me", "dependsOn": ["a", "c"]},
        {"id": "e", "method": "GET", "url": "/me", "dependsOn": None},
    )
    assert [one["status"] for one in found.values()] == [204, 404, 424, 424, 200]
    assert found["c"]["body"]["error"]["code"] == "FailedDependency"


def test_a_request_after_one_that_failed_is_not_done(alice: Client) -> None:
    unknown = {"id": "1", "method": "GET", "url": "/me/nosuch"}
    found = answers(alice, unknown, writing("2", "/me/events", event("X"), dependsOn=["1"]))
    assert found["2"]["status"] == 424
    assert alice.get("/me/events")["value"] == []


def test_twenty_answers_and_each_is_tracked(alice: Client, bob: Client) -> None:
    for number in range(20):
        alice.create(f"Plans {number}", AT, UNTIL, "bob")
    mine = [one["id"] for one in bob.get("/me/events?$top=20")["value"]]
    found = answers(bob, *(writing(str(place), f"/me/events/{id}/accept") for place, id in enumerate(mine)))
    assert [one["status"] for one in found.values()] == [202] * 20
    tracked = alice.get("/me/events?$top=20")["value"]
    assert {one["attendees"][0]["status"]["response"] for one in tracked} == {"accepted"}


@pytest.mark.parametrize("path", ["/v1.0/$batch", "/v1.0/%24batch", "/v1.0/$BATCH/", "/beta/$batch"])
def test_where_batches_go(world: World, path: str) -> None:
    assert world.request("bob", "POST", path, {"requests": [ME]}).json["responses"][0]["status"] == 200


BAD: list[tuple[str, Any, str]] = [
    ("no object", [], "Invalid batch payload format."),
    ("no list of requests", {}, "Invalid batch payload format."),
    ("nothing in it", {"requests": []}, "Invalid batch payload format."),
    ("no id", {"requests": [{"method": "GET", "url": "/me"}]}, "Invalid batch payload format."),
    ("no method", {"requests": [{"id": "1", "url": "/me"}]}, "Invalid batch payload format."),
    ("no url", {"requests": [{"id": "1", "method": "GET"}]}, "Invalid batch payload format."),
    ("an id that is none", {"requests": [ME | {"id": True}]}, "Invalid batch payload format."),
    ("a method that is none", {"requests": [ME | {"method": "GET /"}]}, "Invalid batch payload format."),
    ("headers that are none", {"requests": [ME | {"headers": {"a": 1}}]}, "Invalid batch payload format."),
    ("more than twenty", {"requests": [ME | {"id": str(n)} for n in range(21)]}, "Number of requests inside batch"),
    ("an id twice", {"requests": [ME | {"id": "a"}, ME | {"id": "A"}]}, "Request Id A has to be unique in a batch."),
    ("the same number", {"requests": [ME, ME | {"id": 1}]}, "Request Id 1 has to be unique in a batch."),
    ("an unknown id", {"requests": [ME | {"dependsOn": ["2"]}]}, "Invalid dependency for request Id 1"),
    ("itself", {"requests": [ME | {"dependsOn": ["1"]}]}, "Invalid dependency for request Id 1"),
    ("a later one", {"requests": [ME | {"dependsOn": ["2"]}, ME | {"id": "2"}]}, "Invalid dependency for request Id 1"),
    ("a circle", {"requests": [ME | {"dependsOn": ["2"]}, ME | {"id": "2", "dependsOn": ["1"]}]},
     "Invalid dependency for request Id 1"),
    ("a write without a type", {"requests": [{"id": "1", "method": "POST", "url": "/me/sendMail", "body": {}}]},
     "Write request id : 1 does not contain Content-Type header or body."),
    ("a write without a body", {"requests": [{"id": "1", "method": "POST", "url": "/me/sendMail", "headers": JSON}]},
     "Write request id : 1 does not contain Content-Type header or body."),
    ("another host", {"requests": [ME | {"url": "https://example.com/v1.0/me"}]}, "Invalid batch payload format."),
    ("this host", {"requests": [ME | {"url": "http://rsvpd.test/v1.0/me"}]}, "Invalid batch payload format."),
    ("a batch", {"requests": [writing("1", "/$batch", {"requests": [ME]})]}, "A batch holds no other batch."),
    ("a hidden batch", {"requests": [writing("1", "%24Batch/", {"requests": [ME]})]}, "A batch holds no other batch."),
    ("no base64", {"requests": [{"id": "1", "method": "POST", "url": "/me", "headers": {"Content-Type": "a/b"},
                                 "body": "a"}]}, "Invalid batch payload format."),
]  # fmt: skip


@pytest.mark.parametrize(("body", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_refused_as_a_whole(alice: Client, body: Any, message: str) -> None:
    if isinstance(body, dict) and len(body.get("requests", ())) in (1, 2):
        first = writing("first", "/me/events", event("Never"))
        body = {"requests": [first, *body["requests"]]}
    reply = alice("POST", "/$batch", body)
    assert (reply.status, reply.json["error"]["code"]) == (400, "BadRequest")
    assert reply.json["error"]["message"].startswith(message)
    assert alice.get("/me/events")["value"] == []


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/v1.0/$batch", "POST"), ("/api/v2.0/$batch", "POST"), ("/api/v2.0/me/$batch", "POST"), ("/v1.0/me/$batch", None),
     ("/api/v1.0/$batch", None)],
)  # fmt: skip
def test_what_may_be_done_there(world: World, path: str, methods: str | None) -> None:
    dialect = next(one for one in world.dialects if path.startswith(one.prefix))
    request = Request(
        method="OPTIONS", origin="", mount="", path=path[len(dialect.prefix) :], query="", headers={}, body=b"", now=0,
        request_id="",
    )  # fmt: skip
    if methods is not None:
        assert dialect.methods(request) == methods
        return
    with pytest.raises(UnknownSegment):
        dialect.methods(request)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"requests":[{"id":"\\ud800"}]}', b"[" * 10_000])
def test_what_is_no_json(alice: Client, raw: bytes) -> None:
    reply = alice.world.request("alice", "POST", "/v1.0/$batch", raw=raw)
    assert (reply.status, reply.json["error"]["code"]) == (400, "BadRequest")


def test_other_methods_media_and_promises(alice: Client) -> None:
    reply = alice("GET", "/$batch")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert alice.error("POST", "/$batch", {"requests": [ME]}, content_type="multipart/mixed; boundary=b") == (
        415, "UnsupportedMediaType",
    )  # fmt: skip
    assert alice.error("POST", "/$batch", {"requests": [ME | {"atomicityGroup": "g"}]}) == (501, "NotImplemented")


def test_what_is_wrong_with_one_request_alone(alice: Client) -> None:
    found = answers(
        alice,
        {"id": "method", "method": "BREW", "url": "/me"},
        {"id": "long", "method": "GET", "url": "/me?a=" + "b" * batch.MAX_TARGET_BYTES},
        {"id": "head", "method": "GET", "url": "/me", "headers": {"a": "b" * 70_000}},
        {"id": "line", "method": "GET", "url": "/me", "headers": {"a": "b\r\nc"}},
        {"id": "coding", "method": "POST", "url": "/me/events", "headers": JSON | {"Content-Encoding": "gzip"},
         "body": "e30="},
        {"id": "version", "method": "GET", "url": "/v1.0/me"},
        writing("text", "/me/events", event("X")) | {"headers": {"Content-Type": "text/plain"}, "body": "e30="},
        writing("alphabet", "/me/events") | {"headers": {"Content-Type": "text/plain"}, "body": "-_8"},
        {"id": "good", "method": "GET", "url": "/me"},
    )  # fmt: skip
    assert {id: one["status"] for id, one in found.items()} == {
        "method": 405, "long": 414, "head": 431, "line": 400, "coding": 415, "version": 400, "text": 415,
        "alphabet": 415, "good": 200,
    }  # fmt: skip


def test_blanks_and_letters_in_a_url_are_taken_as_they_are(alice: Client) -> None:
    alice.create("Überblick", AT, UNTIL)
    url = "me/events?$filter=subject eq 'Überblick'&$select=subject"
    found = answers(alice, {"id": "1", "method": "GET", "url": url})
    assert [one["subject"] for one in found["1"]["body"]["value"]] == ["Überblick"]


def test_a_body_is_read_as_it_would_be_alone(alice: Client) -> None:
    deep: Any = {}
    for _ in range(28):
        deep = {"a": deep}
    body = event("Deep") | {"webLink": [deep]}
    alone = alice("POST", "/me/events", body)
    assert answers(alice, writing("1", "/me/events", body))["1"]["status"] == alone.status == 201


def test_what_comes_after_large_answers_is_not_begun(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_ANSWER_BYTES", 100)
    found = answers(alice, ME, writing("2", "/me/events", event("Never")))
    assert [one["status"] for one in found.values()] == [200, 429]
    assert found["2"]["headers"]["Retry-After"] == "1"
    assert alice.get("/me/events")["value"] == []


def test_an_error_of_ours_is_the_answer_of_one_request(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from rsvpd.dialects.microsoft.exchange import expansion

    def broken(call: Any, segments: Any) -> None:
        if "subject" in call.request.query:
            raise RuntimeError("inside")

    monkeypatch.setattr(expansion, "check", broken)
    found = answers(
        alice, writing("1", "/me/events", event("X")), {"id": "2", "method": "GET", "url": "/me/events?$select=subject"}
    )
    assert [one["status"] for one in found.values()] == [201, 500]
    assert found["2"]["body"]["error"]["code"] == "InternalServerError"
    assert "inside" not in str(found["2"])


def test_outlook_v1_never_had_it(world: World) -> None:
    reply = world.request("bob", "POST", "/api/v1.0/$batch", {"requests": [ME]})
    assert (reply.status, reply.json["error"]["code"]) == (400, "RequestBroker--ParseUri")
