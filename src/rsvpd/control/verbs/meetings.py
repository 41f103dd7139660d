"""Verbs about meetings."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from rsvpd.commands.story import story
from rsvpd.control.about import About
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.everywhere import of_all
from rsvpd.control.timeline import Requested, Timeline, timeline
from rsvpd.control.workers import Moments


async def show_timeline(desk: Desk, uid: str) -> Timeline:
    """Return all that is known of a meeting, named by its UID or its subject: requests, messages, answers, copies."""
    found = await desk.store(story, uid)
    asked = await of_all(desk, Moments(await run_in_threadpool(About.of, found)), Requested)
    return await run_in_threadpool(timeline, found, tuple(asked.values()), desk.clock())


VERBS = (Verb("GET", "/meetings/{uid}/timeline", show_timeline, patience_seconds=None),)
