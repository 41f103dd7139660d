"""Verbs about what goes wrong on purpose."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool

from rsvpd.control.desk import Desk, Verb
from rsvpd.control.faults import Profiled, SetFault, describe_fault, fault_of
from rsvpd.errors import NotAllowed
from rsvpd.faults import Fault, Faults, Rule, check

_NONE_HERE = "Faults are of a server that runs: start `rsvpd up`, and set them then."


async def list_faults(desk: Desk) -> list[SetFault]:
    """Return the faults that are set, in the order in which they are asked."""
    return [_describe_rule(desk, rule) for rule in _board(desk).rules()]


async def add_fault(desk: Desk, body: dict[str, Any]) -> SetFault:
    """Set a fault: a rule, or one of the profiles by its name."""
    board, fault = _board(desk), fault_of(body)
    await run_in_threadpool(check, fault, desk.clock(), board.routes)
    return _describe_rule(desk, board.put(fault, desk.clock()))


async def remove_fault(desk: Desk, name: str) -> SetFault:
    """Take a fault away."""
    return describe_fault(_board(desk).remove(name), is_active=False)


async def clear_faults(desk: Desk) -> list[SetFault]:
    """Take all faults away."""
    return [describe_fault(rule, is_active=False) for rule in _board(desk).clear()]


def _board(desk: Desk) -> Faults:
    if desk.faults is None:
        raise NotAllowed(_NONE_HERE)
    return desk.faults


def _describe_rule(desk: Desk, rule: Rule) -> SetFault:
    return describe_fault(rule, is_active=not rule.is_over(desk.clock()))


VERBS = (
    Verb("GET", "/faults", list_faults),
    Verb("POST", "/faults", add_fault, 201, bodies=(Fault, Profiled)),
    Verb("DELETE", "/faults", clear_faults),
    Verb("DELETE", "/faults/{name}", remove_fault),
)
