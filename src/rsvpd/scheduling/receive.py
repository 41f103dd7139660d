"""The door through which meeting messages come into a mailbox.

What is `stored` is the copy of that very meeting, by UID and organizer: nobody changes a meeting by sending
one under its UID (RFC 5546 6.1.1).

Rule 1: the organizer's revision is ordered by SEQUENCE, then DTSTAMP; older ones change nothing
        (RFC 5546 2.1.5).
Rule 2: a new or moved meeting asks again; what only informs keeps the owner's answer.
Rule 3: what is private to a copy survives every update (RFC 6638 3.2.2.1).
Rule 4: who was invited to single occurrences and now to the whole series keeps the answers to those.
Rule 5: whoever declined a series has the date of it that is asked for anew, whoever deleted it that date alone;
        the whole comes back once the whole is asked for.
Rule 6: the latest answer of an attendee counts, by SEQUENCE, then DTSTAMP; an answer to a
        revision before the meeting moved does not.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from rsvpd.calendar.event import (
    SHARED,
    Answer,
    Attendee,
    CommentReaders,
    Event,
    Meeting,
    Sensitivity,
    ShowAs,
    State,
    Status,
)
from rsvpd.calendar.permission import as_guests_see, is_tracked_by
from rsvpd.calendar.series import (
    NO_RULE,
    Frame,
    follows,
    is_partial,
    is_same_but_for_its_end,
    occurrence,
    pattern_start,
    wall_of,
)
from rsvpd.clock import Instant
from rsvpd.mail.address import fold
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.component import dates_alone, everywhere, private_of, where_it_stands
from rsvpd.scheduling.itip import TRAVELS, Cancel, Reply, Request
from rsvpd.timezones.zone import to_instant

CANCELLED_PREFIX = "Canceled: "


def on_request(
    stored: Meeting | None, state: State, request: Request, owner: Person, now: Instant
) -> tuple[Meeting, State] | None:
    """Return the owner's copy after `request`, and where it stands; None where the request is outdated."""
    sent, rid = request.meeting, request.recurrence_id
    if stored is not None and (stored.is_organizer or _is_older(sent.sequence, sent.dtstamp, stored)):
        return None
    asks_again = request.kind is not RequestKind.INFORMATIONAL
    if stored is not None and not (asks_again and rid is None):
        sent = _as_kept(sent, stored, state, rid if asks_again else None)
    copy = Meeting(
        uid=sent.uid,
        organizer=sent.organizer,
        is_organizer=False,
        event=_copied(sent.event, stored.event if stored else None, owner),
        sequence=sent.sequence,
        dtstamp=sent.dtstamp,
        recurrence=sent.recurrence,
        exceptions={rid: _copied(event, _private_source(stored, rid), owner) for rid, event in sent.exceptions.items()},
        deleted=sent.deleted,
        created=stored.created if stored else now,
        modified=now,
    )
    if stored is None:
        return copy, state
    copy = _with_own_exceptions(copy, stored)
    if asks_again and rid is None:
        everything = everywhere(copy, _asked_again)
        is_joined = is_partial(stored) and request.kind is RequestKind.NEW
        kept = {one: event for one, event in copy.exceptions.items() if is_joined and _is_on(stored, one)}
        return structs.replace(everything, exceptions={**everything.exceptions, **kept}), State.LIVE
    copy = _without_what_is_off(copy, stored)
    if asks_again and rid is not None:
        copy, state = _asked_for_date(copy, state, rid), State.LIVE
    return copy, state if state is State.DELETED else where_it_stands(copy)


def _as_kept(sent: Meeting, stored: Meeting, state: State, asked: str | None) -> Meeting:
    """Return as much of a series as is for an owner who removed the rest; `asked` is the date asked for anew."""
    if sent.recurrence in (None, NO_RULE) or not (is_partial(stored) or state is State.DELETED):
        return sent
    kept = {*(stored.exceptions if is_partial(stored) else ()), *(() if asked is None else (asked,))}
    return dates_alone(sent, kept) if kept else sent


def _asked_for_date(copy: Meeting, state: State, recurrence_id: str) -> Meeting:
    """Return `copy` with one occurrence asked for anew; of single ones that were deleted nothing else comes back."""
    gone = {*copy.deleted, *(copy.exceptions if is_partial(copy) and state is State.DELETED else ())}
    there = structs.replace(copy, deleted=tuple(sorted(gone - {recurrence_id})))
    found = occurrence(there, recurrence_id)
    asked = {} if found is None else {recurrence_id: _asked_again(found.event)}
    return structs.replace(there, exceptions=there.exceptions | asked)


