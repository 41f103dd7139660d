"""Verbs that fill mailboxes: with what a file says, or with a company that is made up."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from rsvpd.control.desk import Desk, Verb
from rsvpd.control.reports import reporting
from rsvpd.control.seeds.company import Company, make_company
from rsvpd.control.seeds.files import MOST_BYTES
from rsvpd.control.seeds.tell import Told, tell


async def seed(desk: Desk, body: str) -> Told:
    """Let what a text in YAML or JSON says have happened: all of it, or nothing where something of it cannot be."""
    from rsvpd.control.seeds.reading import tell_seed  # here, since YAML is read by few

    with reporting() as report:
        return await desk.store.write_long(tell_seed, body, desk.clock(), report)


async def seed_company(desk: Desk, body: Company) -> Told:
    """Make a believable company of so many people and meetings; the same seed at the same instant makes the same."""
    now = desk.clock()
    with reporting() as report:
        return await desk.store.write_long(tell, await run_in_threadpool(make_company, body, now), now, report)


VERBS = (
    Verb("POST", "/seed", seed, 201, limit=MOST_BYTES, patience_seconds=None, tells_progress=True),
    Verb("POST", "/seed/company", seed_company, 201, patience_seconds=None, tells_progress=True),
)
