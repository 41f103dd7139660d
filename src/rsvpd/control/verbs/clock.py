"""Verbs about the server's clock."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from rsvpd.control.clock import Advanced, ClockView
from rsvpd.control.desk import Desk, Verb


class ClockSetting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the clock is to go; what is left out stays as it is. `back` lets it go back."""

    now: Annotated[str | None, Meta(description="an ISO 8601 instant, or +2h or -1d from what it shows")] = None
    frozen: bool | None = None
    back: bool = False


class Passage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much time is to pass."""

    by: Annotated[str, Meta(description="2h, 1d12h, 90s, or a duration of ISO 8601 like PT2H30M")]


async def show_clock(desk: Desk) -> ClockView:
    """Return what the server's clock shows, and how it goes."""
    return desk.time.show()


async def set_clock(desk: Desk, body: ClockSetting) -> ClockView:
    """Set the server's clock, freeze it, or let it run on."""
    return await desk.time.set(body.now, frozen=body.frozen, back=body.back)


async def let_clock_go(desk: Desk, back: bool = False) -> ClockView:
    """Let the server's clock go as if nobody had ever steered it."""
    return await desk.time.let_go(back=back)


async def advance_clock(desk: Desk, body: Passage) -> Advanced:
    """Let time pass: what falls due on the way happens in its order, each at its own instant."""
    return await desk.time.advance(body.by)


VERBS = (
    Verb("GET", "/clock", show_clock),
    Verb("PUT", "/clock", set_clock, patience_seconds=None),
    Verb("DELETE", "/clock", let_clock_go, patience_seconds=None),
    Verb("POST", "/clock/advance", advance_clock, patience_seconds=None),
)
