"""Who looks at a mailbox and is told at once when something changes: how far it is, and nothing else.

A stream holds one number, the newest, however many changes come before its reader takes it: a slow reader loses the
numbers between. What changed everybody asks the public interfaces (delta, sync tokens). Without streams nothing hears
of commits at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rsvpd.clock import Clock, Instant
from rsvpd.commands.door import Who
from rsvpd.commands.live import newest_change
from rsvpd.errors import NotAuthenticated, RsvpdError
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.person import Person
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

MOST = 64
HEARTBEAT_SECONDS = 15.0
# After so long a page that lost its stream asks for another one.
_RETRY = b"retry: 2000\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Stream:
    """One reader: how far it was told, and what wakes it."""

    def __init__(self, person: Person, who: Who, expires: Instant) -> None:
        self.person = person
        self.who = who
        self.expires = expires
        self.number = -1
        self.is_over = False
        self.wakes = asyncio.Event()


class Live:
    """The streams of this process, at most `most`. All but what a commit calls is called in the event loop's thread."""

    def __init__(
        self, store: Store, tokens: Tokens, clock: Clock, *, most: int = MOST, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._most = most
        self._heartbeat = heartbeat
        self._streams: set[Stream] = set()
        self._listening = ExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._streams)

    async def follow(self, authorization: str | None) -> StreamingResponse:
        """Return a stream of server-sent events for the mailbox of whose token it is. Raises HTTPException."""
        try:
            claims = self._tokens.verify(authorization, self._clock())
        except NotAuthenticated as wrong:
            raise HTTPException(401, wrong.message) from None
        if claims.is_application:
            raise HTTPException(403, "An application by itself has no mailbox to follow; show a person's token.")
        who = Who(claims.oid, None, self._clock())
        person, _ = await self._store(newest_change, who)
        if self._is_closed or len(self._streams) >= self._most:
            raise HTTPException(503, f"{self._most} streams are open already; close one.", {"Retry-After": "5"})
        return _Response(self, self._begin(Stream(person, who, claims.expires)))

    def close(self) -> None:
        """End all streams; their readers may ask for others when a server is there again."""
        self._is_closed = True
        for one in self._streams:
            one.is_over = True
            one.wakes.set()

    def end(self, stream: Stream) -> None:
        """Forget a stream, and with the last one stop hearing of commits."""
        self._streams.discard(stream)
        if not self._streams:
            self._listening.close()

    async def lines(self, stream: Stream) -> AsyncIterator[bytes]:
        """Yield what is sent to a reader until it is over: by its token, by us, or because the person is gone."""
        yield _RETRY
        stream.wakes.set()
        while not stream.is_over:
            try:
                await asyncio.wait_for(stream.wakes.wait(), self._heartbeat)
            except TimeoutError:
                if self._clock() >= stream.expires:
                    return
                yield b": still here\n\n"
                continue
            stream.wakes.clear()
            if stream.is_over:
                return
            try:
                stream.person, number = await self._store(newest_change, stream.who)
            except RsvpdError:
                return
            if number != stream.number:
                stream.number = number
                yield _event(stream.person.address, number)

    def _begin(self, stream: Stream) -> Stream:
        if not self._streams:
            self._loop = asyncio.get_running_loop()
            self._listening.enter_context(self._store.on_commit(self._hear))
        self._streams.add(stream)
        return stream

    def _hear(self, commit: Commit) -> None:
        """Called in whatever thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._wake, commit)

    def _wake(self, commit: Commit) -> None:
        for one in self._streams:
            mailbox = one.person.number
            if commit.is_anything:  # all may be another story, whose numbers begin anew
                one.number = -1
            if commit.is_anything or mailbox in commit.newest or mailbox in commit.removed:
                one.wakes.set()


class _Response(StreamingResponse):
    """A stream, which is forgotten however it ends, also before its first byte."""

    def __init__(self, live: Live, stream: Stream) -> None:
        super().__init__(live.lines(stream), media_type="text/event-stream", headers=_HEADERS)
        self._live = live
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._live.end(self._stream)


def _event(address: str, number: int) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode({"mailbox": address, "change": number})
