"""The way of a request: mount, adapter, limits, and that every answer has the dialect's shape."""

from __future__ import annotations

import gzip

import pytest

from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.app import Dialect, make_app
from rsvpd.errors import ItemNotFound, Overloaded, StorageFailed, StorageFull, TooLarge
from support.fakes import NOW, Fake, asked_of, edge_of, settings

LIMIT = 2000
LONG = b"x" * 5000


def ask(fakes, method, target, **more):
    return asked_of(edge_of(*fakes, max_body_bytes=LIMIT), method, target, **more)


def asked(method, target, **more) -> Request:
    fake = Fake("/v1")
    ask([fake], method, target, **more)
    return fake.seen[0]


def failing(wrong):
    def answer(request):
        raise wrong

    return Fake("/v1", answer)


def body_of(text, *headers):
    return Fake("/v1", lambda request: Response(status=200, headers=headers, body=text))


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/api/v1.0/Me", "/api/v1.0"),
        ("/api/v1.0", "/api/v1.0"),
        ("/api/other", "/api"),
        ("/API/V1.0/Me", "/api/v1.0"),
        ("/api/v1.01/Me", "/api"),
    ],
)
def test_the_longest_mount_answers(path, prefix):
    fakes = [Fake("/api"), Fake("/api/v1.0"), Fake("/v1.0")]
    ask(fakes, "GET", path)
    assert [fake.dialect.prefix for fake in fakes if fake.seen] == [prefix]


def test_the_request_comes_as_it_was_written():
    seen = asked(
        "POST", "/v1/Users('a%40b')/x%3D/?%24top=1&a=b%20c",
        content=b"{}", headers={"X-Some": "Thing", "Host": "localhost:1"},
    )
    assert (seen.method, seen.mount, seen.path) == ("POST", "/v1", "/Users('a%40b')/x%3D/")
    assert (seen.query, seen.body, seen.now) == ("%24top=1&a=b%20c", b"{}", NOW)
    assert (seen.origin, seen.base, seen.headers["x-some"]) == ("http://localhost:1", "http://localhost:1/v1", "Thing")


def test_repeated_headers_are_one_list():
    headers = [("Prefer", "a=1"), ("Prefer", "b"), ("X-One", "1")]
    assert asked("GET", "/v1", headers=headers).headers["prefer"] == "a=1, b"


