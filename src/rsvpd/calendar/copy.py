"""What the owner of one copy of a meeting keeps, and who answered what.

A copy is what the organizer says (`revision.py`) with the own part of its owner over it; what a reader sees of
both is made by `compose.py` and never stored. Answers of guests are values of their own, one for each meeting,
recurrence id and address, whatever the size of the meeting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.declining import AutoDecline
from rsvpd.calendar.event import Answer, CommentReaders, Location, Sensitivity, ShowAs, When
from rsvpd.calendar.revision import Component, Revision
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.content import Body, Importance


class Response(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of one guest's answer: to the revision `sequence`, given at `dtstamp` (RFC 5546 2.1.5).

    `answered` is the instant of it, 0 where it was taken back, `answered_through` the interface that it was given by,
    empty where that is not known; `name` is what the guest goes by; `proposal` is the new time that is asked for.
    """

    answer: Answer = Answer.NONE
    answered: Instant = 0
    answered_through: str = ""
    sequence: int = 0
    dtstamp: Instant = 0
    comment: str = ""
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int = 0
    name: str = ""
    proposal: tuple[When, When] | None = None

    @property
    def order(self) -> tuple[int, Instant]:
        """Return what orders the answers of one guest."""
        return self.sequence, self.dtstamp


# By recurrence id (of the whole: an empty text) and folded address.
Responses = Mapping[str, Mapping[str, Response]]
NO_RESPONSES: Responses = {}


