"""What a client wants an event to be, before anybody decided anything.

Absent is UNSET, null is None (a value to clear), as PATCH needs both. A dialect makes a
draft from the wire; `scheduling/` decides what comes of it.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from rsvpd.calendar.conference import Conference, Wish
from rsvpd.calendar.declining import AutoDecline
from rsvpd.calendar.event import Answer, Location, Role, Sensitivity, ShowAs, Status, When
from rsvpd.calendar.rule import Recurrence
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.draft import AttachmentDraft, ItemDraft
from rsvpd.mail.extended import CustomProperty


class AttendeeDraft(Struct, frozen=True, gc=False, kw_only=True):
    """An attendee as a client wrote one. `answer`, `comment` and `guests` are what the client claims."""

    address: str
    name: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    answer: Answer | UnsetType = UNSET
    comment: str | UnsetType = UNSET
    guests: int | UnsetType = UNSET


class EventDraft(ItemDraft, frozen=True, kw_only=True):
    """The members a client sent. `ignored` names those that have no effect, as they stood on the wire.

    `attached` is what is to be attached, in the place of all references; `attachments` is what becomes of it.
    `is_private_copy` is said of a new event alone.
    `extended` is what a program wants to hang on the event. `sequence` is the least that its next revision is to have,
    which the organizer alone says.
    """

    start: When | UnsetType = UNSET
    end: When | UnsetType = UNSET
    subject: str | UnsetType | None = UNSET
    body: Body | UnsetType | None = UNSET
    locations: tuple[Location, ...] | UnsetType | None = UNSET
    attendees: tuple[AttendeeDraft, ...] | UnsetType | None = UNSET
    attendees_omitted: bool = False
    importance: Importance | UnsetType | None = UNSET
    status: Status | UnsetType | None = UNSET
    response_requested: bool | UnsetType | None = UNSET
    allow_proposals: bool | UnsetType | None = UNSET
    hide_attendees: bool | UnsetType | None = UNSET
    guests_can_modify: bool | UnsetType | None = UNSET
    guests_can_invite: bool | UnsetType | None = UNSET
    show_as: ShowAs | UnsetType | None = UNSET
    sensitivity: Sensitivity | UnsetType | None = UNSET
    categories: tuple[str, ...] | UnsetType | None = UNSET
    reminder_on: bool | UnsetType | None = UNSET
    reminder_minutes: int | UnsetType | None = UNSET
    recurrence: Recurrence | UnsetType | None = UNSET
    deleted: tuple[str, ...] | UnsetType = UNSET
    attachments: Attachments | UnsetType = UNSET
    attached: tuple[AttachmentDraft, ...] | UnsetType = UNSET
    conference: Conference | Wish | UnsetType | None = UNSET
    auto_decline: AutoDecline | UnsetType | None = UNSET
    residue: dict[str, dict[str, Any]] | UnsetType = UNSET
    shared_residue: dict[str, dict[str, Any]] | UnsetType = UNSET
    uid: str | UnsetType = UNSET
    sequence: int | UnsetType = UNSET
    is_private_copy: bool | UnsetType = UNSET
    transaction_id: str | UnsetType | None = UNSET
    extended: tuple[CustomProperty, ...] | UnsetType = UNSET
    ignored: tuple[str, ...] = ()
