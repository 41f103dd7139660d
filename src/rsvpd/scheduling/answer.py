"""An attendee answers.

Rules and their sources (Graph: event-accept, event-decline, event-tentativelyAccept):
the organizer has nothing to answer; a comment or a proposal needs a response to travel in;
where no response was asked for, none may be sent; a declined meeting leaves the calendar, a series with the last
of its dates.
"""

from __future__ import annotations

import enum

from msgspec import Struct, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import OWN_ANSWER, Copy, Private
from rsvpd.calendar.event import Answer, CommentReaders, State
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.errors import (
    CommentWithoutResponse,
    MeetingIsCancelled,
    OrganizerCannotRespond,
    ProposalNotAllowed,
    ProposalWithoutResponse,
    ResponseNotRequested,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.message import TimeSlot
from rsvpd.mail.person import Person
from rsvpd.scheduling.component import change_every_part, where_it_stands, with_private
from rsvpd.scheduling.itip import Reply, next_dtstamp
from rsvpd.scheduling.life import MOVE_OF, after, stage_of


class Tell(enum.Enum):
    """Who learns of an answer: nobody; the organizer's tracking, where that is here; that, or by a message an
    organizer who is not; that and a message in any case."""

    NOBODY = "nobody"
    TRACKING = "tracking"
    OUTSIDE = "outside"
    MESSAGE = "message"


class Given(Struct, frozen=True, kw_only=True):
    """What the attendee says. `comment` None: nothing said (an empty one is still a comment).

    `is_written_back`: it came with other members of the event, as clients write back what they read, and so says
    something only where it is another answer than stood there.
    `by_mail`: the organizer has no mailbox here, and learns of an answer by a message alone. `is_kept`: it is given in
    a private copy, and nobody learns of it whatever `tell` says. `interface` is what it was given through.
    """

    answer: Answer
    comment: str | None = None
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int | None = None
    proposal: TimeSlot | None = None
    tell: Tell = Tell.MESSAGE
    is_written_back: bool = False
    by_mail: bool = False
    is_kept: bool = False
    interface: str = ""

    @property
    def is_sent(self) -> bool:
        """Return whether the organizer gets a message."""
        return not self.is_kept and (self.tell is Tell.MESSAGE or (self.tell is Tell.OUTSIDE and self.by_mail))

    @property
    def is_told(self) -> bool:
        """Return whether the organizer learns of the answer."""
        return self.is_sent if self.by_mail else self.tell is not Tell.NOBODY and not self.is_kept


class Answered(Struct, frozen=True, kw_only=True):
    """The attendee's copy afterwards, where it stands, and the reply to deliver (None: nothing to say)."""

    copy: Copy
    state: State
    reply: Reply | None
    changed: bool


def answer(
    copy: Copy, state: State, recurrence_id: str | None, given: Given, owner: Person, now: Instant
) -> Answered:
    """Return what becomes of `owner` answering. The same answer again changes nothing and tells nobody.

    To a series it is the same only where it is so for every date that was answered, or asked for, by itself.
    """
    _check(copy, state, recurrence_id, given)
    held = copy.private(recurrence_id)
    if all(_is_repeated(one, given) for one in _parts_to_answer(copy, recurrence_id, held, given)):
        return Answered(copy=copy, state=state, reply=None, changed=False)
    own = _with_answer(held, given, next_dtstamp(_last_reply(copy, recurrence_id), now=now))
    if recurrence_id is None:
        answered = change_every_part(copy, lambda one: _with_answer_of(one, own))
    else:
        answered = with_private(copy, recurrence_id, _with_answer_of(held, own))
    return Answered(
        copy=structs.replace(answered, modified=now),
        state=where_it_stands(answered),
        reply=_reply(copy, recurrence_id, own, given, owner),
        changed=True,
    )


def _check(copy: Copy, state: State, recurrence_id: str | None, given: Given) -> None:
    event = component(compose(copy), recurrence_id)
    if copy.is_organizer:
        raise OrganizerCannotRespond(hint=Hint(HintCode.ORGANIZER_CANNOT_RESPOND))
    if given.tell is Tell.NOBODY and given.proposal is not None:
        raise ProposalWithoutResponse
    if given.tell is Tell.NOBODY and given.comment is not None:
        raise CommentWithoutResponse
    if after(stage_of(copy, state, recurrence_id), MOVE_OF[given.answer]) is None:
        raise MeetingIsCancelled
    if given.proposal is not None and not event.allow_proposals:
        raise ProposalNotAllowed
    if given.tell is Tell.MESSAGE and not event.response_requested:
        raise ResponseNotRequested


def _last_reply(copy: Copy, recurrence_id: str | None) -> Instant:
    """Return the stamp of the last reply to what is answered; an answer to the whole is one to each date."""
    if recurrence_id is not None:
        return _reply_stamp(copy.private(recurrence_id))
    return max(_reply_stamp(one) for one in (copy.own, *copy.dates.values()))


def _reply_stamp(private: Private) -> Instant:
    # A copy that an earlier version answered knows only when that was.
    return max(private.reply_dtstamp, private.answered)


def _parts_to_answer(copy: Copy, recurrence_id: str | None, held: Private, given: Given) -> tuple[Private, ...]:
    """Return what an answer to `held` is for; what was called off cannot be answered any more."""
    if recurrence_id is not None or given.is_written_back:
        return (held,)
    return held, *(one for one in copy.dates.values() if one.called_off is None)


def _is_repeated(private: Private, given: Given) -> bool:
    """Return whether exactly that was answered already, and the organizer knows it."""
    guests = private.guests if given.guests is None else given.guests
    same = (private.answer, private.comment, private.guests) == (given.answer, given.comment or "", guests)
    organizer_knows = private.organizer_knows or given.is_told
    nothing_new = given.answer is Answer.NONE or (private.answered != 0 and organizer_knows == private.organizer_knows)
    return same and nothing_new and given.proposal is None


def _with_answer(private: Private, given: Given, stamp: Instant) -> Private:
    """Return `private` with the answer in it; how the time is shown goes with that."""
    comment = given.comment or ""
    return structs.replace(
        private,
        answer=given.answer,
        answered=stamp if given.answer is not Answer.NONE else 0,
        answered_through=given.interface if given.answer is not Answer.NONE else "",
        comment=comment,
        comment_readers=given.comment_readers if comment else CommentReaders.ORGANIZER,
        guests=private.guests if given.guests is None else given.guests,
        organizer_knows=given.is_told,
        reply_dtstamp=stamp,
        show_as=None,
    )


def _with_answer_of(private: Private, own: Private) -> Private:
    return structs.replace(private, **{name: getattr(own, name) for name in OWN_ANSWER}, show_as=None)


def _reply(copy: Copy, recurrence_id: str | None, own: Private, given: Given, owner: Person) -> Reply | None:
    if not given.is_told:
        return None
    return Reply(
        uid=copy.revision.uid,
        attendee=owner.address,
        name=owner.name,
        answer=given.answer,
        sequence=copy.sequence,
        dtstamp=own.reply_dtstamp,
        comment=own.comment,
        comment_readers=own.comment_readers,
        guests=own.guests,
        recurrence_id=recurrence_id,
        proposal=given.proposal,
        interface=given.interface,
    )
