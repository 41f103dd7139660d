"""Bytes of a request as they come: what is bounded while they do, and how that is answered."""

from __future__ import annotations

import asyncio

import pytest
from uvicorn.server import ServerState

from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.connection import LINGER_SECONDS, LINGERING, PIECE_BYTES, STALLED_SECONDS, Connection
from rsvpd.edge.limits import MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_TARGET_BYTES
from support.fakes import GOOD, Fake, Line, edge_of

HEAD = b"Host: localhost\r\n"
GET = b"GET /v1/a HTTP/1.1\r\n" + HEAD + b"\r\n"
KNOWN = HEAD + b"Authorization: " + GOOD.encode() + b"\r\n"


def talk(*parts: bytes, fake: Fake | None = None, piece: int = 65_536) -> tuple[Fake, Line]:
    """Send parts and return what the dialect saw and what the connection wrote."""
    fake = fake or Fake("/v1")

    async def go() -> Line:
        line = Line(edge_of(fake))
        for part in parts:
            await line.feed(part, piece=piece)
        return line

    return fake, asyncio.run(go())


def post(body: bytes, *lines: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    head = [b"POST /v1/p HTTP/1.1\r\n" + HEAD, *lines, b"Content-Length: %d\r\n\r\n" % size]
    return b"".join(head) + body


def chunked(*chunks: bytes, trailer: bytes = b"", lines: bytes = b"") -> bytes:
    parts = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in chunks)
    head = b"POST /v1/p HTTP/1.1\r\n" + HEAD + lines + b"Transfer-Encoding: chunked\r\n\r\n"
    return head + parts + b"0\r\n" + trailer + b"\r\n"


LINES = b"".join(b"X-%d: y\r\n" % n for n in range(MAX_HEAD_LINES + 1))
LARGE = {
    "many lines": (b"GET /v1/a HTTP/1.1\r\n" + HEAD + LINES + b"\r\n", 431),
    "lines without end": (b"GET /v1/a HTTP/1.1\r\n" + HEAD + b"a: b\r\n" * 400_000, 431),
    "large lines": (b"GET /v1/a HTTP/1.1\r\n" + HEAD + (b"x: " + b"y" * 9000 + b"\r\n") * 8 + b"\r\n", 431),
    "one line without end": (b"GET /v1/a HTTP/1.1\r\nx: " + b"y" * 3_000_000, 431),
    "a name without end": (b"GET /v1/a HTTP/1.1\r\n" + b"y" * 3_000_000, 431),
    "a target without end": (b"GET /v1/" + b"y" * 3_000_000, 414),
    "a query without end": (b"GET /v1/a?q=" + b"y" * 3_000_000, 414),
}


@pytest.mark.parametrize("piece", [1000, 65_536, 10_000_000])
@pytest.mark.parametrize(("raw", "status"), LARGE.values(), ids=LARGE.keys())
def test_a_head_is_bounded_while_it_is_read(raw, status, piece):
    fake, line = talk(raw, piece=piece)
    assert line.statuses == [status]
    assert b"\r\nconnection: close\r\n" in line.wire.sent
    assert b"refused: " in line.wire.sent, "in the shape of the dialect"
    assert not fake.seen[0].body
    held = sum(len(name) + len(value) for name, value in line.connection.headers) + len(line.connection.url)
    assert held <= MAX_HEAD_BYTES + MAX_TARGET_BYTES + 4096


@pytest.mark.parametrize("piece", [999, 65_536, 10_000_000])
@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/" + b"y" * (MAX_TARGET_BYTES - 4) + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /v1/a HTTP/1.1\r\n" + HEAD + b"x: " + b"y" * (MAX_HEAD_BYTES - 50) + b"\r\n\r\n",
        b"GET /v1/a HTTP/1.1\r\n" + LINES[: LINES.rindex(b"X-") - len(b"X-127: y\r\n")] + HEAD + b"\r\n",
    ],
    ids=["target", "bytes", "lines"],
)
def test_a_head_up_to_the_bounds_is_read(raw, piece):
    assert talk(raw, piece=piece)[1].statuses == [200]


def test_an_error_names_the_dialect_only_where_the_path_does():
    _, line = talk(b"GET /else/a HTTP/1.1\r\n" + LINES + b"\r\n")
    assert line.statuses == [431]
    assert b'"code":"HeadTooLarge"' in line.wire.sent


