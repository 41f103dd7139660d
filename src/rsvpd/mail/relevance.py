"""Who matters to somebody: from letters that were written and meetings that were held, later ones counting for more.

Rule 1: a letter to somebody counts most, then one from somebody, then a meeting in common; what a machine sent counts
        nothing, and neither does what more than `MOST_TOGETHER` share.
Rule 2: what many share counts less for each of them, and what is `HALF_LIFE` days old half as much.
Rule 3: who is above, below or beside somebody in the organization matters a little by that alone.
The service says no more than that (learn.microsoft.com/graph/people-insights-overview); the numbers are ours.
"""

from __future__ import annotations

import enum
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from rsvpd.calendar.event import Meeting
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.message import AutoSubmitted
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.profile import UserView

MOST_TOGETHER = 100
HALF_LIFE = 30
_DAY = 86_400 * 1_000_000
_FULL = 8  # so many share a letter or a meeting that counts in full for each of them
_WRITTEN, _COPIED, _RECEIVED, _MET = 4.0, 1.0, 2.0, 2.0


class Correspondence(Struct, frozen=True):
    """Who wrote a letter to whom, and when; `note` is there where it is about a meeting. Read from a stored letter."""

    from_: Mailbox
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    sent: Instant = 0
    note: Mapping[str, object] | None = None
    auto_submitted: AutoSubmitted = AutoSubmitted.NO


class Contact(Struct, frozen=True, gc=False):
    """One thing that two people had to do with each other: the other one, when it was, and how much it counts."""

    other: Mailbox
    at: Instant
    weight: float


class Tie(enum.IntEnum):
    """How somebody stands to another one in the organization; the number is what it counts."""

    PEER = 1
    REPORT = 2
    MANAGER = 3


class Relevant(Struct, frozen=True):
    """Somebody who matters, and how much."""

    other: Mailbox
    score: float


class RelevantPerson(Struct, frozen=True, kw_only=True):
    """Somebody who matters to `owner`, with what the directory knows; nothing of somebody outside."""

    owner: Person
    other: Mailbox
    score: float
    known: UserView | None = None

    @property
    def id(self) -> str:
        """Return the id: that of the directory; of somebody outside one that is always the same to this owner."""
        if self.known is not None:
            return self.known.person.oid
        return str(uuid.uuid5(uuid.UUID(self.owner.oid), fold(self.other.address)))

    @property
    def name(self) -> str:
        """Return the name, or the address of somebody who is known by nothing else."""
        return self.known.person.name if self.known is not None else self.other.name or self.other.address

    @property
    def address(self) -> str:
        """Return the address."""
        return self.known.person.address if self.known is not None else self.other.address

    @property
    def is_room(self) -> bool:
        """Return whether it is a room."""
        return self.known is not None and self.known.person.kind is PersonKind.ROOM


def contacts_of_letter(letter: Correspondence, owner: Person) -> Iterator[Contact]:
    """Yield with whom the owner had to do by a letter: those written to, or who wrote it."""
    if letter.note is not None or letter.auto_submitted is not AutoSubmitted.NO:
        return
    together = len(letter.to) + len(letter.cc) + len(letter.bcc)
    if together > MOST_TOGETHER:
        return
    share = _share(together)
    if not owner.answers_to(letter.from_.address):
        yield Contact(letter.from_, letter.sent, _RECEIVED * share)
        return
    for weight, boxes in ((_WRITTEN, letter.to), (_COPIED, (*letter.cc, *letter.bcc))):
        for box in boxes:
            yield Contact(box, letter.sent, weight * share)


def contacts_of_meeting(meeting: Meeting, at: Instant) -> Iterator[Contact]:
    """Yield with whom the owner has a meeting."""
    guests = meeting.event.attendees
    if not guests or len(guests) > MOST_TOGETHER:
        return
    share = _share(len(guests))
    yield Contact(meeting.organizer, at, _MET * share)
    for guest in guests:
        yield Contact(Mailbox(guest.address, guest.name), at, _MET * share)


def rank(contacts: Iterable[Contact], owner: Person, *, now: Instant, most: int) -> list[Relevant]:
    """Return the `most` who matter most to the owner, at `now`, the first of them first.

    Of equal ones the one comes first of whom there is something later, else by address.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    last: defaultdict[str, Instant] = defaultdict(int)
    named: dict[str, Contact] = {}
    for one in contacts:
        key = fold(one.other.address)
        scores[key] += one.weight * 0.5 ** (max(0, now - one.at) // _DAY / HALF_LIFE)
        last[key] = max(last[key], one.at)
        before = named.get(key)
        # What was said last names somebody, as far as that has a name.
        if before is None or (bool(one.other.name), one.at) > (bool(before.other.name), before.at):
            named[key] = one
    scores.pop(fold(owner.address), None)
    found = {key: round(score, 2) for key, score in scores.items()}
    order = sorted(found, key=lambda key: (-found[key], -last[key], key))[:most]
    return [Relevant(named[key].other, found[key]) for key in order]


def _share(together: int) -> float:
    return min(1.0, _FULL / together) if together else 1.0
