"""What goes wrong on purpose, done to notifications: `faults.py` says which, and how."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rsvpd import log
from rsvpd.clock import Clock
from rsvpd.delivery.sender import DEADLINE_SECONDS
from rsvpd.dialects.push import Answer, Push, Sender, Undelivered
from rsvpd.faults import Effect, Fault, Faults

_log = log.get(__name__)


class FaultySender:
    """Sends as `sender` does, but for what the rules of `board` are about; `close` lets go of connections."""

    def __init__(
        self,
        sender: Sender,
        board: Faults,
        clock: Clock,
        *,
        close: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sender = sender
        self._close = close
        self._board = board
        self._clock = clock
        self._sleep = sleep

    async def __call__(self, push: Push) -> Answer:
        """Send a POST and return the answer, or what a rule makes of it. Raises Undelivered."""
        fault = self._board.decide_webhook(push.url, self._clock()) if self._board.webhooks else None
        if fault is None:
            return await self._sender(push)
        _log.info("notification.fault", fault=fault.name, effect=fault.effect.value)
        return await self._send(fault, push)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._close()

    async def _send(self, fault: Fault, push: Push) -> Answer:
        if fault.seconds:
            patience = min(push.seconds, DEADLINE_SECONDS)
            await self._sleep(min(fault.seconds, patience))
            if fault.seconds >= patience:  # the receiver has it, and its answer comes too late
                await self._sender(push)
                raise Undelivered("timeout")
        match fault.effect:
            case Effect.ANSWER:
                return Answer(fault.status)
            case Effect.DROP:
                raise Undelivered("refused")
            case Effect.DROP_ANSWER:
                await self._sender(push)
                raise Undelivered("refused")
        return await self._sender(push)
