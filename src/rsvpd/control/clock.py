"""The server's clock as an administrator steers it: frozen, set, running on, or let go on through all that falls due.

How it is steered is kept with the data: a restart goes on with it, and so does a snapshot that is put back.
Whoever steers waits for whoever steers already.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from rsvpd.clock import Clock, ClockSteering, Instant, SteeredClock, parse_instant, parse_span, system_clock, to_text
from rsvpd.commands import clock as commands
from rsvpd.commands import moments, people
from rsvpd.commands.clock import ExpiredItem
from rsvpd.control import happened as words
from rsvpd.control.happened import MOST, ClockEvents, Happened
from rsvpd.delivery.tasks import repeat, under_way, wake
from rsvpd.errors import InvalidProperty, NotAllowed, WorkLimitExceeded
from rsvpd.identity.tokens import Claims
from rsvpd.mail.person import PersonKind
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

# How long work may go on at one instant before it counts as work without an end.
PATIENCE_SECONDS = 60.0
FIRST, LAST = parse_instant("1971-01-01"), parse_instant("3000-01-01")

_MOMENT = 1_000_000
_HOW = "An instant is written like 2026-12-07T08:00:00Z, or from now on like +2h or -1d12h."
_HOW_LONG = (
    "It is written like 2h, 1d12h, 90s or PT2H30M, in whole numbers; months and years have no length of their own, so"
    " write 30d or 52w. Nothing goes back by it: that is `set`."
)
_BACK = (
    "That is before {now}, which the clock shows: tokens that were issued since are not good yet then, what was made"
    " or answered since lies in the future, and what expired stays expired. Say so (`back`, --back) to set it all the"
    " same, or put back a snapshot."
)
_NO_SERVER = (
    "Time passes step by step in a server that runs, in one process: start `rsvpd up` without --workers, or `set` the"
    " clock. The server of another machine is asked over HTTP (`POST /_rsvpd/clock/advance`)."
)


class ClockView(Struct, frozen=True, kw_only=True):
    """What the clock shows, and how it goes.

    `steered` says whether somebody steered it; else it goes as the server was started. `ahead_seconds` is how far it is
    ahead of the machine's clock, less than nothing where it is behind.
    """

    now: str
    frozen: bool
    steered: bool
    ahead_seconds: float


class Advanced(Struct, frozen=True, kw_only=True):
    """From when to when the clock went, and what happened in its order; `more` counts what is not told.

    Of reminders that come after all that is told not each is counted.
    `settled` is false where work at `now` did not end: the clock stopped there.
    """

    begin: str
    now: str
    frozen: bool
    settled: bool
    happened: list[Happened]
    more: int


class Timekeeper:
    """Steers a clock. `settle` goes on until nothing is left that can be done now, and returns what people did by
    themselves; None where no server runs. `expired` returns the tokens that ran out after an instant and until another.
    """

    def __init__(
        self,
        store: Store,
        clock: SteeredClock,
        *,
        settle: Callable[[], Awaitable[Sequence[str] | None]] | None = None,
        expired: Callable[[Instant, Instant], Sequence[Claims]] | None = None,
        machine: Clock = system_clock,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settle = settle
        self._expired = expired
        self._machine = machine
        self._steering = asyncio.Lock()
        self._acted: Sequence[str] = ()

    def show(self) -> ClockView:
        """Return what the clock shows."""
        now, steered = self._clock(), self._clock.steered
        ahead = round((now - self._machine()) / _MOMENT, 3)
        return ClockView(
            now=to_text(now), frozen=self._is_frozen, steered=steered is not None, ahead_seconds=ahead
        )

    async def set(self, now: str | None, *, frozen: bool | None, back: bool) -> ClockView:
        """Let the clock show `now`, and stand or run from there; what is None stays as it is.

        What is due by then is done, all at that one instant. Raises InvalidProperty, and NotAllowed for an instant that
        is past unless `back`.
        """
        async with self._steering:
            before = self._clock()
            to = before if now is None else _instant(now, before)
            if to < before and not back:
                raise NotAllowed(_BACK.format(now=to_text(before)))
            is_frozen = self._is_frozen if frozen is None else frozen
            if now is not None or is_frozen != self._is_frozen:
                await self._move(to, is_frozen=is_frozen, passed=to - before)
                await self._is_settled()
            return self.show()

    async def let_go(self, *, back: bool) -> ClockView:
        """Let the clock go as if nobody had ever steered it. Raises NotAllowed as `set` does."""
        async with self._steering:
            before, free = self._clock(), self._clock.unsteered()
            if free < before - _MOMENT and not back:
                raise NotAllowed(_BACK.format(now=to_text(before)))
            await self._store(commands.keep_clock, None)
            self._clock.steer(None)
            self._clock.tell()
            await self._is_settled()
            return self.show()

    async def advance(self, by: str) -> Advanced:
        """Let time pass: what falls due on the way happens in its order, each at its own instant.

        Raises InvalidProperty, and NotAllowed where no server does it.
        """
        span = _span(by)
        if self._settle is None:
            raise NotAllowed(_NO_SERVER)
        async with self._steering:
            begin, is_frozen = self._clock(), self._is_frozen
            _check_range(begin + span)
            told = ClockEvents()
            self._clock.hold(begin)
            try:
                is_settled = await self._pass(begin, begin + span, is_frozen=is_frozen, told=told)
                now = self._clock()
            finally:
                self._clock.steer(self._clock.steered)
        await self._look_back(begin, now, told)
        happened, more = told.first()
        return Advanced(
            begin=to_text(begin), now=to_text(now), frozen=is_frozen, settled=is_settled, happened=happened, more=more
        )

    async def load(self) -> None:
        """Go on as the data say."""
        kept = await self._store(commands.stored_steering)
        if kept != self._clock.steered:
            self._clock.steer(kept)

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Let nobody steer meanwhile, and go on in the end as the data say that are there then."""
        async with self._steering:
            try:
                yield
            finally:
                await self.load()

    @asynccontextmanager
    async def follow_commits(self) -> AsyncIterator[None]:
        """Go on as the data say whenever somebody else steered, as long as the context lasts."""
        loop, wanted = asyncio.get_running_loop(), asyncio.Event()

        def on_commit(commit: Commit) -> None:
            if commit.is_anything:
                wake(loop, wanted.set)

        with self._store.on_commit(on_commit):
            async with under_way(repeat(self._reload, wanted, failure="clock.failed")):
                yield

    async def _reload(self) -> bool:
        async with self.hold():
            return False

    @property
    def _is_frozen(self) -> bool:
        steered = self._clock.steered
        return steered is not None and steered.frozen is not None

    async def _pass(self, at: Instant, until: Instant, *, is_frozen: bool, told: ClockEvents) -> bool:
        """Let time pass from one thing that is due to the next; return whether all of it came to an end."""
        if not await self._is_settled():  # what was due before is not told: nobody knows who was faster
            return False
        while at < until:
            due = await self._store(commands.next_due, at, machine=self._machine())
            to = until if due is None else min(max(due, at + 1), until)
            since = self._machine()
            told.add(to, map(words.expiry_words, await self._move(to, is_frozen=is_frozen, passed=to - at, holds=True)))
            challenged = await self._store(commands.challenged_subscriptions, at, to)
            told.add(to, (words.challenge_words(mailbox, one) for mailbox, one in challenged))
            is_settled = await self._is_settled()
            told.add(to, (("persona", text) for text in self._acted))
            told.add_tried(to, await self._store(commands.tried_subscriptions, since))
            if not is_settled:
                return False
            at = to
        return True

    async def _look_back(self, after: Instant, until: Instant, told: ClockEvents) -> None:
        """Note what came with the time that passed, and changed nothing."""
        replies = await self._store(moments.replies_between, after, until)
        told.add_all((one.at, words.reply_words(one)) for one in replies)
        ran_out = Counter((one.expires, one.upn or one.app_id) for one in (self._expired or _none)(after, until))
        told.add_all((at, words.tokens_expired(who, count)) for (at, who), count in ran_out.items())
        for person in await self._store(people.people):
            if person.kind is not PersonKind.USER:
                continue
            until = min(until, told.last or until)
            try:
                found = await self._store(moments.reminders_between, person, after, until, most=MOST)
            except WorkLimitExceeded:
                told.add(until, [words.unread(person.address)])
            else:
                told.add_all((one.at, words.reminder_words(one)) for one in found)

    async def _move(self, to: Instant, *, is_frozen: bool, passed: int, holds: bool = False) -> list[ExpiredItem]:
        """Let the clock show `to`, where it stands if it `holds`; return what expired by then."""
        steered = ClockSteering(frozen=to) if is_frozen else ClockSteering(ahead=to - self._machine())
        ended = await self._store(commands.move_clock, steered, now=to, passed=passed)
        self._clock.steer(steered)
        self._clock.tell()
        if holds:
            self._clock.hold(to)
        while more := await self._store(commands.end_expired, to):
            ended += more
        return ended

    async def _is_settled(self) -> bool:
        if self._settle is None:
            return True
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self._acted = await self._settle() or ()
        except TimeoutError:
            return False
        return True


def _none(after: Instant, until: Instant) -> Sequence[Claims]:
    return ()


def _instant(text: str, now: Instant) -> Instant:
    """Return an instant as somebody wrote it, from `now` on where it begins with a sign."""
    written = text.strip()
    try:
        if written[:1] in ("+", "-"):
            span = parse_span(written[1:])
            found = now + span if written[0] == "+" else now - span
        else:
            found = parse_instant(written)
    except (ValueError, OverflowError):
        raise InvalidProperty(f"'{text:.80}' is no instant. {_HOW}", target="now") from None
    _check_range(found)
    return found


def _span(text: str) -> int:
    try:
        span = parse_span(text)
    except ValueError:
        raise InvalidProperty(f"'{text:.80}' is no span of time. {_HOW_LONG}", target="by") from None
    return span


def _check_range(instant: Instant) -> None:
    if not FIRST <= instant < LAST:
        raise InvalidProperty(f"The clock goes from {to_text(FIRST)} to {to_text(LAST)}.", target="now")
