"""Invitations and answers as the caller sees them, the same for every provider."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, time

from msgspec import Struct

from rsvpd.calendar.event import Answer


class Provider(enum.Enum):
    """The interfaces an invitation can be answered through."""

    GRAPH = "graph"
    OUTLOOK_V1 = "outlook-v1"
    OUTLOOK_V2 = "outlook-v2"
    GOOGLE = "google"


class Organizer(Struct, frozen=True):
    """Who invites. Both may be empty where the service does not say."""

    address: str = ""
    name: str = ""


class Invitation(Struct, frozen=True, kw_only=True):
    """A meeting somebody else organizes, as it stands in one mailbox.

    `id` is the provider's event id in this mailbox: opaque, useless in any other. `start` and `end` are aware
    datetimes in UTC, or dates where `all_day`; the end is exclusive. For a series they are those of the next
    occurrence, and answering answers the whole series. `received` is None where the service was not asked or
    does not say, `message_id` where the mailbox was not searched, `invited_as` where the service hides it.
    `wants_response` is False where the organizer asked for no answers.
    """

    id: str
    subject: str
    organizer: Organizer
    start: datetime | date
    end: datetime | date
    all_day: bool
    location: str
    my_answer: Answer
    received: datetime | None
    is_series: bool
    message_id: str | None = None
    provider: Provider
    invited_as: str | None = None
    wants_response: bool = True

    @property
    def is_waiting(self) -> bool:
        """Return whether nothing has been answered yet."""
        return self.my_answer is Answer.NONE


class Answered(Struct, frozen=True, kw_only=True):
    """An answer the service took. `sent`: the organizer is told; `hint`: something the caller should know."""

    invitation: Invitation
    answer: Answer
    sent: bool
    hint: str | None = None


def order(invitation: Invitation) -> tuple[bool, datetime, str, str]:
    """Return what invitations are sorted by: the waiting ones first, each part by start, subject and id."""
    when = invitation.start
    start = when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)
    return not invitation.is_waiting, start, invitation.subject, invitation.id


def in_order(invitations: list[Invitation]) -> list[Invitation]:
    """Return the waiting ones first, each part by start, subject and id."""
    return sorted(invitations, key=order)