def on_cancel(
    stored: Meeting | None, cancel: Cancel, owner: Person, now: Instant, *, last: Meeting | None = None
) -> Meeting | None:
    """Return the attendee's copy after a cancellation: marked, not deleted (RFC 5546 3.2.5); None: nothing.

    `last` is the organizer's meeting as it was before: what the owner last saw of others' answers stays there.
    """
    if stored is None or stored.is_organizer or _is_older(cancel.sequence, cancel.dtstamp, stored):
        return None
    stamped = structs.replace(stored, sequence=cancel.sequence, dtstamp=cancel.dtstamp, modified=now)
    rid = cancel.recurrence_id
    if rid is None:
        return structs.replace(
            stamped,
            event=_called_off(stored.event, None, owner, last),
            exceptions={one: _called_off(event, one, owner, last) for one, event in stored.exceptions.items()},
        )
    found = occurrence(stored, rid)
    if found is None:
        return stamped
    off = _called_off(found.event, rid, owner, last)
    return structs.replace(stamped, exceptions={**stored.exceptions, rid: off})


def on_reply(stored: Meeting, reply: Reply, now: Instant) -> Meeting | None:
    """Return the organizer's copy with the answer tracked; None where nothing changes."""

    if reply.recurrence_id is None:
        tracked = everywhere(stored, lambda event: _tracked(event, reply))
    else:
        found = occurrence(stored, reply.recurrence_id)
        if found is None:
            return None
        marked = _tracked(found.event, reply)
        if marked is found.event:
            return None
        tracked = structs.replace(stored, exceptions={**stored.exceptions, reply.recurrence_id: marked})
    if tracked == stored:
        return None
    return structs.replace(tracked, modified=now)


def cancelled(event: Event) -> Event:
    """Return `event` as it stands in a calendar once it is off."""
    if event.status is Status.CANCELLED:
        return event
    return structs.replace(
        event, status=Status.CANCELLED, show_as=ShowAs.FREE, subject=CANCELLED_PREFIX + event.subject
    )


def _called_off(event: Event, recurrence_id: str | None, owner: Person, last: Meeting | None) -> Event:
    found = occurrence(last, recurrence_id) if last is not None and recurrence_id is not None else None
    before = found.event if found else last.event if last is not None and recurrence_id is None else None
    if before is None or event.status is Status.CANCELLED or not is_tracked_by(before, owner):
        return cancelled(event)
    return structs.replace(cancelled(event), attendees=as_guests_see(before.attendees))


def _is_older(sequence: int, dtstamp: Instant, stored: Meeting) -> bool:
    return (sequence, dtstamp) < (stored.sequence, stored.dtstamp)


def _copied(sent: Event, own: Event | None, owner: Person) -> Event:
    """Return the attendee's event: what the organizer says, with what is private to the owner."""
    shared: dict[str, Any] = {name: getattr(sent, name) for name in SHARED}
    shared["attendees"] = _seen_by(sent, owner)
    shared["intended_show_as"] = sent.show_as
    if own is not None:
        # A new time starts the owner's reminder afresh.
        over = {} if _starts_as(own, sent) else {"reminder_snoozed": 0, "reminder_dismissed": 0}
        return Event(**shared, **{**private_of(own), **over})
    return Event(**shared, show_as=ShowAs.TENTATIVE, sensitivity=_inherited(sent.sensitivity))


def _starts_as(own: Event, sent: Event) -> bool:
    return type(own.start) is type(sent.start) and to_instant(own.start) == to_instant(sent.start)


def _inherited(sensitivity: Sensitivity) -> Sensitivity:
    # RFC 5545 3.8.1.3: CLASS travels with the request; "personal" is a note to oneself.
    return Sensitivity.NORMAL if sensitivity is Sensitivity.PERSONAL else sensitivity


def shown_to_guests(meeting: Meeting, about: str | None = None) -> Meeting:
    """Return the organizer's meeting as guests may see it: nobody's answers, and one list for all copies.

    An occurrence that differs from its series only in what guests do not see, as in answers, is none that
    differs; the one a message is `about` stays.
    """
    bare = everywhere(meeting, lambda event: structs.replace(event, attendees=_bare(event.attendees)))
    frame = Frame(bare)
    differing = {rid: event for rid, event in bare.exceptions.items() if rid == about or _differs(frame, rid, event)}
    return structs.replace(bare, exceptions=differing)


