"""Streams that tell how far a mailbox is: over a store, without a server around them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from rsvpd.commands.door import writes
from rsvpd.commands.people import add_person, remove_person
from rsvpd.control.live import Live, Stream
from rsvpd.identity.tokens import Tokens
from rsvpd.store import changes
from rsvpd.store.changes import ChangeKind
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit
from rsvpd.store.tx import Tx

NOW = 1_790_000_000_000_000
PATIENCE_SECONDS = 60


class Town:
    """A store with two people, and streams over it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.tokens = Tokens(store.signing_key, store.tenant)
        self.people = {
            name: store.run(add_person, f"{name}@example.com", now=NOW) for name in ("alice", "bob")
        }  # fmt: skip
        self.live = Live(store, self.tokens, lambda: self.now, most=2, heartbeat=0.01)

    def bearer(self, name: str) -> str:
        return f"Bearer {self.tokens.issue(self.people[name], now=NOW, lifetime_seconds=60)}"

    async def stream(self, name: str) -> tuple[Stream, AsyncIterator[bytes]]:
        reply = await self.live.follow(self.bearer(name))
        return reply._stream, reply.body_iterator

    async def change(self, name: str) -> None:
        """Make a change of somebody's mailbox."""
        await self.store(touch, self.people[name].number)


@writes
def touch(tx: Tx, mailbox: int) -> None:
    changes.record_change(tx, mailbox, changes.SETTINGS, ChangeKind.SETTINGS_CHANGED)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    store = Store.open(tmp_path / "t.db")
    yield Town(store)
    store.close()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scene(), PATIENCE_SECONDS)

    asyncio.run(bounded())


async def told(lines: AsyncIterator[bytes]) -> dict[str, Any]:
    """Return the next event, past comments."""
    async for line in lines:
        if line.startswith(b"data: "):
            found: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
            return found
    raise AssertionError("the stream is over")


def test_it_says_how_far_the_mailbox_is_and_then_each_change(town: Town) -> None:
    async def scene() -> None:
        _, lines = await town.stream("bob")
        first = await told(lines)
        assert first["mailbox"] == "bob@example.com"
        for _ in range(3):
            await town.change("bob")
            await town.change("alice")
        assert await told(lines) == first | {"change": first["change"] + 3}
        assert await anext(lines) == b": still here\n\n"
        town.store._notify_listeners(Commit(is_anything=True))  # as after a snapshot was restored
        assert await told(lines) == first | {"change": first["change"] + 3}

    play(scene)


def test_without_streams_nothing_hears_of_commits(town: Town) -> None:
    async def scene() -> None:
        assert town.store._listeners == []
        one, _ = await town.stream("bob")
        other, _ = await town.stream("alice")
        assert len(town.store._listeners) == 1
        for stream in (one, other):
            town.live.end(stream)
        assert (town.store._listeners, len(town.live)) == ([], 0)

    play(scene)


def test_so_many_and_no_more(town: Town) -> None:
    async def scene() -> None:
        one, _ = await town.stream("bob")
        await town.stream("bob")
        with pytest.raises(HTTPException, match="2 streams") as refused:
            await town.stream("bob")
        assert refused.value.status_code == 503
        town.live.end(one)
        await town.stream("bob")

    play(scene)


def test_it_ends_with_its_token_its_person_and_the_server(town: Town) -> None:
    async def scene() -> None:
        _, lines = await town.stream("bob")
        await told(lines)
        town.now = NOW + 61_000_000
        assert [line async for line in lines if line.startswith(b"data")] == []
        town.now = NOW
        one, lines = await town.stream("alice")
        await told(lines)
        await town.store(remove_person, "alice@example.com")
        assert [line async for line in lines if line.startswith(b"data")] == []
        town.live.end(one)
        _, lines = await town.stream("bob")
        town.live.close()
        assert [line async for line in lines if line.startswith(b"data")] == []
        with pytest.raises(HTTPException) as refused:
            await town.stream("bob")
        assert refused.value.status_code == 503

    play(scene)


@pytest.mark.parametrize("shown", [None, "Bearer x", "Basic abc", "Bearer"])
def test_a_token_of_this_server_is_needed(town: Town, shown: str | None) -> None:
    async def scene() -> None:
        with pytest.raises(HTTPException) as refused:
            await town.live.follow(shown)
        assert refused.value.status_code == 401
        assert len(town.live) == 0

    play(scene)


def test_an_application_has_no_mailbox(town: Town) -> None:
    async def scene() -> None:
        token = town.tokens.issue_to_application("app", "oid", roles=("Mail.Read",), now=NOW)
        with pytest.raises(HTTPException) as refused:
            await town.live.follow(f"Bearer {token}")
        assert refused.value.status_code == 403

    play(scene)
