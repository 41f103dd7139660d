"""A whole server in this process: a data file, all dialects, a clock that the test moves."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextvars import ContextVar, copy_context
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from rsvpd.clock import parse_instant
from rsvpd.commands.door import is_beside_a_change
from rsvpd.commands.people import add_person, people
from rsvpd.control import work
from rsvpd.dialects.push import Answer, Publisher, Push, Sender, discard
from rsvpd.dialects.wire import Request
from rsvpd.edge.dialects import all_dialects, publishers
from rsvpd.errors import Overloaded
from rsvpd.identity.clients import Clients
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.person import Person, PersonKind
from rsvpd.query.algebra import MailboxState
from rsvpd.signin import provider as signin
from rsvpd.signin.entra.validation import validation_tokens
from rsvpd.store.database import Store
from rsvpd.store.engine import WorkLimits
from rsvpd.store.fragments import Fragments
from rsvpd.store.tx import Rules
from support import validated
from support.checked import CheckedFragments
from support.engines import ON_POSTGRES, sqlite_of
from support.postgres import drop_database, new_database

ORIGIN = "http://rsvpd.test"
SECOND = 1_000_000

T = TypeVar("T")


class Reply(Struct, frozen=True):
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)

    @property
    def hint(self) -> str:
        """Return the hint, or an empty text."""
        return self.headers.get("x-rsvpd-hint", "")


class World:
    """People with mailboxes, and requests to them. The clock moves a second with every request.

    With `url` they are in that empty database, which is dropped in the end.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: str = "2026-11-23T08:00:00",
        rules: Rules | None = None,
        limits: WorkLimits | None = None,
        file: bytes | None = None,
        url: str = "",
        fragments: Callable[[], Fragments] = CheckedFragments,
    ) -> None:
        self.now = parse_instant(now)
        self.pace = SECOND  # how far the clock moves with every request
        self.path = folder / "world.db"
        self._url = url or (new_database() if ON_POSTGRES and file is None else "")
        self.people: dict[str, Person] = {}
        self.acting: dict[str, str] = {}  # who acts for whom: what the one would say, the other says instead
        self._rules = rules
        self._limits = limits
        self._fragments = fragments
        self._ids = itertools.count(1)
        self._runner = asyncio.Runner()
        if not self._url:
            self.path.write_bytes(_new_data_file() if file is None else file)
        self.send: Sender = discard  # what reaches receivers of notifications
        self._open()

    def know(self, *names: str) -> None:
        """Find people who are there already."""
        everybody = {one.address: one for one in self.store.run(people)}
        self.people |= {name: everybody[f"{name}@example.com"] for name in names}

    def add(self, name: str, *, zone: str = "UTC", kind: PersonKind = PersonKind.USER, online: str = "") -> Person:
        """Give `name`@example.com a mailbox."""
        address = f"{name}@example.com"
        person = self.store.run(
            add_person, address, name=name.title(), zone=zone, kind=kind, online=online, now=self.now
        )
        self.people[name] = person
        return person

    def token(self, name: str) -> str:
        """Return a fresh token of this person."""
        return self.tokens.issue(self.people[name], now=self.now)

    def request(
        self,
        who: str | None,
        method: str,
        url: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Reply:
        """Send a request as `who`; `url` is absolute or a path from the root."""
        self.now += self.pace
        if who in self.acting:
            url = url.replace("/me/", f"/users/{who}@example.com/", 1)
            url = url.replace("/calendars/primary/", f"/calendars/{who}@example.com/", 1)
            who = self.acting[who]
        parts = urlsplit(url)
        dialect = next(one for one in self.dialects if parts.path.startswith(one.prefix))
        sent = dict(headers or {})
        if who is not None:
            sent.setdefault("authorization", f"Bearer {self.token(who)}")
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        if content:
            sent.setdefault("content-type", "application/json")
        request = Request(
            method=method,
            origin=ORIGIN,
            mount=dialect.prefix,
            path=parts.path[len(dialect.prefix) :],
            query=parts.query,
            headers=sent,
            body=content,
            now=self.now,
            request_id=f"00000000-0000-4000-8000-{next(self._ids):012x}",
        )
        self._door.begin()
        response = self._runner.run(_awaited(dialect.answer(request)), context=copy_context())
        validated.check(request, response)
        return Reply(response.status, {k.lower(): v for k, v in response.headers}, response.body)

    def wait(self, awaited: Awaitable[T]) -> T:
        """Return what somebody awaits in the loop of this server."""
        return self._runner.run(_awaited(awaited))

    def fail_after_commits(self) -> None:
        """Let every read fail from now on that follows a COMMIT in its request."""
        self._door.is_over = True

    @property
    def commands(self) -> int:
        """Return how many commands the last request took."""
        return self._door.commands

    def reopen(self, *, file: bytes | None = None) -> None:
        """Close the data file and open it again, as a restart does; `file` is put in its place."""
        self.store.close()
        if file is not None:
            self.path.write_bytes(file)
        self._open()

    def close(self) -> None:
        """Close everything. Whatever a test did, the tables hold together."""
        try:
            assert work.run(work.examination(), self.store.run) == []
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close everything, in whatever state it is."""
        self.store.close()
        self._runner.close()
        if self._url:
            drop_database(self._url)

    def _open(self) -> None:
        place = self._url or self.path
        self.store = Store.open(place, rules=self._rules, limits=self._limits, fragments=self._fragments())
        if not self._url:
            # Nothing here survives a power cut; that is what tests/crash is for.
            sqlite_of(self.store).connection.execute("PRAGMA synchronous=OFF")
        self.rewire()

    def rewire(self) -> None:
        """Let the dialects speak over the store as it is now."""
        self.tokens = Tokens(self.store.signing_key, self.store.tenant)
        self._door = _Door(self.store)
        dialects = all_dialects(self._door, self.tokens, send=self._reach)
        self.dialects = sorted(dialects, key=lambda one: -len(one.prefix))


    def publishers(self) -> dict[str, Publisher]:
        """Return how each dialect tells its subscribers; what receivers check by their clocks goes by this one."""
        local = signin.Rules(is_local=True, token_lifetime_seconds=3600, key_rotation_days=90)
        self.provider = signin.Provider(
            self.store, self.tokens, Clients(), rules=local, key=self.store.signing_key, tenant=self.store.tenant,
            clock=lambda: self.now,
        )  # fmt: skip
        sign = validation_tokens(self.provider)
        return publishers(self.store, self.tokens, sign=sign, clock=lambda: self.now)

    async def _reach(self, push: Push) -> Answer:
        return await self.send(push)


def lend_world(folder: Path, *names: str) -> Iterator[World]:
    """Yield a world in which these people have mailboxes, and close it."""
    made = World(folder)
    for name in names:
        made.add(name)
    yield made
    made.close()


@cache
def _new_data_file() -> bytes:
    """Return a data file without people. It is made once: a schema takes as long as a test."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        Store.open(path).close()
        return path.read_bytes()


# Each request of a batch is one of its own: what it sets here ends with it.
_has_written: ContextVar[bool] = ContextVar("has_written", default=False)


class _Door:
    """The store, which in one request reads nothing once something has been committed, but what may be left out.

    A read may fail, and nothing that happens after a COMMIT may turn success into an error. With `is_over` every read
    after a COMMIT does fail.
    """

    is_over = False

    def __init__(self, store: Store) -> None:
        self._store = store
        self.commands = 0

    def begin(self) -> None:
        self.commands = 0

    async def __call__(self, command: Any, /, *args: Any, **more: Any) -> Any:
        if _has_written.get():
            assert is_beside_a_change(), f"{command.__name__} after a COMMIT"
            if self.is_over:
                raise Overloaded
        self.commands += 1
        done = await self._store(command, *args, **more)
        marks = command.__dict__
        _has_written.set(_has_written.get() or (marks["writes"] and "derives" not in marks))
        return done

    def recall(self, owner: str, asked: Hashable) -> Any:
        return self._store.recall(owner, asked)

    def keep(self, owner: str, asked: Hashable, state: MailboxState, reply: Any, size: int) -> None:
        self._store.keep(owner, asked, state, reply, size)


async def _awaited(answer: Awaitable[T]) -> T:
    return await answer
