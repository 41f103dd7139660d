"""The timeline of a meeting: each request, message, delivery and answer, out of what is stored and of the journal.

It is one document, made for a report of a fault: who did what when, by which interface and client, what each calendar
has now, and how its change log came to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from rsvpd import __version__, ids
from rsvpd.calendar.event import AllDay, When
from rsvpd.clock import Instant, to_text
from rsvpd.commands.story import CopyStory
from rsvpd.control.about import About
from rsvpd.control.journal import client_of, interface_of
from rsvpd.dialects.google.vocabulary.identifiers import event_id
from rsvpd.ids import ItemId, Kind
from rsvpd.journal import Entry
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.store.story import CopyChange

_SAYS = {
    MeetingKind.REQUEST: "request", MeetingKind.CANCELLED: "cancellation", MeetingKind.ACCEPTED: "accepted",
    MeetingKind.TENTATIVE: "tentative", MeetingKind.DECLINED: "declined",
}  # fmt: skip

_REPLIES = tuple(_SAYS[kind] for kind in (MeetingKind.ACCEPTED, MeetingKind.TENTATIVE, MeetingKind.DECLINED))
_RANKS = {"sent": 1, "delivered": 2, "answer": 5}


class Moment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened at a time (ISO 8601, UTC, of the server's clock). `kind` is one of these:

    - request: `who` asked or changed it, by `interface` and `client`; `number` is that in the journal.
    - seen: the same, where the answer showed it.
    - sent: a message left the mailbox of `who`, with `sequence` of the meeting, to `to`.
    - delivered: it came into the mailbox of `who`.
    - answer: what the organizer knows that `who` answered, to the sequence, or to one `date` of a series, by which
      `interface`.
    """

    at: str
    kind: str
    who: str
    what: str
    sequence: int | None = None
    date: str = ""
    to: tuple[str, ...] = ()
    is_read: bool | None = None
    interface: str = ""
    client: str = ""
    number: int = 0
    status: int = 0
    hint: str = ""


class MeetingCopy(Struct, frozen=True, kw_only=True):
    """What one calendar has now. `told` is when the organizer said what stands in it, `answer` the owner's own."""

    mailbox: str
    is_organizer: bool
    state: str
    id: str
    subject: str
    start: str
    end: str
    sequence: int
    told: str
    answer: str
    organizer_knows: bool
    changes: list[CopyChange]


class Timeline(Struct, frozen=True, kw_only=True):
    """All that is known of a meeting. `requests` says how many requests the journal goes back, 0 without one."""

    rsvpd: str
    made: str
    uid: str
    google_id: str
    organizer: str
    copies: list[MeetingCopy]
    moments: list[Moment]
    requests: int


_Timed = tuple[Instant, Moment]


class Requested(Struct, frozen=True):
    """What a journal has of a meeting, and how many requests that journal goes back."""

    moments: list[_Timed]
    requests: int


def timeline(copies: list[CopyStory], asked: Sequence[Requested], now: Instant) -> Timeline:
    """Return the timeline of a meeting with these copies, the first of which is the organizer's if that is here.

    `asked` is what the journals have of it.
    """
    revision = copies[0].row.copy.revision
    found = [*_of_letters(copies), *_of_answers(copies), *(moment for one in asked for moment in one.moments)]
    return Timeline(
        rsvpd=__version__, made=to_text(now), uid=revision.uid, google_id=event_id(revision.uid),
        organizer=revision.organizer.address, copies=[_copy(one) for one in copies],
        moments=[moment for _, moment in sorted(found, key=_order)], requests=sum(one.requests for one in asked),
    )  # fmt: skip


def requests_about(about: About, entries: Sequence[Entry]) -> Requested:
    """Return which requests of a journal were about a meeting."""
    return Requested(list(_of_journal(about, entries)), len(entries))


def _order(timed: _Timed) -> tuple[Instant, int]:
    """Of one instant comes first what was asked, then what left and arrived, invitations before answers to them."""
    at, moment = timed
    is_reply = moment.what.startswith(_REPLIES)
    return at, _RANKS.get(moment.kind, 0) + (2 if is_reply and moment.kind in ("sent", "delivered") else 0)


def _copy(one: CopyStory) -> MeetingCopy:
    copy = one.row.copy
    event = copy.revision.event
    return MeetingCopy(
        mailbox=one.owner.address, is_organizer=copy.is_organizer, state=one.row.state.name.lower(), id=_event_id(one),
        subject=event.subject, start=_when(event.start), end=_when(event.end), sequence=copy.revision.sequence,
        told=to_text(copy.revision.dtstamp), answer=copy.own.answer.value, organizer_knows=copy.own.organizer_knows,
        changes=one.changes,
    )  # fmt: skip


def _of_letters(copies: Iterable[CopyStory]) -> Iterator[_Timed]:
    for one in copies:
        for row in one.letters:
            letter, is_sent = row.message.letter, row.message.folder == Folder.SENT
            at = letter.sent if is_sent else row.message.received
            note = letter.note
            yield at, Moment(
                at=to_text(at), kind="sent" if is_sent else "delivered", who=one.owner.address,
                what=f"{_SAYS.get(row.kind, 'message')}: {letter.subject}", sequence=note.sequence if note else None,
                date=(note.recurrence_id if note else None) or "", to=tuple(to.address for to in letter.to),
                is_read=None if is_sent else row.message.is_read,
            )  # fmt: skip


def _of_answers(copies: Iterable[CopyStory]) -> Iterator[_Timed]:
    for one in copies:
        for date, by_guest in one.responses.items():
            for address, response in by_guest.items():
                if response.answered:
                    words = f": {response.comment}" if response.comment else ""
                    yield response.answered, Moment(
                        at=to_text(response.answered), kind="answer", who=address, date=date,
                        what=f"{response.answer.value}{words}", sequence=response.sequence, to=(one.owner.address,),
                        interface=response.answered_through,
                    )  # fmt: skip


def _of_journal(about: About, entries: Iterable[Entry]) -> Iterator[_Timed]:
    for entry in entries:
        kind = about.part_of(entry)
        if kind:
            yield entry.now, Moment(
                at=to_text(entry.now), kind=kind, who=entry.person or entry.application,
                what=f"{entry.method} {entry.target}", interface=interface_of(entry), client=_client(entry),
                number=entry.number, status=entry.status, hint=entry.hint,
            )  # fmt: skip


def _client(entry: Entry) -> str:
    return " ".join(part for part in (entry.application, client_of(entry)) if part)


def _when(when: When) -> str:
    """Return a date, or a wall-clock time with its zone."""
    return when.day.isoformat() if isinstance(when, AllDay) else f"{when.wall.isoformat()} {when.zone}"


def _event_id(one: CopyStory) -> str:
    return ids.encode(ItemId(Kind.EVENT, one.owner.number, one.row.item))
