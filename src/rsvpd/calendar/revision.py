"""What the organizer says of a meeting: a value that never changes once it was sent.

One revision is stored once, whoever holds it; a copy refers to the one its owner was told last. Revisions of one
meeting are ordered by SEQUENCE, then DTSTAMP (RFC 5546 2.1.4, 2.1.5). Nobody's answer stands in it, and nothing that
an owner of a copy keeps (`copy.py`).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, structs

from rsvpd.calendar.conference import Conference
from rsvpd.calendar.event import Attendee, Location, MeetingKey, Role, Sensitivity, ShowAs, Status, When
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.content import Body, Importance


class Guest(Struct, frozen=True, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody invited. `since` is the SEQUENCE before the revision that brought this guest to the list (0: the first).

    Answers to what was before do not count, and who came after a move was not asked anew by it.
    """

    address: str
    name: str = ""
    role: Role = Role.REQUIRED
    since: int = 0


class Component(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What the organizer says of the whole, or of one occurrence that differs (RFC 5545 3.6.1, a VEVENT).

    `show_as` is how the organizer wants the time shown once it is accepted; `sensitivity` is CLASS.
    """

    start: When
    end: When
    subject: str = ""
    body: Body = Body()
    locations: tuple[Location, ...] = ()
    guests: tuple[Guest, ...] = ()
    importance: Importance = Importance.NORMAL
    status: Status = Status.CONFIRMED
    response_requested: bool = True
    allow_proposals: bool = True
    hide_attendees: bool = False
    guests_can_modify: bool = False
    guests_can_invite: bool = True
    attachments: Attachments = ()
    conference: Conference | None = None
    shared_residue: dict[str, dict[str, Any]] = {}
    show_as: ShowAs = ShowAs.BUSY
    sensitivity: Sensitivity = Sensitivity.NORMAL

    @property
    def attendees(self) -> tuple[Attendee, ...]:
        """Return the guest list with nobody's answer; it is made once."""
        made: tuple[Attendee, ...] | None = self.__dict__.get("attendees_")
        if made is None:
            made = self.__dict__["attendees_"] = tuple(
                Attendee(address=one.address, name=one.name, role=one.role) for one in self.guests
            )
        return made

    def attendees_reset_at(self, sequence: int) -> tuple[Attendee, ...]:
        """Return the guest list after everybody on it was asked anew at that SEQUENCE (0: never); it is made once."""
        if not sequence:
            return self.attendees
        made: dict[int, tuple[Attendee, ...]] = self.__dict__.setdefault("asked_", {})
        if sequence not in made:
            made[sequence] = tuple(
                structs.replace(attendee, reset_sequence=sequence) if sequence > guest.since else attendee
                for attendee, guest in zip(self.attendees, self.guests, strict=True)
            )
        return made[sequence]

    @property
    def places(self) -> dict[str, int]:
        """Return where each guest stands on the list, by folded address; it is made once."""
        made: dict[str, int] | None = self.__dict__.get("places_")
        if made is None:
            made = self.__dict__["places_"] = {}
            for place, one in enumerate(self.guests):
                made.setdefault(fold(one.address), place)
        return made


class Revision(
    Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True, tag_field="v", tag=1, dict=True
):
    """A meeting as its organizer has it at one time.

    `exceptions` are the occurrences that the organizer made differ, by recurrence id; `excluded` the dates of the
    pattern that do not take place (EXDATE). `reset_sequence` is the SEQUENCE at which everybody was asked anew
    (0: never), `resets` the same of single dates: answers to older revisions do not count there.
    """

    uid: str
    organizer: Mailbox
    event: Component
    sequence: int = 0
    dtstamp: Instant = 0
    recurrence: Recurrence | None = None
    exceptions: dict[str, Component] = {}
    excluded: tuple[str, ...] = ()
    reset_sequence: int = 0
    resets: dict[str, int] = {}

    @property
    def key(self) -> MeetingKey:
        """Return what names this meeting; it is made once."""
        made: MeetingKey | None = self.__dict__.get("key_")
        if made is None:
            made = self.__dict__["key_"] = MeetingKey(self.uid, fold(self.organizer.address))
        return made

    def reset_sequence_of(self, recurrence_id: str | None) -> int:
        """Return the SEQUENCE at which the guests of this date, or of the whole, were asked last."""
        if recurrence_id is None:
            return self.reset_sequence
        return max(self.reset_sequence, self.resets.get(recurrence_id, 0))

    def list_of(self, recurrence_id: str | None) -> Component:
        """Return the component whose guest list counts for this date, or for the whole."""
        return self.event if recurrence_id is None else self.exceptions.get(recurrence_id, self.event)


def says_the_same(one: Component, other: Component) -> bool:
    """Return whether two components tell guests the same; a list in another order, or another name, says nothing."""
    return _without_names(one) == _without_names(other)


def _without_names(one: Component) -> tuple[Component, dict[str, tuple[Role, int]]]:
    guests = {fold(guest.address): (guest.role, guest.since) for guest in one.guests}
    return structs.replace(one, guests=()), guests