class Overlay(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Members that are the organizer's and that a guest changed in the own copy, until the next update."""

    start: When | UnsetType = UNSET
    end: When | UnsetType = UNSET
    subject: str | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    locations: tuple[Location, ...] | UnsetType = UNSET
    importance: Importance | UnsetType = UNSET
    attachments: Attachments | UnsetType = UNSET


OVERLAID = Overlay.__struct_fields__


# The owner's own answer, as a whole.
OWN_ANSWER = (
    "answer", "answered", "answered_through", "comment", "comment_readers", "guests", "organizer_knows",
    "reply_dtstamp",
)  # fmt: skip


class CalledOff(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What a guest keeps of what was called off: a date as it was told last, and the answers that were seen last."""

    event: Component | None = None
    responses: dict[str, Response] = {}


class Private(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What is private to a copy, of the whole or of one date.

    `answer` to `reply_dtstamp` are the owner's own answer; `organizer_knows` says whether it is in the
    tracking. A guest's `show_as` is set where the guest chose it: else it goes with answer and status. The organizer's
    show-as and sensitivity travel, and so stand in the revision.
    """

    show_as: ShowAs | None = None
    sensitivity: Sensitivity = Sensitivity.NORMAL
    categories: tuple[str, ...] = ()
    reminder_on: bool = True
    reminder_minutes: int = 15
    reminder_snoozed: Instant = 0
    reminder_dismissed: Instant = 0
    answer: Answer = Answer.NONE
    answered: Instant = 0
    answered_through: str = ""
    comment: str = ""
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int = 0
    organizer_knows: bool = False
    reply_dtstamp: Instant = 0
    auto_decline: AutoDecline | None = None
    residue: dict[str, dict[str, Any]] = {}
    overlay: Overlay | None = None
    called_off: CalledOff | None = None


class OwnPart(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True, tag_field="v", tag=1):
    """What is stored of one copy beside the revision it refers to.

    `own` is of the whole. `invited_to` are the dates of a series to which
    alone the owner is invited, None where it is all of it (MS-OXOCAL, orphan instances); `removed` are dates that are
    not in this copy, as the owner removed them or is not invited to them. `address` is where a guest was invited.
    `sequence` and `dtstamp` say what the owner was told last. `is_private_copy`: it is nobody else's, whoever is on its
    list, and what is done to it is told to nobody.
    """

    is_organizer: bool
    is_private_copy: bool = False
    address: str = ""
    sequence: int = 0
    dtstamp: Instant = 0
    own: Private = Private()
    invited_to: tuple[str, ...] | None = None
    removed: tuple[str, ...] = ()
    transaction_id: str | None = None
    created: Instant = 0
    modified: Instant = 0
    creator: Mailbox | None = None


class OwnDates(Mapping[str, Private]):
    """What is kept of single dates of a long series: `stored`, which is decoded where it is looked at, and `changes`.

    `apart` names all dates that may have an overlay or be called off.
    """

    __slots__ = ("apart", "changes", "stored")

    def __init__(
        self, stored: Mapping[str, Private], apart: Collection[str], changes: Mapping[str, Private] | None = None
    ) -> None:
        self.stored, self.apart, self.changes = stored, apart, changes or {}

    def with_date(self, recurrence_id: str, private: Private) -> OwnDates:
        """Return them with `private` kept of a date."""
        changes = {**self.changes, recurrence_id: private}
        return OwnDates(self.stored, {*self.apart, recurrence_id}, changes)

    def __getitem__(self, recurrence_id: str) -> Private:
        """Return what is kept of a date."""
        found = self.changes.get(recurrence_id)
        return self.stored[recurrence_id] if found is None else found

    def __contains__(self, recurrence_id: object) -> bool:
        """Return whether anything is kept of a date."""
        return recurrence_id in self.stored or recurrence_id in self.changes

    def __iter__(self) -> Iterator[str]:
        """Yield their recurrence ids."""
        return chain(self.stored, (one for one in self.changes if one not in self.stored))

    def __len__(self) -> int:
        """Return of how many dates something is kept."""
        return len(self.stored) + sum(one not in self.stored for one in self.changes)


class Copy(OwnPart, frozen=True, kw_only=True, tag_field="v", tag=1, dict=True):
    """One mailbox's copy of a meeting, or an appointment (a meeting with nobody invited).

    `dates` is what is kept of single dates, by recurrence id; it is stored by date.
    """

    revision: Revision
    dates: Mapping[str, Private] = {}

    @property
    def is_partial(self) -> bool:
        """Return whether its owner is invited to single dates of a series alone."""
        return self.invited_to is not None

    def dates_apart(self) -> dict[str, Private]:
        """Return what is kept of the dates that the owner changed in the own copy, or that were called off."""
        if not self.dates:
            return {}
        names = self.dates.apart if isinstance(self.dates, OwnDates) else self.dates
        return {rid: one for rid in names if (one := self.dates[rid]).overlay or one.called_off}

    def with_date(self, recurrence_id: str, private: Private) -> Copy:
        """Return the copy with `private` kept of a date."""
        if isinstance(self.dates, OwnDates):
            return structs.replace(self, dates=self.dates.with_date(recurrence_id, private))
        return structs.replace(self, dates={**self.dates, recurrence_id: private})

    def own_attachments(self) -> Attachments:
        """Return what the owner has attached in the own copy, to the whole and to single dates."""
        parts = (self.own, *self.dates_apart().values())
        overlays = (one.overlay for one in parts if one.overlay is not None)
        return tuple(chain.from_iterable(one.attachments or () for one in overlays))

    def exception(self, recurrence_id: str) -> Component | None:
        """Return what was said of a date apart from its series: before it was called off, or as it stands."""
        held = self.dates.get(recurrence_id)
        if held is not None and held.called_off is not None and held.called_off.event is not None:
            return held.called_off.event
        return self.revision.exceptions.get(recurrence_id)

    def private(self, recurrence_id: str | None) -> Private:
        """Return what is private to this date, or to the whole; a date of which nothing is kept is as the whole."""
        if recurrence_id is None:
            return self.own
        held = self.dates.get(recurrence_id)
        if held is not None or not (self.own.overlay or self.own.called_off):
            return held or self.own
        return structs.replace(self.own, overlay=None, called_off=None)