@pytest.mark.parametrize(
    "raw",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00",
        b"GET /v1/m\xff\xfe HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"CONNECT localhost:80 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET ftp://localhost/v1/a HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"POST /v1/a HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/a HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_not_http_is_one_answer_and_the_end(raw):
    _, line = talk(raw, GET)
    assert line.statuses == [400]
    assert line.wire.has_ended


def test_an_answer_is_sent_in_one_piece():
    _, line = talk(GET, GET)
    assert [(one[:15], one[-6:]) for one in line.wire.writes] == [(b"HTTP/1.1 200 OK", b"\r\n\r\nok")] * 2


def test_a_head_without_a_body_is_sent_too():
    _, line = talk(b"HEAD" + GET[3:], b"HEAD" + GET[3:-2] + b"Connection: close\r\n\r\n")
    assert line.statuses == [200, 200]
    assert len(line.wire.writes) == 2
    assert line.wire.is_closed


def test_a_client_is_told_to_go_on_before_the_answer():
    asked = post(b"", b"Expect: 100-continue\r\n", length=2)
    _, line = talk(asked, b"{}")
    assert [one[:12] for one in line.wire.writes] == [b"HTTP/1.1 100", b"HTTP/1.1 200"]


def test_requests_in_one_go_are_answered_in_their_order():
    def answer(request: Request) -> Response:
        return Response(status=200, body=request.path.encode())

    many = b"".join(b"GET /v1/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % n for n in range(3000))
    fake = Fake("/v1", answer)

    async def go() -> Line:
        line = Line(edge_of(fake))
        line.connection.data_received(many)
        while line.connection.tasks:
            await asyncio.sleep(0)
        return line

    line = asyncio.run(go())
    assert [one.path for one in fake.seen] == [f"/{n}" for n in range(3000)]
    assert line.statuses == [200] * 3000
    assert not line.wire.is_paused
    assert line.limits.waiting.held == 0


def test_of_requests_in_one_go_few_are_understood_before_the_first_is_answered():
    async def go() -> Line:
        going = asyncio.Event()

        async def slow(request: Request) -> Response:
            await going.wait()
            return Response(status=200)

        line = Line(edge_of(Fake("/v1", dialect_answer=slow)))
        line.connection.data_received(GET * 2000)
        await line.rest()
        await line.later(1000)  # the server is slow, not the client
        assert len(line.connection.pipeline) < 4096 // len(GET) + 2
        assert line.wire.is_paused
        assert line.limits.waiting.held > 0
        going.set()
        while line.connection.tasks:
            assert line.wire.is_paused or not line.connection._unparsed
            await asyncio.sleep(0)
        return line

    line = asyncio.run(go())
    assert len(line.statuses) == 2000
    assert (line.limits.waiting.held, line.wire.is_paused) == (0, False)


def test_what_waits_for_its_turn_is_copied_once_for_a_piece_and_not_for_a_request(monkeypatch):
    kept = []
    keep = Connection._hold
    monkeypatch.setattr(Connection, "_hold", lambda self, rest: (kept.append(len(rest)), keep(self, rest)))

    async def go() -> None:
        line = Line(edge_of(Fake("/v1")))
        line.connection.data_received(GET * 2000)
        while line.connection.tasks:
            await asyncio.sleep(0)

    asyncio.run(go())
    size = len(GET) * 2000
    assert size < sum(kept) < size * size / PIECE_BYTES


def test_what_waits_for_its_turn_is_bounded_for_all_together():
    async def go() -> Line:
        going = asyncio.Event()

        async def slow(request: Request) -> Response:
            await going.wait()
            return Response(status=200)

        line = Line(edge_of(Fake("/v1", dialect_answer=slow)))
        line.limits.waiting.size = 100_000
        line.connection.data_received(GET * 10_000)
        going.set()
        await line.rest()
        return line

    line = asyncio.run(go())
    assert set(line.statuses[:-1]) == {200}
    assert line.statuses[-1] == 503
    assert line.limits.waiting.held == 0


def test_what_is_wrong_is_told_after_what_came_before_it():
    _, line = talk(GET + GET + b"nonsense\r\n\r\n" + GET)
    assert line.statuses == [200, 200, 400]


def test_a_length_that_says_too_little_ends_the_connection_after_the_answer():
    fake, line = talk(post(b"abcdef", length=3))
    assert fake.seen[0].body == b"abc"
    assert line.statuses == [200, 400]


def test_a_length_that_says_too_much_waits_and_then_gives_up():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(post(b"abc", length=10))
        await line.later(59)
        await line.feed(b"def")
        assert line.statuses == []
        await line.later(1)
        return line

    line = asyncio.run(go())
    assert line.statuses == [408]
    assert b"connection: close" in line.wire.sent.lower()
    assert b"refused: RequestTimeout" in line.wire.sent


def test_chunks_are_put_together_and_a_trailer_says_nothing():
    trailer = b"Authorization: Bearer good\r\nX-Forwarded-Host: evil.example\r\n"
    fake, line = talk(chunked(b"abc", b"def", trailer=trailer) + GET)
    assert (fake.seen[0].body, line.statuses) == (b"abcdef", [200, 200])
    assert not {"authorization", "x-forwarded-host"} & set(fake.seen[0].headers)


@pytest.mark.parametrize(
    "trailer", [b"a: b\r\n" * 400_000, b"a: " + b"b" * 3_000_000, b"a" * 3_000_000], ids=["lines", "value", "name"]
)
def test_a_trailer_is_bounded_like_a_head(trailer):
    assert talk(chunked(b"abc", trailer=trailer))[1].statuses == [431]


@pytest.mark.parametrize(
    "broken", [b"zz\r\n{}", b"3;x=" + b"y" * 3_000_000, b"2\r\n{}5\r\n", b"0" * 3_000_000], ids=range(4)
)
def test_broken_chunks_are_refused_by_the_dialect(broken):
    head = b"POST /v1/p HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    _, line = talk(head + broken)
    assert line.statuses[0] in (400, 431)
    assert b"refused: " in line.wire.sent


def test_who_has_said_everything_still_gets_the_answers():
    async def go(*said: bytes) -> tuple[bool, Line]:
        line = Line(edge_of(Fake("/v1")))
        for part in said:
            line.connection.data_received(part)
        stays = line.connection.eof_received()
        if not stays:  # as a transport does
            line.wire.close()
        while line.connection.tasks:
            await asyncio.sleep(0)
        return stays, line

    stays, line = asyncio.run(go(GET, GET))
    assert (stays, line.statuses, line.wire.is_closed) == (True, [200, 200], True)
    stays, line = asyncio.run(go(GET * 250))
    assert (stays, line.statuses, line.wire.is_closed) == (True, [200] * 250, True)
    assert not asyncio.run(go(post(b"abc", length=10)))[0], "what is not complete will not become so"
    assert not asyncio.run(go())[0]


def test_a_client_that_waits_to_be_asked_is_asked():
    head = post(b"", b"Expect: 100-continue\r\n", length=3)
    fake, line = talk(head, b"abc", GET)
    assert (line.statuses, fake.seen[0].body) == ([100, 200, 200], b"abc")


@pytest.mark.parametrize(
    ("lines", "length", "status"),
    [
        (b"", 5_000_000, 413),
        (b"", 100_000, 401),
        (b"Content-Encoding: br\r\n", 3, 415),
        (b"Content-Encoding: gzip\r\n", 3, 401),
        (b"Host: localhost\r\n", 3, 400),
    ],
)
def test_a_client_that_is_not_asked_is_told_that_it_ends(lines, length, status):
    _, line = talk(post(b"", b"Expect: 100-continue\r\n", lines, length=length))
    assert line.statuses == [status]
    assert b"connection: close" in line.wire.sent.lower()


def test_an_offer_to_upgrade_is_passed_over_and_the_body_is_read():
    """Java's HttpClient offers h2c with its first request to an http URL, whatever the method."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    fake, line = talk(post(b"abc", offer) + GET)
    assert (line.statuses, [one.body for one in fake.seen]) == ([200, 200], [b"abc", b""])
    fake, line = talk(chunked(b"abc", b"d", lines=offer), piece=10)
    assert (line.statuses, fake.seen[0].body) == ([200], b"abcd")


def test_the_host_of_an_absolute_target_counts():
    fake, line = talk(b"GET http://localhost:99/v1/a?b=c HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert (fake.seen[0].origin, fake.seen[0].path, fake.seen[0].query) == ("http://localhost:99", "/a", "b=c")
    _, line = talk(b"GET http://evil.example/v1/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert line.statuses == [421]


@pytest.mark.parametrize("method", [b"POS", b"PATC", b"FOO", b"get"])
def test_a_method_that_no_parser_knows_is_refused_in_the_shape_of_its_path(method):
    _, line = talk(method + b" /v1/a?b=c HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert line.statuses == [400]
    assert b"refused: MalformedRequest" in line.wire.sent


def test_a_head_that_does_not_end_in_time_is_408_in_the_shape_of_its_path():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(b"GET /v1/a HTTP/1.1\r\nHost: loc")
        await line.later(19)
        assert line.statuses == []
        await line.feed(b"alhost\r\n")
        await line.later(1)
        return line

    line = asyncio.run(go())
    assert line.statuses == [408]
    assert b"refused: RequestTimeout" in line.wire.sent


def test_who_says_nothing_is_left_without_a_word():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.later(20)
        return line

    line = asyncio.run(go())
    assert (line.statuses, line.wire.is_closed) == ([], True)


def test_a_connection_that_rests_between_requests_is_left_in_peace():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(GET)
        await line.later(1000)
        await line.feed(GET)
        await line.feed(b"GET /v1/a HT")
        await line.later(20)
        return line

    assert asyncio.run(go()).statuses == [200, 200, 408]


def test_line_breaks_between_requests_do_not_keep_a_connection():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(GET)
        await line.feed(b"\r\n")
        await line.later(20)
        return line

    assert asyncio.run(go()).statuses == [200, 408]


def test_a_body_that_nobody_reads_is_not_waited_for_without_end():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(post(b"x" * 10, length=5_000_000))
        assert line.statuses == [413]
        await line.later(59)
        await line.feed(b"x" * 100_000)
        assert not line.wire.is_closed
        await line.later(1)
        return line

    assert asyncio.run(go()).wire.is_closed


def test_a_body_that_nobody_reads_is_followed_by_the_next_request():
    _, line = talk(post(b"x" * 5_000_000))
    assert line.statuses == [413]
    assert line.connection.timeout_keep_alive_task is not None, "it rests like any other, and not for ever"
    _, line = talk(post(b"x" * 5_000_000), GET)
    assert line.statuses == [413, 200]


def test_who_is_refused_is_listened_to_for_a_moment():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(b"GET /v1/a HTTP/1.1\r\n" + LINES + HEAD)
        assert (line.statuses, line.wire.has_ended, line.wire.is_closed) == ([431], True, False)
        await line.feed(b"a: b\r\n" * 100_000)
        assert not line.connection.headers[MAX_HEAD_LINES + 1 :]
        await line.later(LINGER_SECONDS)
        return line

    line = asyncio.run(go())
    assert (line.statuses, line.wire.is_closed) == ([431], True)


def test_an_answer_that_nobody_takes_is_given_up():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        line.connection.pause_writing()
        await line.feed(GET)
        for unsent in (1000, 900):  # as long as less is left, somebody reads
            line.wire.unsent = unsent
            await line.later(STALLED_SECONDS)
            assert not line.wire.is_closed
        await line.later(STALLED_SECONDS)
        return line

    assert asyncio.run(go()).wire.is_closed


def test_beyond_the_most_connections_one_is_told_to_come_back():
    async def go() -> tuple[Line, Line, Line]:
        state = ServerState()
        first, second = (Line(edge_of(Fake("/v1")), most_connections=1, state=state) for _ in range(2))
        await second.feed(GET)
        await first.feed(GET)
        first.wire.close()
        second.wire.close()
        await first.rest()
        third = Line(edge_of(Fake("/v1")), most_connections=1, state=state)
        await third.feed(GET)
        return first, second, third

    first, second, third = asyncio.run(go())
    assert (first.statuses, second.statuses, third.statuses) == ([200], [503], [200])
    assert b"\r\nRetry-After: 1\r\n" in second.wire.sent
    assert second.wire.has_ended


def test_far_beyond_the_most_connections_nobody_is_listened_to():
    async def go() -> list[Line]:
        state = ServerState()
        return [Line(edge_of(Fake("/v1")), most_connections=1, state=state) for _ in range(LINGERING + 2)]

    lines = asyncio.run(go())
    assert [one.wire.is_closed for one in lines] == [*[False] * (LINGERING + 1), True]
    assert lines[-1].statuses == [503]
