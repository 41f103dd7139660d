"""Verbs about meetings."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from rsvpd.commands.story import story
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.timeline import Timeline, timeline


async def show_timeline(desk: Desk, uid: str) -> Timeline:
    """Return all that is known of a meeting, named by its UID or its subject: requests, messages, answers, copies."""
    found = await desk.store(story, uid)
    entries = tuple(desk.journal or ())
    return await run_in_threadpool(timeline, found, entries, desk.clock())


VERBS = (Verb("GET", "/meetings/{uid}/timeline", show_timeline, patience_seconds=None),)
