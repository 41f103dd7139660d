"""How much of a body is held before anybody knows whose it is, and of all bodies together."""

from __future__ import annotations

import asyncio

import pytest

from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.limits import UNAUTHENTICATED_BODY_BYTES, Pool, Share
from rsvpd.errors import Overloaded
from support.fakes import GOOD, Fake, Line, edge_of

KNOWN = b"Authorization: " + GOOD.encode() + b"\r\n"
MEGABYTE = 1_000_000


def head(length: int, *lines: bytes) -> bytes:
    return b"".join([b"POST /v1/p HTTP/1.1\r\nHost: localhost\r\n", *lines, b"Content-Length: %d\r\n\r\n" % length])


def chunk(size: int) -> bytes:
    return b"%x\r\n%s\r\n" % (size, b"x" * size)


CHUNKED = b"POST /v1/p HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"


def test_a_large_body_is_not_read_for_who_is_not_known():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(head(UNAUTHENTICATED_BODY_BYTES + 1))
        return line

    line = asyncio.run(go())
    assert line.statuses == [401]
    assert b"refused: TokenMissing" in line.wire.sent


def test_a_body_that_turns_out_large_is_not_read_on_for_who_is_not_known():
    async def go() -> Line:
        line = Line(edge_of(Fake("/v1")))
        await line.feed(CHUNKED + b"\r\n" + chunk(UNAUTHENTICATED_BODY_BYTES))
        assert line.statuses == []
        await line.feed(chunk(1))
        return line

    assert asyncio.run(go()).statuses == [401]


def test_a_small_body_is_read_first_so_that_the_dialect_says_what_is_wrong():
    async def go() -> Fake:
        fake = Fake("/v1")
        await Line(edge_of(fake)).feed(head(UNAUTHENTICATED_BODY_BYTES) + b"x" * UNAUTHENTICATED_BODY_BYTES)
        return fake

    assert len(asyncio.run(go()).seen[0].body) == UNAUTHENTICATED_BODY_BYTES


def test_a_large_body_is_read_for_who_is_known():
    async def go() -> tuple[Fake, Line]:
        fake = Fake("/v1")
        line = Line(edge_of(fake))
        await line.feed(head(MEGABYTE, KNOWN) + b"x" * MEGABYTE)
        await line.feed(CHUNKED + KNOWN + b"\r\n" + chunk(MEGABYTE) + b"0\r\n\r\n")
        return fake, line

    fake, line = asyncio.run(go())
    assert line.statuses == [200, 200]
    assert [len(one.body) for one in fake.seen] == [MEGABYTE, MEGABYTE]


@pytest.mark.slow
@pytest.mark.parametrize("known", [b"", KNOWN], ids=["strangers", "people"])
def test_what_all_hold_together_is_bounded(known):
    """Sixty bodies of 4 MB, none of which is ever complete."""

    async def go() -> tuple[list[int], int]:
        app = edge_of(Fake("/v1"), max_bodies_bytes=10 * MEGABYTE)
        lines = [Line(app) for _ in range(60)]
        for line in lines:
            await line.feed(head(4 * MEGABYTE, known) + b"x" * (4 * MEGABYTE - 1))
        held = sum(len(line.connection.cycle.body) for line in lines)
        statuses = [status for line in lines for status in line.statuses]
        assert app._bodies.held <= 10 * MEGABYTE
        for line in lines:
            line.wire.close()
            await line.rest()
        assert app._bodies.held == 0
        return statuses, held

    statuses, held = asyncio.run(go())
    assert held == 0
    assert statuses == ([503] * 58 if known else [401] * 60)


def test_small_bodies_are_read_when_large_ones_have_taken_all():
    async def go() -> list[list[int]]:
        app = edge_of(Fake("/v1"), max_bodies_bytes=MEGABYTE)
        large, refused, small = Line(app), Line(app), Line(app)
        await large.feed(head(MEGABYTE, KNOWN) + b"x" * 10)
        await refused.feed(head(MEGABYTE, KNOWN) + b"x" * MEGABYTE)
        assert b"retry-after: 1" in refused.wire.sent.lower()
        await small.feed(head(1000) + b"x" * 1000)
        await large.feed(b"x" * (MEGABYTE - 10))
        await refused.feed(head(MEGABYTE, KNOWN) + b"x" * MEGABYTE)
        return [one.statuses for one in (large, refused, small)]

    assert asyncio.run(go()) == [[200], [503, 200], [200]]


def test_a_body_is_held_until_it_is_answered():
    async def go() -> None:
        going = asyncio.Event()

        async def slow(request: Request) -> Response:
            await going.wait()
            return Response(status=200)

        app = edge_of(Fake("/v1", dialect_answer=slow))
        line = Line(app)
        await line.feed(head(MEGABYTE, KNOWN) + b"x" * MEGABYTE)
        assert app._bodies.held == MEGABYTE
        going.set()
        await line.rest()
        assert app._bodies.held == 0

    asyncio.run(go())


def test_a_share_grows_and_is_given_back():
    pool = Pool(10)
    first, second = Share(pool), Share(pool)
    first.grow(4)
    first.grow(6)
    first.grow(5)
    assert pool.held == 6
    with pytest.raises(Overloaded):
        second.grow(5)
    second.grow(4)
    first.release()
    first.release()
    assert pool.held == 4
