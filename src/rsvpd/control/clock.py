"""The server's clock as an administrator steers it: frozen, set, running on, or let go on through all that falls due.

How it is steered is kept with the data: a restart goes on with it, and so does a snapshot that is put back.
Whoever steers waits for whoever steers already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from rsvpd.clock import Clock, Instant, Steered, SteeredClock, parse_instant, parse_span, system_clock, to_text
from rsvpd.commands import clock as commands
from rsvpd.commands.clock import Expired
from rsvpd.delivery.tasks import repeat, under_way, wake
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.subscription import Subscription
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

MOST_TOLD = 1_000
# How long work may go on at one instant before it counts as work without an end.
PATIENCE_SECONDS = 60.0
FIRST, LAST = parse_instant("1971-01-01"), parse_instant("3000-01-01")

_MOMENT = 1_000_000
_HOW = "An instant is written like 2026-12-07T08:00:00Z, or from now on like +2h or -1d12h."
_BACK = (
    "That is before {now}, which the clock shows: tokens that were issued since are not good yet then, what was made"
    " or answered since lies in the future, and what expired stays expired. Say so (`back`, --back) to set it all the"
    " same, or put back a snapshot."
)
_NO_SERVER = (
    "Time passes step by step in a server that runs as one process: start it, or set the clock. Over a database ask the"
    " server itself (`POST /_rsvpd/clock/advance`)."
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


class Happened(Struct, frozen=True, kw_only=True):
    """What happened while time passed: when, a word for what it was, and a sentence."""

    at: str
    what: str
    text: str


class Advanced(Struct, frozen=True, kw_only=True):
    """From when to when the clock went, and what happened in its order; `more` counts what is not told.

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
    themselves; None where no server runs.
    """

    def __init__(
        self,
        store: Store,
        clock: SteeredClock,
        *,
        settle: Callable[[], Awaitable[Sequence[str] | None]] | None = None,
        machine: Clock = system_clock,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settle = settle
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
            told = _Told()
            self._clock.hold(begin)
            try:
                is_settled = await self._pass(begin, begin + span, is_frozen=is_frozen, told=told)
                now = self._clock()
            finally:
                self._clock.steer(self._clock.steered)
        return Advanced(
            begin=to_text(begin), now=to_text(now), frozen=is_frozen, settled=is_settled, happened=told.first,
            more=told.more,
        )  # fmt: skip

    async def load(self) -> None:
        """Go on as the data say."""
        kept = await self._store(commands.kept_clock)
        if kept != self._clock.steered:
            self._clock.steer(kept)

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[None]:
        """Let nobody steer meanwhile, and go on in the end as the data say that are there then."""
        async with self._steering:
            try:
                yield
            finally:
                await self.load()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Go on as the data say whenever somebody else steered, as long as the context lasts."""
        loop, wanted = asyncio.get_running_loop(), asyncio.Event()

        def on_commit(commit: Commit) -> None:
            if commit.is_anything:
                wake(loop, wanted.set)

        with self._store.on_commit(on_commit):
            async with under_way(repeat(self._reload, wanted, failure="clock.failed")):
                yield

    async def _reload(self) -> bool:
        async with self.standing():
            return False

    @property
    def _is_frozen(self) -> bool:
        steered = self._clock.steered
        return steered is not None and steered.frozen is not None

    async def _pass(self, at: Instant, until: Instant, *, is_frozen: bool, told: _Told) -> bool:
        """Let time pass from one thing that is due to the next; return whether all of it came to an end."""
        if not await self._is_settled():
            return False
        while at < until:
            due = await self._store(commands.next_due, at, machine=self._machine())
            to = until if due is None else min(max(due, at + 1), until)
            since = self._machine()
            told.add(to, map(_expired, await self._move(to, is_frozen=is_frozen, passed=to - at, holds=True)))
            is_settled = await self._is_settled()
            told.add(to, (("persona", words) for words in self._acted))
            told.add_tried(to, await self._store(commands.tried_since, since))
            if not is_settled:
                return False
            at = to
        return True

    async def _move(self, to: Instant, *, is_frozen: bool, passed: int, holds: bool = False) -> list[Expired]:
        """Let the clock show `to`, where it stands if it `holds`; return what expired by then."""
        steered = Steered(frozen=to) if is_frozen else Steered(ahead=to - self._machine())
        ended = await self._store(commands.move_clock, steered, now=to, passed=passed)
        self._clock.steer(steered)
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


class _Told:
    """What happened, the first of it in words."""

    def __init__(self) -> None:
        self.first: list[Happened] = []
        self.more = 0
        self._tried: dict[tuple[int, str], tuple[int, int]] = {}

    def add_tried(self, at: Instant, found: Iterable[tuple[str, Subscription]]) -> None:
        """Note what was sent; the last message of each may have been noted with what came before."""
        for mailbox, one in found:
            key, state = (one.mailbox, one.id), (one.sent, one.failures)
            if self._tried.get(key) != state:
                self._tried[key] = state
                self.add(at, [_tried(mailbox, one)])

    def add(self, at: Instant, found: Iterable[tuple[str, str]]) -> None:
        """Note words for what happened."""
        for what, text in found:
            if len(self.first) < MOST_TOLD:
                self.first.append(Happened(at=to_text(at), what=what, text=text))
            else:
                self.more += 1


def _expired(one: Expired) -> tuple[str, str]:
    if one.subscription is None:
        return "upload-expired", f"The upload of {one.file} to the mailbox of {one.mailbox} expired."
    return "subscription-expired", f"{_subscription(one.mailbox, one.subscription)} expired."


def _tried(mailbox: str, one: Subscription) -> tuple[str, str]:
    where = f"{_subscription(mailbox, one)}: {one.origin} was told and answered {one.answered}"
    if one.failures:
        return "notification-failed", f"{where}; it is told again."
    return "notification", f"{where}."


def _subscription(mailbox: str, one: Subscription) -> str:
    return f"The subscription {one.terms.label or one.id} to the {one.terms.topic.name.lower()} of {mailbox}"


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
        raise InvalidProperty(
            f"'{text:.80}' is no span of time: it is written like 2h, 1d12h, 90s or PT2H30M.", target="by"
        ) from None
    if not span:
        raise InvalidProperty("The clock goes on by something.", target="by")
    return span


def _check_range(instant: Instant) -> None:
    if not FIRST <= instant < LAST:
        raise InvalidProperty(f"The clock goes from {to_text(FIRST)} to {to_text(LAST)}.", target="now")
