"""Verbs that fill mailboxes: with what a file says, or with a company that is made up."""

from __future__ import annotations

from rsvpd.control.desk import Desk, Verb
from rsvpd.control.seeds.files import MOST_BYTES
from rsvpd.control.seeds.tell import Told


async def seed(desk: Desk, body: str) -> Told:
    """Let what a text in YAML or JSON says have happened: all of it, or nothing where something of it cannot be."""
    from rsvpd.control.seeds.reading import tell_seed  # here, since YAML is read by few

    return await desk.store(tell_seed, body, desk.clock())


VERBS = (Verb("POST", "/seed", seed, 201, limit=MOST_BYTES, patience_seconds=None),)
