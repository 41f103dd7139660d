"""What goes wrong on purpose with notifications: they do not come, come and are not answered, or are refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rsvpd.control.faults import fault_of
from rsvpd.delivery.faults import FaultySender
from rsvpd.dialects.push import Answer, Push, Undelivered
from rsvpd.faults import Faults


@pytest.mark.parametrize(
    ("rule", "outcome", "came"),
    [
        ({"effect": "drop"}, "refused", 0),
        ({"effect": "drop-answer"}, "refused", 1),
        ({"effect": "delay", "seconds": 2}, 202, 1),
        ({"effect": "delay", "seconds": 60}, "timeout", 1),
        ({"effect": "answer", "status": 410}, 410, 0),
        ({"effect": "drop", "url": "https://elsewhere.example"}, 202, 1),
    ],
    ids=str,
)
def test_what_becomes_of_a_notification(rule: dict[str, Any], outcome: int | str, came: int) -> None:
    pushes: list[Push] = []
    waited: list[float] = []

    async def receiver(push: Push) -> Answer:
        pushes.append(push)
        return Answer(202)

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def nothing() -> None:
        pass

    async def sent(send: FaultySender) -> int | str:
        try:
            return (await send(Push(url="https://a.example/told"))).status
        except Undelivered as wrong:
            return str(wrong)

    board = Faults()
    board.add(fault_of({"name": "a", "webhooks": True, "times": 1} | rule), 0)
    send = FaultySender(receiver, board, lambda: 1, close=nothing, sleep=sleep)
    assert asyncio.run(sent(send)) == outcome
    assert len(pushes) == came
    assert sum(waited) <= 10
    assert asyncio.run(sent(send)) == 202
