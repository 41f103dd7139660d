"""An invitation from outside, put into a mailbox as mail that comes in will bring it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rsvpd.calendar.event import Attendee, Event, Meeting, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.commands.door import writes
from rsvpd.mail.address import Mailbox
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote
from rsvpd.scheduling.effects import FileLetter, PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx
from support.world import World

ZOE = Mailbox("zoe@else.test", "Zoë")
UID = "from-outside@else.test"


@writes
def _arrive(tx: Tx, mailbox: int, meeting: Meeting, letter: Letter) -> None:
    apply(
        tx,
        (
            PutCopy(mailbox=mailbox, copy=separate(meeting)[0]),
            FileLetter(mailbox=mailbox, folder=Folder.INBOX, letter=letter, about=meeting.key),
        ),
    )


def arrive(world: World, *, series: bool = False, **more: Any) -> str:
    """Put an invitation of zoe's into bob's mailbox and return the id of the event there."""
    start, end = (Timed(datetime(2026, 12, 1, hour), "Europe/Berlin") for hour in (10, 11))
    guests = (Attendee(address="bob@example.com", name="Bob"), Attendee(address="max@else.test"))
    meeting = Meeting(
        uid=UID,
        organizer=ZOE,
        is_organizer=False,
        event=Event(start=start, end=end, subject="Zoë's plans", attendees=guests, **more),
        sequence=5,
        dtstamp=world.now,
        created=world.now,
        modified=world.now,
        recurrence=Recurrence((Rule(freq=Freq.WEEKLY),)) if series else None,
    )
    note = MeetingNote(kind=MeetingKind.REQUEST, uid=UID, sequence=5, dtstamp=world.now, start=start, end=end)
    letter = Letter(
        subject="Zoë's plans",
        sender=ZOE,
        from_=ZOE,
        to=(Mailbox("bob@example.com"),),
        sent=world.now,
        internet_message_id="<invitation@else.test>",
        note=note,
    )
    world.store.run(_arrive, world.people["bob"].number, meeting, letter)
    (found,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    return str(found["id"])
