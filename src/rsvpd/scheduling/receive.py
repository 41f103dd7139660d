"""The door through which meeting messages come into a mailbox.

What is `stored` is the copy of that very meeting, by UID and organizer: nobody changes a meeting by sending
one under its UID (RFC 5546 6.1.1).

Rule 1: the organizer's revision is ordered by SEQUENCE, then DTSTAMP; older ones change nothing
        (RFC 5546 2.1.5).
Rule 2: a new or moved meeting asks again, also by a later revision that came before the request that moved it; what
        only informs keeps the owner's answer.
Rule 3: what is private to a copy survives every update (RFC 6638 3.2.2.1); what its owner changed of the
        organizer's members does not.
Rule 4: who was invited to single occurrences and now to the whole series keeps the answers to those.
Rule 5: whoever declined a series has the date of it that is asked for anew, whoever deleted it that date alone;
        the whole comes back once the whole is asked for.
Rule 6: a private copy of a guest is not the organizer's to change; who is invited after all has an ordinary one.
Rule 7: the latest answer of an attendee counts, by SEQUENCE, then DTSTAMP; an answer to a
        revision before the meeting moved does not.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import UNSET, structs

from rsvpd.calendar.compose import CANCELLED_PREFIX, compose, sensitivity_for_guest
from rsvpd.calendar.copy import NO_RESPONSES, OWN_ANSWER, CalledOff, Copy, Private, Response, Responses
from rsvpd.calendar.event import Answer, Meeting, State
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import follows, is_same_but_for_its_end, occurrence
from rsvpd.clock import Instant
from rsvpd.mail.address import fold
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.component import change_every_part, component_at, where_it_stands, with_private
from rsvpd.scheduling.itip import Cancel, InvitedDates, Reply, Request
from rsvpd.scheduling.life import Move, Stage, after, stage_of
from rsvpd.timezones.zone import to_instant

_NOT_ANSWERED = Private()


def on_request(
    stored: Copy | None, state: State, request: Request, owner: Person, now: Instant
) -> tuple[Copy, State] | None:
    """Return the owner's copy after `request`, and where it stands; None where the request is outdated."""
    sent, rid = request.revision, request.recurrence_id
    if stored is None:
        return first_copy(request, owner, now), state
    if stored.is_private_copy and not stored.is_organizer:
        return structs.replace(first_copy(request, owner, now), created=stored.created), State.LIVE
    if stored.is_organizer or _is_older(sent.sequence, sent.dtstamp, stored):
        return None
    # A revision says whether its guests were asked since the one they know; the request that did may come after it.
    is_overtaken = sent.reset_sequence > stored.sequence
    move = Move.INFORMATION if request.kind is RequestKind.INFORMATIONAL and not is_overtaken else Move.REQUEST
    stage = stage_of(stored, state, rid)
    asks_again = move is Move.REQUEST and after(stage, move) is Stage.NEEDS_ACTION
    is_whole = asks_again and (rid is None or (is_overtaken and not stored.is_partial))
    asked = _dates_reset_since(request, stored) | ({rid} if asks_again and rid is not None else frozenset())
    invited = request.invited if is_whole else _without_removed(request, stored, state, asked)
    copy = structs.replace(
        stored,
        revision=sent,
        sequence=sent.sequence,
        dtstamp=sent.dtstamp,
        own=structs.replace(stored.own, overlay=None),
        dates={},
        invited_to=invited.to,
        removed=invited.without,
        modified=now,
    )
    copy = _with_own_dates(copy, stored, request.invited.without)
    if is_whole:
        is_joined = stored.is_partial and request.kind is RequestKind.NEW
        kept = {rid: one for rid, one in copy.dates.items() if is_joined and stored.dates[rid].called_off is None}
        again = change_every_part(copy, _reset_answer)
        return _restart_reminders(structs.replace(again, dates={**again.dates, **kept}), stored), State.LIVE
    copy = _without_what_is_off(copy, stored)
    if asked:
        copy, state = _restore_dates(copy, state, asked), State.LIVE
    copy = _restart_reminders(copy, stored)
    return copy, state if state is State.DELETED else where_it_stands(copy)


