"""Tells subscribers what happened in mailboxes: at least once, in order, and nobody waits for it.

A commit says in which mailboxes something changed. Of those that somebody subscribed to, messages are claimed, sent
beside each other and settled together, each in transactions of their own: what changed a mailbox knows nothing of it.

Rule 1: a signal is a hint. One that is lost costs time, as all mailboxes are looked at now and then.
Rule 2: no more is claimed than can be sent at once, so that a claim outlives the sending.
Rule 3: a receiver that is slow holds a part of the places, never all: `MOST_FOR_ONE` and what was claimed with it.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from msgspec import Struct, structs

from rsvpd import log
from rsvpd.clock import Clock, Instant
from rsvpd.commands.notifications import Claim, Notification, claim, expire, free_all, settle, subscribed_mailboxes
from rsvpd.delivery.tasks import go_on, under_way, wake
from rsvpd.dialects.push import Publisher, Sender, Undelivered
from rsvpd.errors import Unavailable
from rsvpd.mail.subscription import Subscription, Verdict, after_try
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

MOST, MOST_FOR_ONE, CLAIMED_AT_ONCE = 256, 32, 64
# A message is sent within ten seconds; whoever holds one longer than this is gone.
LEASE_SECONDS = 20
LOOK_SECONDS = 10
_SECOND = 1_000_000

_log = log.get(__name__)


class Clocks(Struct, frozen=True):
    """The server's clock, by which subscriptions expire, and the machine's, by which is waited."""

    server: Clock
    machine: Clock


class _Settled(Struct, frozen=True):
    """A subscription after a message of it, the lease that it was sent under, and how far the mailbox was then."""

    subscription: Subscription
    lease: str
    newest: int


class Notifier:
    """The work. `publishers` are the dialects' by their names. Everything but `hear` is for the event loop's thread."""

    def __init__(self, store: Store, publishers: Mapping[str, Publisher], send: Sender, clocks: Clocks) -> None:
        self._store = store
        self._publishers = publishers
        self._send = send
        self._clocks = clocks
        self._name = secrets.token_hex(8)
        self._leases = itertools.count(1)
        self._listened: set[int] = set()
        self._fresh: set[int] = set()  # those that a look under way may not have seen
        self._heard: dict[int, int] = {}  # the newest changes that commits told of
        self._waiting: dict[int, None] = {}  # mailboxes to look at, in their order
        self._held_up: set[int] = set()  # mailboxes with messages for origins that are busy
        self._later: list[tuple[Instant, int]] = []  # when to look at a mailbox
        self._look_due: Instant = 0
        self._places: Counter[str] = Counter()
        self._sending: set[asyncio.Task[None]] = set()
        self._settled: list[_Settled] = []
        self._wanted = asyncio.Event()
        self._turning = asyncio.Lock()  # whoever settles knows then all that was claimed

    def concerns(self, commit: Commit) -> bool:
        """Return whether a commit is anything to look at. From whatever thread."""
        return commit.is_anything or bool(commit.subscribed) or not self._listened.isdisjoint(commit.newest)

    def hear(self, commit: Commit) -> None:
        """Note where something changed."""
        if commit.is_anything:
            self._look_due = 0
        if commit.subscribed:
            self._fresh.update(commit.subscribed)
            self._listened = self._listened | self._fresh  # as a whole: other threads read it
            self._waiting.update(dict.fromkeys(commit.subscribed))
        for mailbox in self._listened & commit.newest.keys():
            self._heard[mailbox] = max(self._heard.get(mailbox, 0), commit.newest[mailbox])
            self._waiting[mailbox] = None
        self._wanted.set()

    async def begin(self) -> None:
        """Take up what the process before this one left, where there was only one."""
        if self._store.engine.path is not None:
            await self._store(free_all)

    async def work(self) -> None:
        """Tell until cancelled. What goes wrong is tried again."""
        has_begun = False

        async def turn() -> None:
            nonlocal has_begun
            if not has_begun:
                await self.begin()
                has_begun = True
            await self.turn()
            await self._wait()

        await go_on(turn, failure="notifications.failed")

    async def turn(self) -> None:
        """Do all that can be done now without waiting for a receiver."""
        async with self._turning:
            self._wanted.clear()
            await self._settle()
            now = self._clocks.machine()
            if now >= self._look_due:
                await self._look()
            while self._later and self._later[0][0] <= now:
                self._waiting[heapq.heappop(self._later)[1]] = None
            while self._waiting and len(self._sending) < MOST:
                await self._claim(next(iter(self._waiting)))

    async def drain(self) -> None:
        """Go on until nothing is left that is due; for tests, and whoever waits for that."""
        await self.turn()
        while self._sending or self._settled:  # what was begun in a turn may be over before it ends
            if self._sending:
                await asyncio.wait(self._sending)
            await self.turn()

    async def settle(self) -> None:
        """Look at all mailboxes and go on until nothing is left that is due, beside `work`."""
        self._look_due = 0
        try:
            await self.drain()
        finally:
            self._wanted.set()  # what there is to wait for may be another by now

    async def close(self) -> None:
        """Stop sending; what has not arrived is sent again by whoever comes next."""
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        with suppress(Unavailable):
            await self._settle()

    async def _wait(self) -> None:
        until = min(self._look_due, self._later[0][0]) if self._later else self._look_due
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0, until - self._clocks.machine()) / _SECOND):
                await self._wanted.wait()

    async def _look(self) -> None:
        """Find out who listens, and what nobody told of."""
        self._fresh.clear()
        found = await self._store(subscribed_mailboxes, self._clocks.server())
        now = self._clocks.machine()
        self._look_due = now + LOOK_SECONDS * _SECOND
        self._listened = self._fresh.union(one.mailbox for one in found)
        self._heard = {mailbox: newest for mailbox, newest in self._heard.items() if mailbox in self._listened}
        self._later = []
        for one in found:
            if one.has_expired:
                await self._store(expire, one.mailbox, self._clocks.server())
            if one.due is not None:
                heapq.heappush(self._later, (one.due, one.mailbox))

    async def _claim(self, mailbox: int) -> None:
        now = self._clocks.machine()
        busy = frozenset(origin for origin, count in self._places.items() if count >= MOST_FOR_ONE)
        lease = f"{self._name}-{next(self._leases)}"
        most = min(CLAIMED_AT_ONCE, MOST - len(self._sending))
        until = now + LEASE_SECONDS * _SECOND
        asked = Claim(
            mailbox=mailbox, lease=lease, at=now, until=until, now=self._clocks.server(), most=most, busy=busy
        )  # fmt: skip
        self._waiting.pop(mailbox, None)
        try:
            found = await self._store(claim, asked)
        except BaseException:
            self._waiting[mailbox] = None
            raise
        for one in found.messages:
            self._begin_sending(one)
        if not found.is_all:
            self._waiting[mailbox] = None
        elif any(self._places[origin] >= MOST_FOR_ONE for origin in busy):
            self._held_up.add(mailbox)
        elif busy:  # a place was left meanwhile
            self._waiting[mailbox] = None

    def _begin_sending(self, one: Notification) -> None:
        origin = one.subscription.origin
        self._places[origin] += 1
        task = asyncio.get_running_loop().create_task(self._tell(one))
        self._sending.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._sending.discard(task)
            self._leave(origin)
            self._wanted.set()

        task.add_done_callback(done)

    def _leave(self, origin: str) -> None:
        was_busy = self._places[origin] >= MOST_FOR_ONE
        self._places[origin] -= 1
        if not self._places[origin]:
            del self._places[origin]
        if was_busy and self._places[origin] < MOST_FOR_ONE:
            self._waiting.update(dict.fromkeys(self._held_up))
            self._held_up.clear()

    async def _tell(self, one: Notification) -> None:
        stored = one.subscription
        try:
            verdict, answered = await self._try(one)
        except asyncio.CancelledError:
            self._settled.append(_Settled(structs.replace(stored, lease="", leased=0), stored.lease, one.newest))
            raise
        now = self._clocks.machine()
        notices = max(1, len(one.notices))
        settled = after_try(stored, verdict, answered=answered, now=now, notices=notices)
        if verdict is not Verdict.ARRIVED:
            gives_up = not settled.failures
            _log.info("notification.refused", id=stored.id, answered=answered, failures=stored.failures + 1,
                      gives_up=gives_up)  # fmt: skip
        self._settled.append(_Settled(settled, stored.lease, one.newest))

    async def _try(self, one: Notification) -> tuple[Verdict, str]:
        """Return what is to become of a message, and what came of it in a word."""
        publisher = self._publishers[one.subscription.dialect]
        try:
            answer = await self._send(await publisher.push(one))
        except Undelivered as fault:
            return publisher.verdict(None), str(fault)
        except Unavailable:  # of this server, which has not read what is to be told
            return Verdict.AGAIN, "busy"
        except Exception as fault:  # ours, and the receiver hears of everything else
            _log.failure("notification.failed", fault)
            return Verdict.AGAIN, "failed"
        return publisher.verdict(answer.status), str(answer.status)

    async def _settle(self) -> None:
        settled, self._settled = self._settled, []
        if not settled:
            return
        try:
            await self._store(settle, [(one.subscription, one.lease) for one in settled])
        except BaseException:
            self._settled = settled + self._settled
            raise
        for one in settled:  # only now is it free to be claimed again
            self._plan(one)

    def _plan(self, one: _Settled) -> None:
        """Look at a mailbox again where somebody is to be told more of it, or the same later."""
        mailbox = one.subscription.mailbox
        if one.subscription.due:
            heapq.heappush(self._later, (one.subscription.due, mailbox))
        elif one.subscription.beside or one.subscription.reached < max(one.newest, self._heard.get(mailbox, 0)):
            self._waiting[mailbox] = None


@asynccontextmanager
async def background_notification(store: Store, notifier: Notifier) -> AsyncIterator[None]:
    """Tell subscribers in the background as long as the context lasts."""
    loop = asyncio.get_running_loop()

    def on_commit(commit: Commit) -> None:
        if notifier.concerns(commit):
            wake(loop, notifier.hear, commit)

    with store.on_commit(on_commit):
        try:
            async with under_way(notifier.work()):
                yield
        finally:
            await notifier.close()
