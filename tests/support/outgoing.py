"""What waits to leave this server, as the programs of its recipients put it in order."""

from __future__ import annotations

import icalendar
from msgspec import Struct

from rsvpd.commands import outbox
from rsvpd.delivery import imip
from rsvpd.scheduling.effects import Post
from support.world import World


class Sent(Struct, frozen=True):
    """A meeting message as it is written; `stamp` is what orders it: SEQUENCE and DTSTAMP (RFC 5546 2.1.5).

    `starts` are the DTSTARTs of its components.
    """

    method: str
    subject: str
    stamp: tuple[int, str]
    starts: tuple[str, ...]


def revisions(world: World, recipient: str) -> list[Sent]:
    """Return the meeting messages for `recipient` in the order in which they were caused."""
    posts = [row.post for row in world.store.run(outbox.list_messages) if row.post.recipient == recipient]
    return [_sent(post) for post in posts if post.method is not None]


def _sent(post: Post) -> Sent:
    whole = icalendar.Calendar.from_ical(imip.calendar(post))
    starts = tuple(one["DTSTART"].to_ical().decode() for one in whole.walk("VEVENT"))
    stamps = {(int(one["SEQUENCE"]), one["DTSTAMP"].to_ical().decode()) for one in whole.walk("VEVENT")}
    (stamp,) = stamps
    return Sent(str(whole["METHOD"]), post.letter.subject, stamp, starts)