def on_cancel(
    stored: Copy | None,
    cancel: Cancel,
    now: Instant,
    *,
    last_seen: Responses = NO_RESPONSES,
) -> Copy | None:
    """Return the attendee's copy after a cancellation: marked, not deleted (RFC 5546 3.2.5); None: nothing.

    `last_seen` are the answers of the others as the owner saw them last, which stay there.
    """
    if stored is None or stored.is_organizer or stored.is_private_copy:
        return None
    if _is_older(cancel.sequence, cancel.dtstamp, stored):
        return None
    stamped = structs.replace(stored, sequence=cancel.sequence, dtstamp=cancel.dtstamp, modified=now)
    rid = cancel.recurrence_id
    if rid is None:
        exceptions = (one for one in last_seen if one in stored.revision.exceptions and one not in stored.removed)
        names = {*stored.dates, *(exceptions if stored.invited_to is None else stored.invited_to)}
        answers = {one: _as_last_seen(last_seen, one if one in last_seen else "") for one in names}
        dates = {one: _cancel_private(stored.private(one), answers[one]) for one in names}
        own = stored.own if stored.is_partial else _cancel_private(stored.own, _as_last_seen(last_seen, ""))
        return structs.replace(stamped, own=own, dates=dates)
    if occurrence(compose(stored), rid) is None:
        return stamped
    last = structs.replace(_as_last_seen(last_seen, rid), event=component_at(stored, rid))
    return with_private(stamped, rid, _cancel_private(stored.private(rid), last))


def on_reply(meeting: Meeting, revision: Revision, known: Response | None, reply: Reply) -> Response | None:
    """Return what the organizer knows of an answer after `reply`, where `known` was known; None: nothing changes.

    `meeting` is the organizer's meeting, without regard to answers. An answer of somebody who is not on the list, or to
    a date that does not take place, or to a revision before that was asked for anew, is none.
    """
    who, rid = fold(reply.attendee), reply.recurrence_id
    lists = [revision.list_of(rid)] if rid is not None else [revision.event, *revision.exceptions.values()]
    since = [one.guests[one.places[who]].since for one in lists if who in one.places]
    if not since or reply.sequence < max(min(since), revision.reset_sequence_of(rid)):
        return None
    if rid is not None and occurrence(meeting, rid) is None:
        return None
    if known is not None and (reply.sequence, reply.dtstamp) < known.order:
        return None
    response = Response(
        answer=reply.answer,
        answered=reply.dtstamp if reply.answer is not Answer.NONE else 0,
        answered_through=reply.interface if reply.answer is not Answer.NONE else "",
        sequence=reply.sequence,
        dtstamp=reply.dtstamp,
        comment=reply.comment,
        comment_readers=reply.comment_readers,
        guests=reply.guests,
        name=reply.name,
        proposal=(reply.proposal.start, reply.proposal.end) if reply.proposal else None,
    )
    return None if response == known else response


def first_copy(request: Request, owner: Person, now: Instant) -> Copy:
    """Return the copy of somebody who had none; those of the same request differ in their address alone."""
    sent = request.revision
    own = Private(sensitivity=sensitivity_for_guest(sent.event.sensitivity))
    stricter = {
        rid: structs.replace(own, sensitivity=sensitivity_for_guest(one.sensitivity))
        for rid, one in sent.exceptions.items()
        if sensitivity_for_guest(one.sensitivity) is not own.sensitivity and rid not in request.invited.without
    }
    return Copy(
        revision=sent,
        is_organizer=False,
        address=fold(owner.address),
        sequence=sent.sequence,
        dtstamp=sent.dtstamp,
        own=own,
        dates=stricter,
        invited_to=request.invited.to,
        removed=request.invited.without,
        created=now,
        modified=now,
    )


def _dates_reset_since(request: Request, stored: Copy) -> frozenset[str]:
    """Return the single dates that the owner was asked for after what was told last."""
    to, without = request.invited.to, request.invited.without
    dates = (rid for rid, asked_at in request.revision.resets.items() if asked_at > stored.sequence)
    return frozenset(rid for rid in dates if rid not in without and (to is None or rid in to))


def _without_removed(request: Request, stored: Copy, state: State, asked: frozenset[str]) -> InvitedDates:
    """Return as much of a series as is for an owner who removed the rest; `asked` are the dates asked for anew."""
    is_rest_gone = stored.is_partial or state is State.DELETED
    if request.invited.to is not None or not is_rest_gone:
        return request.invited
    kept = {*(stored.invited_to or ()), *asked}
    return InvitedDates(to=tuple(sorted(kept))) if kept else request.invited


def _restore_dates(copy: Copy, state: State, asked: frozenset[str]) -> Copy:
    """Return `copy` with some dates asked for anew; of single ones that were deleted nothing else comes back."""
    gone = {*copy.removed}
    if copy.invited_to is not None and state is State.DELETED:
        gone |= {*copy.invited_to}
    there = structs.replace(copy, removed=tuple(sorted(gone - asked)))
    meeting = compose(there)
    found = (rid for rid in asked if rid in there.dates or occurrence(meeting, rid) is not None)
    return structs.replace(there, dates={**there.dates, **{rid: _reset_answer(there.private(rid)) for rid in found}})


