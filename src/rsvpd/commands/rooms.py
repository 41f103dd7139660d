"""Rooms answer in the transaction that asked them, through the same door as people.

`carry_out` applies what was decided and then lets those answer by themselves who were asked by it: a copy has to stand
before its answer can. What a room says is decided in `scheduling/rooms.py`, what people decline in
`scheduling/declining.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, structs

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Answer, Meeting, Role, State
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands import replies
from rsvpd.commands.arrival import apply
from rsvpd.commands.automatic_replies import automatic_replies
from rsvpd.commands.declines import decline_invitations
from rsvpd.commands.door import reads, writes
from rsvpd.commands.personas import note_invitations
from rsvpd.commands.references import InvitationStored
from rsvpd.commands.schedule import busy_times
from rsvpd.errors import NotAllowed, PersonNotFound
from rsvpd.mail.address import fold, parse_address
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling import rooms as policy
from rsvpd.scheduling.answer import Given
from rsvpd.scheduling.component import where_it_stands, without_date
from rsvpd.scheduling.effects import Effect, FileLetter, Post
from rsvpd.store import events, people, rooms
from rsvpd.store.tx import Tx


class Room(Struct, frozen=True):
    """A room and its policy."""

    person: Person
    settings: policy.Settings


@reads
def get_room(tx: Tx, address: str) -> Room:
    """Return the room with this address, for the administrator of the server. Raises PersonNotFound or NotAllowed."""
    person = _room(tx, address)
    return Room(person, rooms.settings(tx, person.number))


@writes
def set_room(tx: Tx, address: str, changes: dict[str, Any]) -> Room:
    """Change members of a room's policy; what it has answered stays. Raises InvalidProperty too."""
    person = _room(tx, address)
    chosen = policy.check(structs.replace(rooms.settings(tx, person.number), **changes))
    delegates = tuple(dict.fromkeys(parse_address(one, target="delegates") for one in chosen.delegates))
    chosen = structs.replace(chosen, delegates=delegates)
    rooms.keep(tx, person.number, chosen)
    return Room(person, chosen)


def carry_out(tx: Tx, effects: Iterable[Effect | InvitationStored]) -> None:
    """Apply effects and what mailboxes answer automatically, then let those answer by themselves who were asked.

    These answers ask nobody anything, so that it ends here. Who answers later is noted.
    """
    decided = tuple(effects)
    told = tuple(effect for effect in decided if not isinstance(effect, InvitationStored))
    apply(tx, (*told, *automatic_replies(tx, told)))
    for effect in decided:
        if isinstance(effect, InvitationStored) and effect.person.kind is PersonKind.ROOM:
            _answer(tx, effect)
    decline_invitations(tx, decided)
    note_invitations(tx, decided)


def with_rooms(tx: Tx, draft: EventDraft) -> EventDraft:
    """Return `draft` with the rooms among its attendees as resources, where it does not say what they are."""
    if not draft.attendees or all(isinstance(one.role, Role) for one in draft.attendees):
        return draft
    known = rooms.addresses(tx)
    attendees = tuple(
        structs.replace(one, role=Role.RESOURCE)
        if not isinstance(one.role, Role) and fold(one.address) in known
        else one
        for one in draft.attendees
    )
    return structs.replace(draft, attendees=attendees)


def answers_itself(tx: Tx, person: Person) -> bool:
    """Return whether this is a room that deals with its mail by itself."""
    return person.kind is PersonKind.ROOM and rooms.settings(tx, person.number).auto is not policy.Auto.NONE


def without_cancelled(copy: Copy, recurrence_id: str | None) -> tuple[Copy, State]:
    """Return a room's copy after a cancellation: nobody reads it there, so it is taken out at once."""
    if recurrence_id is None or copy.invited_to == (recurrence_id,):
        return copy, State.DELETED
    rest = without_date(copy, recurrence_id)
    return rest, where_it_stands(rest)


def _answer(tx: Tx, asked: InvitationStored) -> None:
    room, now = asked.person, asked.now
    settings = rooms.settings(tx, room.number)
    row = events.copy_by_key(tx, room.number, asked.key)
    if row is None or row.state is not State.LIVE:
        return
    meeting = row.meeting
    wanted = policy.requested_times(meeting, asked.recurrence_id, settings, zone=room.zone, now=now)
    if not wanted.slots:
        return
    others = list(busy_times(tx, room, *wanted.window, without=row.item))
    verdicts = policy.decide(settings, meeting, wanted, others, room=room, now=now)
    for verdict in verdicts:
        apply(tx, _answer_effects(tx, asked, verdict, now))
    if settings.delegates and verdicts and verdicts[0].answer is Answer.TENTATIVE:
        apply(tx, _approvals(tx, asked, settings, meeting))


def _answer_effects(tx: Tx, asked: InvitationStored, verdict: policy.Verdict, now: Instant) -> Iterator[Effect]:
    row = events.copy_by_key(tx, asked.person.number, asked.key)
    assert row is not None
    event = component(row.meeting, verdict.recurrence_id)
    given = Given(
        answer=verdict.answer, comment=verdict.reason, tell=replies.tell_of(asked.notify, event), interface="room"
    )
    yield from replies.answers(tx, asked.person, row, row.copy, verdict.recurrence_id, given, now)


def _approvals(tx: Tx, asked: InvitationStored, settings: policy.Settings, meeting: Meeting) -> Iterator[Effect]:
    """Yield the letters that ask the delegates; it is theirs to answer in the room's mailbox."""
    event = component(meeting, asked.recurrence_id)
    letter = policy.approval_letter(asked.person, meeting, event, settings.delegates, sent=asked.now)
    for address in settings.delegates:
        person = people.by_address(tx, address)
        if person is not None:
            yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=letter)
        else:
            yield Post(mailbox=asked.person.number, recipient=address, letter=letter)


def _room(tx: Tx, address: str) -> Person:
    person = people.by_address(tx, address)
    if person is None:
        raise PersonNotFound(f"nobody here has the address {address}")
    if person.kind is not PersonKind.ROOM:
        raise NotAllowed(f"{person.address} is a person, not a room")
    return person