def _differs(frame: Frame, recurrence_id: str, event: Event) -> bool:
    wall = wall_of(frame.meeting, recurrence_id)
    return wall is None or _travelling(event) != _travelling(frame.event(wall))


def _travelling(event: Event) -> list[Any]:
    """Return what a request says of `event`; guests in another order, or a name learnt from an answer, say nothing."""
    guests = {fold(one.address): one.role for one in event.attendees}
    return [guests, *(getattr(event, name) for name in TRAVELS)]


def _bare(attendees: tuple[Attendee, ...]) -> tuple[Attendee, ...]:
    return tuple(Attendee(address=one.address, name=one.name, role=one.role) for one in attendees)


def _seen_by(sent: Event, owner: Person) -> tuple[Attendee, ...]:
    """Return the guest list as that attendee may see it."""
    if not sent.hide_attendees:
        return sent.attendees
    return tuple(one for one in sent.attendees if owner.answers_to(one.address))


def _private_source(stored: Meeting | None, recurrence_id: str) -> Event | None:
    if stored is None:
        return None
    if recurrence_id in stored.exceptions:
        return stored.exceptions[recurrence_id]
    found = occurrence(stored, recurrence_id)
    return found.event if found else stored.event


def _with_own_exceptions(copy: Meeting, stored: Meeting) -> Meeting:
    """Return `copy` with the occurrences that take place and differ only in what is private to the owner."""
    if not is_partial(stored) and not _is_same_series(copy, stored):
        return copy
    own = {
        rid: structs.replace(found.event, **private_of(event))
        for rid, event in stored.exceptions.items()
        if rid not in copy.exceptions and (found := occurrence(copy, rid)) is not None
    }
    return structs.replace(copy, exceptions={**copy.exceptions, **own})


def _without_what_is_off(copy: Meeting, stored: Meeting) -> Meeting:
    """Return `copy` without the occurrences the owner removed, and with those called off marked as such."""
    if not _is_same_series(copy, stored):
        return copy
    off = {rid: event for rid, event in stored.exceptions.items() if event.status is Status.CANCELLED}
    if is_partial(copy):
        return structs.replace(copy, exceptions={**off, **copy.exceptions}, deleted=stored.deleted)
    off = {rid: event for rid, event in off.items() if rid in copy.deleted and follows(copy, rid)}
    gone = (rid for rid in {*copy.deleted, *stored.deleted} - off.keys() if follows(copy, rid))
    return structs.replace(copy, exceptions={**copy.exceptions, **off}, deleted=tuple(sorted(gone)))


def _is_on(meeting: Meeting, recurrence_id: str) -> bool:
    event = meeting.exceptions.get(recurrence_id)
    return event is not None and event.status is not Status.CANCELLED


def _is_same_series(copy: Meeting, stored: Meeting) -> bool:
    """Return whether the recurrence ids of both mean the same occurrences."""
    if is_partial(copy) and is_partial(stored):
        return True
    same = is_same_but_for_its_end(copy.recurrence, stored.recurrence)
    return same and pattern_start(copy) == pattern_start(stored)


def _asked_again(event: Event) -> Event:
    return structs.replace(
        event,
        answer=Answer.NONE,
        answered=0,
        comment="",
        comment_readers=CommentReaders.ORGANIZER,
        guests=0,
        told=False,
        show_as=ShowAs.TENTATIVE,
    )


def tracked(attendee: Attendee, reply: Reply) -> Attendee:
    """Return what is known of `attendee` after `reply`, which may be too old to count."""
    if reply.sequence < attendee.reset_sequence:
        return attendee
    if (reply.sequence, reply.dtstamp) < (attendee.reply_sequence, attendee.reply_dtstamp):
        return attendee
    return structs.replace(
        attendee,
        name=attendee.name or reply.name,
        answer=reply.answer,
        answered=reply.dtstamp if reply.answer is not Answer.NONE else 0,
        comment=reply.comment,
        comment_readers=reply.comment_readers,
        guests=reply.guests,
        reply_sequence=reply.sequence,
        reply_dtstamp=reply.dtstamp,
        proposal=(reply.proposal.start, reply.proposal.end) if reply.proposal else None,
    )


def _tracked(event: Event, reply: Reply) -> Event:
    who = fold(reply.attendee)
    for place, attendee in enumerate(event.attendees):
        if fold(attendee.address) == who:
            answered = tracked(attendee, reply)
            if answered is attendee:
                return event
            return structs.replace(
                event, attendees=(*event.attendees[:place], answered, *event.attendees[place + 1 :])
            )
    return event