def test_every_answer_has_an_id_of_its_own():
    fake = Fake("/v1")
    ids = {ask([fake], "GET", "/v1").headers["request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert ids == {seen.request_id for seen in fake.seen}
    assert all(len(one) == 36 for one in ids)


def test_head_is_get_without_the_body():
    fake = Fake("/v1")
    reply = ask([fake], "HEAD", "/v1/x")
    assert fake.seen[0].method == "GET"
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (200, b"", "2")


@pytest.mark.parametrize("status", [204, 304])
def test_no_content_has_no_length(status):
    fake = Fake("/v1", lambda request: Response(status=status))
    assert "content-length" not in ask([fake], "GET", "/v1").headers


def test_an_empty_answer_says_so():
    fake = Fake("/v1", lambda request: Response(status=202))
    assert ask([fake], "POST", "/v1").headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("accepted", "text", "is_coded"),
    [
        ("gzip, deflate", LONG, True),
        ("GZIP;q=1.0", LONG, True),
        ("gzip;q=0", LONG, False),
        ("identity", LONG, False),
        ("", LONG, False),
        ("gzip", LONG[:1024], False),
    ],
)
def test_long_answers_are_compressed_for_those_who_ask(accepted, text, is_coded):
    reply = ask([body_of(text)], "GET", "/v1", headers={"Accept-Encoding": accepted})
    assert (reply.headers.get("content-encoding") == "gzip") is is_coded
    assert reply.content == text
    assert (int(reply.headers["content-length"]) < len(text)) is is_coded
    assert ("vary" in reply.headers) is (len(text) > 1024)


def test_an_answer_that_is_kept_is_compressed_once():
    kept = Response(status=200, body=LONG, codings={})
    fake = Fake("/v1", lambda request: kept)
    replies = [ask([fake], "GET", "/v1", headers={"Accept-Encoding": one}) for one in ("gzip", "identity", "gzip")]
    assert [one.content for one in replies] == [LONG] * 3
    assert len(kept.codings["gzip"]) == int(replies[2].headers["content-length"]) < len(LONG)


def test_an_answer_that_is_coded_already_is_left_alone():
    coded = gzip.compress(bytes(range(256)) * 20, compresslevel=0)
    fake = body_of(coded, ("Content-Encoding", "gzip"))
    reply = ask([fake], "GET", "/v1", headers={"Accept-Encoding": "gzip"})
    assert int(reply.headers["content-length"]) == len(coded)


async def chunks(*parts):
    for part in parts:
        yield part


@pytest.mark.parametrize("content", [b"x" * LIMIT, b""])
def test_a_body_up_to_the_limit_is_read(content):
    assert asked("POST", "/v1", content=content).body == content


def test_a_body_in_chunks_is_put_together():
    assert asked("POST", "/v1", content=chunks(b"a" * 900, b"b" * 900)).body == b"a" * 900 + b"b" * 900


@pytest.mark.parametrize(
    ("content", "headers"),
    [(b"x" * (LIMIT + 1), {}), (chunks(b"x" * 1500, b"x" * 1500), {}), (b"x", {"Content-Length": "9" * 30})],
    ids=["announced", "chunked", "announced beyond reason"],
)
def test_a_body_over_the_limit_is_refused_by_the_dialect(content, headers):
    fake = Fake("/v1")
    reply = ask([fake], "POST", "/v1/x", content=content, headers=headers)
    assert (reply.status_code, reply.content) == (413, b"refused: TooLarge")
    assert isinstance(fake.refused[0], TooLarge)
    assert (fake.seen[0].path, fake.seen[0].body) == ("/x", b"")


@pytest.mark.parametrize("wrong", [KeyError("secret"), ItemNotFound("secret"), RecursionError("secret")])
def test_a_bug_is_a_plain_500_in_the_shape_of_the_dialect(wrong):
    fake = failing(wrong)
    reply = ask([fake], "GET", "/v1")
    assert (reply.status_code, reply.headers["content-type"]) == (500, "fake/error")
    assert str(fake.refused[0]) == ""
    assert "secret" not in reply.text


def test_a_bug_in_the_refusal_is_still_an_answer():
    def broken(request, error):
        raise KeyError("secret")

    fake = failing(KeyError("secret"))
    dialect = Dialect(
        prefix="/v1", title="x", answer=fake.answer, refuse=broken, authenticate=fake.authenticate,
        methods=lambda request: "GET",
    )
    app = make_app([dialect], settings(), clock=lambda: NOW)

    reply = asked_of(app, "GET", "/v1")
    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "InternalServerError"


@pytest.mark.parametrize("error", [Overloaded(7), StorageFull(7), StorageFailed(7)], ids=lambda one: type(one).__name__)
def test_what_is_not_available_says_when_to_come_back(error):
    reply = ask([failing(error)], "GET", "/v1")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "7")


def test_a_header_never_breaks_the_answer():
    reply = ask([body_of(b"", ("X-Hint", "a\r\nSet-Cookie: b=c \u2713 é"))], "GET", "/v1")
    assert reply.headers["x-hint"] == "a??Set-Cookie: b=c ? é"
    assert "set-cookie" not in reply.headers


def test_outside_all_mounts_the_answer_names_them():
    reply = ask([Fake("/v1"), Fake("/v2")], "GET", "/v3/<x>")
    assert reply.status_code == 404
    assert "/v1, /v2" in reply.json()["error"]["message"]


def test_the_index_names_the_interfaces():
    assert "http://localhost/v1" in ask([Fake("/v1")], "GET", "/").text
    reply = ask([Fake("/v1")], "GET", "/", headers={"Accept": "application/json"})
    assert reply.json()["interfaces"] == {"/v1": "http://localhost/v1"}
    assert ask([Fake("/v1")], "POST", "/").status_code == 405


def test_health_needs_no_token():
    reply = ask([Fake("/v1")], "GET", "/health")
    assert (reply.status_code, reply.json()["status"], reply.headers["cache-control"]) == (200, "ok", "no-store")
    assert ask([Fake("/v1")], "HEAD", "/health").status_code == 200


def test_answers_outside_the_mounts_have_an_id_too():
    for path in ("/", "/health", "/nothing"):
        assert len(ask([Fake("/v1")], "GET", path).headers["request-id"]) == 36


def test_a_mount_that_stands_for_another_says_so_and_leads_there():
    fake = Fake("/beta", mount="/v1", notice="Answered as /v1.")
    reply = ask([fake], "GET", "/beta/x?y")
    assert (fake.seen[0].base, fake.seen[0].path) == ("http://localhost/v1", "/x")
    assert reply.headers["x-rsvpd-hint"] == "Answered as /v1."
    own = (("X-Rsvpd-Hint", "Mind this."),)
    hinting = Fake("/beta", lambda request: Response(status=200, headers=own), notice="N.")
    assert ask([hinting], "GET", "/beta").headers["x-rsvpd-hint"] == "Mind this. N."
