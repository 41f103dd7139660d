"""People who answer by themselves act: by the same decisions as everybody, one invitation a transaction."""

from __future__ import annotations

from itertools import islice

from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import State
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands import replies
from rsvpd.commands.access import StoredEvent
from rsvpd.commands.arrival import apply
from rsvpd.commands.door import reads, writes
from rsvpd.commands.forward import forward_to
from rsvpd.commands.references import Notify
from rsvpd.commands.schedule import busy_times
from rsvpd.mail.message import Header
from rsvpd.mail.person import Person
from rsvpd.scheduling import declining
from rsvpd.scheduling import forward as forwarding
from rsvpd.scheduling import persona as policy
from rsvpd.scheduling.answer import Given
from rsvpd.scheduling.forward import SentBy
from rsvpd.scheduling.persona import Act
from rsvpd.store import events, people, personas
from rsvpd.store.personas import PendingInvitation
from rsvpd.store.tx import Tx

# Other times of the calendar that are looked at.
MOST_TIMES = 5_000
# What says of a message which persona wrote it.
_HEADER = "X-Rsvpd-Persona"


@reads
def next_waiting(tx: Tx, now: Instant) -> PendingInvitation | None:
    """Return what is to be answered first of what is due."""
    return personas.due(tx, now)


@reads
def next_instant(tx: Tx) -> Instant | None:
    """Return when the next invitation is to be answered."""
    return personas.next_due(tx, -1)


@writes
def act(tx: Tx, waiting: PendingInvitation, now: Instant) -> str:
    """Let somebody do what waits, and return it in words, or nothing where it was left alone.

    Raises what answering and forwarding raise.
    """
    person, persona = people.by_number(tx, waiting.mailbox), personas.one(tx, waiting.mailbox)
    if not personas.finish(tx, waiting) or person is None or persona is None:
        return ""
    habit = persona.does.value
    done = [_act(tx, person, habit, waiting, one, now) for one in _decide(tx, person, persona, waiting, now)]
    if len(done) > 1:
        return f"{done[0].removesuffix('.')}, and {len(done) - 1} of its dates: declined."
    return done[0] if done else ""


@writes
def give_up(tx: Tx, waiting: PendingInvitation) -> None:
    """Let an invitation alone that could not be answered."""
    personas.finish(tx, waiting)


def _decide(
    tx: Tx, person: Person, persona: policy.Persona, waiting: PendingInvitation, now: Instant
) -> tuple[Act, ...]:
    row = events.copy_by_key(tx, person.number, waiting.key)
    if row is None or row.state is not State.LIVE or row.copy.is_organizer:
        return ()
    asked = declining.requested_occurrences(row.copy, waiting.recurrence_id, now, zone=person.zone)
    if not asked:
        return ()
    end = max(one.end for one in asked) + policy.LOOK_AHEAD
    taken = islice(busy_times(tx, person, asked[0].start, end, without=row.item), MOST_TIMES)
    return policy.decide(persona, row.meeting, waiting.recurrence_id, asked, taken, zone=person.zone)


def _act(tx: Tx, person: Person, habit: str, waiting: PendingInvitation, act: Act, now: Instant) -> str:
    """Do one thing and return it in words."""
    row = events.copy_by_key(tx, person.number, waiting.key)
    assert row is not None
    subject = row.meeting.event.subject
    if act.forward_to:
        by = SentBy(person=person, comment="", prefix=forwarding.FORWARD_PREFIX, is_guest=True)
        forward_to(
            tx, person, StoredEvent(row), (AttendeeDraft(address=act.forward_to),), by, notify=Notify.ALL, now=now
        )
        return f"{person.address} passed {subject} on to {act.forward_to}."
    tell = replies.tell_of(Notify.ALL, component(row.meeting, act.recurrence_id))
    given = Given(
        answer=act.answer, comment=act.comment, proposal=act.proposal, tell=tell, interface=f"persona {habit}"
    )
    mark = (Header(_HEADER, habit),)
    apply(tx, replies.answers(tx, person, row, row.copy, act.recurrence_id, given, now, headers=mark))
    proposed = ", and proposed another time" if act.proposal else ""
    return f"{person.address} answered {subject}: {act.answer.value}{proposed}."
