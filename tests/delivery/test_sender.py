"""Where notifications may be sent, and what is read of an answer: against real sockets of this machine."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from rsvpd import addresses
from rsvpd.delivery import sender as senders
from rsvpd.delivery.sender import MOST_BODY_BYTES, HttpSender
from rsvpd.dialects.push import Answer, Push, Undelivered, UnusableUrl, origin_of

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # what clouds tell their machines
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("64:ff9b::7f00:1", False),  # 127.0.0.1 behind a gateway
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::1", False),  # 127.0.0.1 within 6to4
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert addresses.is_public(ipaddress.ip_address(address)) is expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://receiver.example/hook?a=b", "https://receiver.example:443"),
        ("https://RECEIVER.example:8443", "https://receiver.example:8443"),
        ("http://localhost:3000/hook", "http://localhost:3000"),
        ("http://[::1]:3000/hook", "http://[::1]:3000"),
        ("http://127.0.0.1/", "http://127.0.0.1:80"),
    ],
)
def test_the_origin_of_a_receiver(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    ["", "hook", "//receiver.example", "ftp://receiver.example", "http://receiver.example/", "https://", "https://a:b/",
     "https://user:secret@receiver.example/", "https://receiver.example/\r\nX: 1", "https://receiver.example/ä",
     "https://receiver.example/#x", "http://127.0.0.1.example/", "https://receiver.example/" + "a" * 2048, "https://["],
)  # fmt: skip
def test_what_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(UnusableUrl):
        origin_of(url)


@asynccontextmanager
async def receiver(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def answering(raw: bytes, heard: list[bytes]) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (length,) = (int(one[15:]) for one in head.split(b"\r\n") if one.startswith(b"Content-Length:"))
                heard.append(head + await reader.readexactly(length))
                writer.write(raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    return serve


def sent(raw: bytes, *, private: bool = True, host: str = "127.0.0.1", heard: list[bytes] | None = None) -> Answer:
    async def run() -> Answer:
        async with receiver(answering(raw, [] if heard is None else heard)) as port:
            sender = HttpSender(reaches_private=private)
            try:
                return await sender(Push(url=f"http://{host}:{port}/hook?x=y", headers=(("X-A", "b"),), body=b"{}"))
            finally:
                await sender.close()

    return asyncio.run(run())


OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def test_a_post_with_its_headers() -> None:
    heard: list[bytes] = []
    assert sent(OK, heard=heard).status == 202
    (request,) = heard
    assert request.startswith(b"POST /hook?x=y HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nX-A: b\r\n" in request
    assert request.endswith(b"\r\n\r\n{}")


def test_an_answer_leads_nowhere() -> None:
    heard: list[bytes] = []
    raw = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1/elsewhere\r\nContent-Length: 0\r\n\r\n"
    assert sent(raw, heard=heard).status == 307
    assert len(heard) == 1


def test_of_a_long_answer_the_beginning_is_read() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000
    answer = sent(raw)
    assert (answer.status, answer.content_type, answer.body) == (200, "text/plain", b"x" * MOST_BODY_BYTES)


def test_what_is_no_answer() -> None:
    with pytest.raises(Undelivered, match="refused"):
        sent(b"SSH-2.0-x\r\n\r\n\r\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_for_the_world_does_not_ask_its_own_machine(host: str) -> None:
    heard: list[bytes] = []
    with pytest.raises(Undelivered, match="forbidden"):
        sent(OK, private=False, host=host, heard=heard)
    assert heard == []


def test_http_stays_on_this_machine_whatever_a_name_means(monkeypatch: pytest.MonkeyPatch) -> None:
    async def elsewhere(host: str, port: int) -> list[addresses.Address]:
        return [ipaddress.ip_address("10.0.0.1")]

    monkeypatch.setattr(senders, "_addresses", elsewhere)
    with pytest.raises(Undelivered, match="forbidden"):
        sent(OK, host="localhost")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another address a moment later is not asked again."""
    asked: list[str] = []

    async def named(host: str, port: int) -> list[addresses.Address]:
        asked.append(host)
        return [ipaddress.ip_address("127.0.0.1")]

    monkeypatch.setattr(senders, "_addresses", named)
    assert sent(OK, host="hooks.localhost").status == 202
    assert asked == ["hooks.localhost"]


def test_nobody_waits_longer_than_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "DEADLINE_SECONDS", 0.05)
    with pytest.raises(Undelivered, match="timeout"):
        sent(b"HTTP/1.1 200 OK\r\n")


def test_a_push_may_have_less_time_and_never_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(seconds: float) -> None:
        async with receiver(answering(b"HTTP/1.1 200 OK\r\n", [])) as port:
            sender = HttpSender(reaches_private=True)
            try:
                await sender(Push(url=f"http://127.0.0.1:{port}/", seconds=seconds))
            finally:
                await sender.close()

    with pytest.raises(Undelivered, match="timeout"):
        asyncio.run(run(0.05))
    monkeypatch.setattr(senders, "DEADLINE_SECONDS", 0.05)
    with pytest.raises(Undelivered, match="timeout"):
        asyncio.run(run(1e9))


def test_a_port_where_nobody_is() -> None:
    async def run() -> None:
        async with receiver(answering(OK, [])) as port:
            pass
        sender = HttpSender(reaches_private=True)
        try:
            await sender(Push(url=f"http://127.0.0.1:{port}/"))
        finally:
            await sender.close()

    with pytest.raises(Undelivered, match="refused"):
        asyncio.run(run())


def test_connections_are_used_again() -> None:
    connections = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await answering(OK, [])(reader, writer)

    async def run() -> None:
        async with receiver(counted) as port:
            sender = HttpSender(reaches_private=True)
            for _ in range(5):
                assert (await sender(Push(url=f"http://127.0.0.1:{port}/"))).status == 202
            await sender.close()

    asyncio.run(run())
    assert connections == 1


def test_an_answer_may_end_with_its_connection() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello")
        writer.close()

    assert with_server(serve) == [Answer(200, "text/plain", b"hello")]


def test_what_comes_before_an_answer_is_none() -> None:
    assert sent(b"HTTP/1.1 102 Processing\r\n\r\n" + OK).status == 202


def test_a_head_has_an_end() -> None:
    with pytest.raises(Undelivered, match="refused"):
        sent(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000)


def test_a_connection_that_was_closed_while_it_rested_is_made_again() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
        writer.close()  # without an answer to the second request

    assert [one.status for one in with_server(once, times=2)] == [202, 202]


def test_what_nobody_asked_for_ends_a_connection() -> None:
    assert [one.status for one in with_server(answering(OK + OK, []), times=3)] == [202] * 3


def test_a_header_is_one_line() -> None:
    async def run() -> None:
        await HttpSender(reaches_private=True)(Push(url="http://127.0.0.1:9/", headers=(("X-A", "b\r\nX-B: c"),)))

    with pytest.raises(Undelivered, match="refused"):
        asyncio.run(run())


def with_server(serve: Serve, *, times: int = 1) -> list[Answer]:
    async def run() -> list[Answer]:
        async with receiver(serve) as port:
            sender = HttpSender(reaches_private=True)
            found = [await sender(Push(url=f"http://127.0.0.1:{port}")) for _ in range(times)]
            await sender.close()
            return found

    return asyncio.run(run())