def _as_last_seen(last_seen: Responses, recurrence_id: str) -> CalledOff:
    return CalledOff(responses=dict(last_seen.get(recurrence_id, {})))


def _cancel_private(private: Private, last: CalledOff) -> Private:
    """Return what is kept of what is off; it takes no time any more, whatever its owner chose."""
    overlay = private.overlay
    if overlay is not None and overlay.subject is not UNSET and private.called_off is None:
        overlay = structs.replace(overlay, subject=CANCELLED_PREFIX + overlay.subject)
    return structs.replace(private, called_off=private.called_off or last, overlay=overlay, show_as=None)


def _is_older(sequence: int, dtstamp: Instant, stored: Copy) -> bool:
    return (sequence, dtstamp) < (stored.sequence, stored.dtstamp)


def _with_own_dates(copy: Copy, stored: Copy, without: Collection[str]) -> Copy:
    """Return `copy` with what is kept of the dates that take place; to those `without` its owner is not invited."""
    is_same = stored.is_partial or _has_same_dates(copy, stored)
    copy = structs.replace(copy, own=structs.replace(copy.own, called_off=None))
    if not stored.dates or not is_same:
        return copy
    meeting = compose(copy)
    kept = {
        rid: structs.replace(private, overlay=None, called_off=None)
        for rid, private in stored.dates.items()
        if rid not in without and (rid in meeting.exceptions or occurrence(meeting, rid) is not None)
    }
    return structs.replace(copy, dates=kept)


def _without_what_is_off(copy: Copy, stored: Copy) -> Copy:
    """Return `copy` without the dates the owner removed, and with those called off marked as such."""
    if copy.is_partial is stored.is_partial:
        # What was called off of the whole says nothing of a date to which its owner is invited afterwards.
        copy = structs.replace(copy, own=structs.replace(copy.own, called_off=stored.own.called_off))
    if not _is_same_series(copy, stored):
        return copy
    off = {rid: one for rid, one in stored.dates_apart().items() if one.called_off}
    if copy.invited_to is None:
        pattern = compose(copy)
        off = {rid: one for rid, one in off.items() if follows(pattern, rid)}
        removed = {*copy.removed, *stored.removed} - off.keys()
        left = tuple(sorted(rid for rid in removed if follows(pattern, rid)))
        return structs.replace(copy, dates={**off, **copy.dates}, removed=left)
    listed = tuple(sorted({*copy.invited_to, *off}))
    return structs.replace(copy, dates={**off, **copy.dates}, invited_to=listed, removed=stored.removed)


def _is_same_series(copy: Copy, stored: Copy) -> bool:
    """Return whether the recurrence ids of both mean the same occurrences."""
    return stored.is_partial if copy.is_partial else _has_same_dates(copy, stored)


def _has_same_dates(copy: Copy, stored: Copy) -> bool:
    """Return whether the series of both, of which either may have single dates alone, has the same pattern."""
    one, other = copy.revision, stored.revision
    return is_same_but_for_its_end(one.recurrence, other.recurrence) and one.event.start == other.event.start


def _restart_reminders(copy: Copy, stored: Copy) -> Copy:
    """Return `copy` with the reminders of what starts at another time begun afresh."""
    if not any(one.reminder_snoozed or one.reminder_dismissed for one in (copy.own, *copy.dates.values())):
        return copy
    before, after = compose(stored), compose(copy)

    def afresh(rid: str | None, private: Private) -> Private:
        if not (private.reminder_snoozed or private.reminder_dismissed):
            return private
        old = before.event if rid is None else (was.event if (was := occurrence(before, rid)) else before.event)
        new = after.event if rid is None else (now.event if (now := occurrence(after, rid)) else after.event)
        same = type(old.start) is type(new.start) and to_instant(old.start) == to_instant(new.start)
        return private if same else structs.replace(private, reminder_snoozed=0, reminder_dismissed=0)

    dates = {rid: afresh(rid, private) for rid, private in copy.dates.items()}
    return structs.replace(copy, own=afresh(None, copy.own), dates=dates)


def _reset_answer(private: Private) -> Private:
    again = {name: getattr(_NOT_ANSWERED, name) for name in OWN_ANSWER if name != "reply_dtstamp"}
    return structs.replace(private, **again, show_as=None)
