"""What the administrator asks a running server, below `/_rsvpd`: the page, the commands of the terminal, and scripts.

All of it is for who has the control token of this run, which stands in the sidecar of the data file and is readable
only by the user who started the server; where only this machine reaches the server, for everybody on it.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from rsvpd.control.desk import Desk, Verb, make_desk
from rsvpd.control.openapi import describe
from rsvpd.control.verbs import clock, data, faults, live, mail, meetings, people, personas, requests, seeds, snapshots

MOUNT = "/_rsvpd"


async def show_description(desk: Desk) -> dict[str, Any]:
    """Return this description."""
    return describe(VERBS, MOUNT)


VERBS = (
    Verb("GET", "/openapi.json", show_description, is_open=True),
    *data.VERBS,
    *clock.VERBS,
    *people.VERBS,
    *personas.VERBS,
    *mail.VERBS,
    *snapshots.VERBS,
    *requests.VERBS,
    *seeds.VERBS,
    *faults.VERBS,
    *live.VERBS,
    *meetings.VERBS,
)


def make_control(desk: Desk) -> Starlette:
    """Return the application behind `/_rsvpd`."""
    return make_desk(desk, VERBS)
