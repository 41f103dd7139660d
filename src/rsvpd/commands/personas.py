"""People who answer by themselves: what is set for them, and that they were asked. `persona_acts.py` lets them act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct, structs

from rsvpd.commands.door import reads, writes
from rsvpd.commands.new_invitations import NewInvitation, new_invitations
from rsvpd.commands.references import InvitationStored
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.address import parse_address
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.effects import Effect
from rsvpd.scheduling.persona import LONGEST_SECONDS, Habit, Persona
from rsvpd.store import personas as rows
from rsvpd.store.tx import Tx

_SECOND = 1_000_000


class PersonaView(Struct, frozen=True):
    """What somebody does by itself, None where nothing, and how many invitations wait for it."""

    persona: Persona | None
    waiting: int


@reads
def get_persona(tx: Tx, person: Person) -> PersonaView:
    """Return what somebody does by itself."""
    return PersonaView(rows.one(tx, person.number), rows.count(tx, person.number))


@writes
def set_persona(tx: Tx, person: Person, persona: Persona) -> PersonaView:
    """Let somebody answer the invitations that come from now on. Raises InvalidProperty, and NotAllowed for a room."""
    if person.kind is not PersonKind.USER:
        raise NotAllowed(f"{person.address} is a room, which answers by its own policy: `rsvpd room`.")
    if not 0 <= persona.after_seconds <= LONGEST_SECONDS:
        raise InvalidProperty(f"Somebody answers after 0 to {LONGEST_SECONDS} seconds.", target="after_seconds")
    if (persona.does is Habit.FORWARDS) != bool(persona.to):
        raise InvalidProperty("`to` says to whom invitations are passed on, by whoever forwards.", target="to")
    if persona.to:
        persona = structs.replace(persona, to=parse_address(persona.to, target="to"))
        if person.answers_to(persona.to):
            raise InvalidProperty("Nobody passes an invitation on to itself.", target="to")
    rows.keep(tx, person.number, persona)
    return get_persona(tx, person)


@writes
def drop_persona(tx: Tx, person: Person) -> None:
    """Let somebody do nothing by itself any more; what waits is not answered."""
    rows.drop(tx, person.number)


def note_invitations(tx: Tx, decided: Iterable[Effect | InvitationStored]) -> None:
    """Keep what people were just asked who answer by themselves."""
    invitations: dict[int, list[NewInvitation]] = defaultdict(list)
    for mailbox, invitation in new_invitations(decided):
        invitations[mailbox].append(invitation)
    if not invitations:
        return
    for mailbox, persona in rows.of(tx, invitations).items():
        if persona.does is not Habit.NEVER:
            for one in invitations[mailbox]:
                due = one.now + persona.after_seconds * _SECOND
                rows.wait(tx, rows.PendingInvitation(mailbox, one.key, one.recurrence_id, due))
