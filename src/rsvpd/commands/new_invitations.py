"""Who is asked for what by a decision: invitations that came into a mailbox of this server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from rsvpd.calendar.event import MeetingKey
from rsvpd.clock import Instant
from rsvpd.commands.references import InvitationStored, Notify
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.effects import Effect, Invite


class NewInvitation(Struct, frozen=True):
    """A meeting, or one date of it, that somebody was asked for."""

    key: MeetingKey
    recurrence_id: str | None
    notify: Notify
    now: Instant


def new_invitations(decided: Iterable[Effect | InvitationStored]) -> Iterator[tuple[int, NewInvitation]]:
    """Yield the mailboxes of people (not of rooms) that are invited, each with the invitation."""
    for effect in decided:
        if isinstance(effect, InvitationStored) and effect.person.kind is PersonKind.USER:
            invitation = NewInvitation(effect.key, effect.recurrence_id, effect.notify, effect.now)
            yield effect.person.number, invitation
        elif isinstance(effect, Invite):
            invitation = NewInvitation(effect.copy.revision.key, None, Notify.ALL, effect.copy.created)
            yield from ((mailbox, invitation) for mailbox, _ in effect.guests)
