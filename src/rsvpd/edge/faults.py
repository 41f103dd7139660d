"""What goes wrong on purpose, done to requests: `faults.py` says which, and how."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import format_datetime

from msgspec import structs
from starlette.types import Message, Send

from rsvpd import faults, log
from rsvpd.clock import Clock, system_clock, to_datetime
from rsvpd.dialects import batch
from rsvpd.dialects.batch import FrontDoor, Refuse
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.connection import end_connection
from rsvpd.errors import FaultOnPurpose, RsvpdError, TokenExpired
from rsvpd.faults import Effect, Fault, FaultDecision, Faults, RequestFacts, RetryAfterForm

Authenticate = Callable[[Request], object]

_SECOND = 1_000_000
# An answer that comes bit by bit comes in so many at most; a small one byte by byte.
_MOST_BITS = 500


class FaultDoer:
    """Does what the rules of `board` say. Dates of Retry-After are by `wall_clock`, as clients have it."""

    def __init__(
        self,
        board: Faults,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        wall_clock: Clock = system_clock,
    ) -> None:
        self.board = board
        self._sleep = sleep
        self._wall_clock = wall_clock

    def decide(
        self, request: Request, interface: str, authenticate: Authenticate, *, path: str = "", is_part: bool = False
    ) -> FaultDecision:
        """Return what to do to a request, or to one inside a batch; rules may know it by another `path` than its own.

        Who asks is looked at where a rule asks for it.
        """
        if self.board.asks_who:
            with suppress(RsvpdError):  # of nobody: that is told in its place
                authenticate(request)
        segments = faults.segments_of(path or request.path)
        asked = RequestFacts(interface, request.method, segments, log.person.get(), log.application.get(), is_part)
        return self.board.decide(asked, request.now)

    @contextmanager
    def inside(self, interface: str, authenticate: Authenticate) -> Iterator[None]:
        """Let the rules be asked for the requests of a batch as well that is answered meanwhile."""

        async def answer(request: Request, front_door: FrontDoor, refuse: Refuse) -> Response:
            decision = self.decide(request, interface, authenticate, is_part=True)
            try:
                return await self._answer_part(decision, request, front_door, refuse)
            finally:
                self.board.end(decision)

        before = batch.around.set(answer)
        try:
            yield
        finally:
            batch.around.reset(before)

    async def _answer_part(
        self, decision: FaultDecision, request: Request, front_door: FrontDoor, refuse: Refuse
    ) -> Response:
        fault = decision.fault
        if fault is None:
            return await front_door(request)
        await self.wait(fault)
        error = error_of(fault)
        response = await front_door(request) if error is None else refuse(request, error)
        return structs.replace(response, headers=(*response.headers, *self.headers(fault, decision.retry_after)))

    async def wait(self, fault: Fault) -> None:
        """Wait as long as a rule says before anything else."""
        if fault.seconds and fault.effect is not Effect.TRICKLE:
            await self._sleep(fault.seconds)

    def headers(self, fault: Fault, retry_after: int | None) -> tuple[tuple[str, str], ...]:
        """Return the name of the rule, and Retry-After where it has one."""
        seconds = fault.retry_after if retry_after is None else retry_after
        name = (faults.HEADER, fault.name)
        if seconds is None or error_of(fault) is None:
            return (name,)
        if fault.retry_after_form is RetryAfterForm.SECONDS:
            return name, ("Retry-After", str(seconds))
        until = to_datetime(self._wall_clock() + seconds * _SECOND)
        return name, ("Retry-After", format_datetime(until.replace(microsecond=0), usegmt=True))

    def faulty_send(self, fault: Fault, send: Send) -> Send:
        """Return what an answer is sent with."""
        match fault.effect:
            case Effect.DROP_ANSWER:
                return _without_answer(send)
            case Effect.CUT:
                return _with_half_a_body(send)
            case Effect.TRICKLE:
                return self._in_trickles(send, fault.seconds)
        return send

    def _in_trickles(self, send: Send, seconds: float) -> Send:
        async def trickle(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or not body:
                return await send(message)
            size = -(-len(body) // _MOST_BITS)
            bits = [body[at : at + size] for at in range(0, len(body), size)]
            for bit in bits:
                await self._sleep(seconds / len(bits))
                await send({"type": "http.response.body", "body": bit, "more_body": True})
            return await send({"type": "http.response.body", "body": b""})

        return trickle


NO_FAULTS = FaultDoer(Faults())


def error_of(fault: Fault) -> RsvpdError | None:
    """Return what is answered in the place of what was asked for, or None where that is answered all the same."""
    match fault.effect:
        case Effect.ANSWER | Effect.LIMIT:
            return FaultOnPurpose(fault.status, fault.code)
        case Effect.EXPIRED_TOKEN:
            return TokenExpired()
    return None


def _without_answer(send: Send) -> Send:
    async def nothing(message: Message) -> None:
        end_connection(send)

    return nothing


def _with_half_a_body(send: Send) -> Send:
    """The head announces all of a body; half of it comes. What has no body ends without an answer."""
    head: list[Message] = []

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.append(message)
            return
        body = message.get("body", b"")
        if body:
            await send(head[0])
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        end_connection(send)

    return cut
