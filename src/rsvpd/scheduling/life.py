"""The life of a guest's copy, as a table: where it stands, what happens to it, where it stands then.

A copy, and in a series each date of it that was answered, asked for or called off by itself, stands in one stage. A
request, and an update that moves the meeting, asks: whatever was answered before is no answer to that (RFC 5546
3.2.2.1). Words and places leave an answer as it is. What was called off, or deleted by its owner, is answered no more,
and comes back only when it is asked for again. Which messages these moves bring is said elsewhere (`plan.py`,
`answer.py`); docs/meetings.md shows the table as a picture.
"""

from __future__ import annotations

import enum

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import Answer, State, Status


class Stage(enum.Enum):
    """Where a guest's copy, or one date of it, stands; the words are those of PARTSTAT where it has one."""

    NEEDS_ACTION = "NeedsAction"
    ACCEPTED = "Accepted"
    TENTATIVE = "Tentative"
    DECLINED = "Declined"
    CANCELLED = "Cancelled"
    DELETED = "Deleted"


class Move(enum.Enum):
    """What happens to a copy: by the organizer the first three, by its owner the rest."""

    REQUEST = "request or full update"
    INFORMATION = "informational update"
    CANCEL = "cancellation"
    ACCEPT = "accept"
    TENTATIVE = "tentativelyAccept"
    DECLINE = "decline"
    WITHDRAW = "needsAction written, in Google only"
    DELETE = "delete"


_ANSWERED = {
    Move.ACCEPT: Stage.ACCEPTED,
    Move.TENTATIVE: Stage.TENTATIVE,
    Move.DECLINE: Stage.DECLINED,
    Move.WITHDRAW: Stage.NEEDS_ACTION,
}
_GOES_ON = {Move.REQUEST: Stage.NEEDS_ACTION, Move.CANCEL: Stage.CANCELLED, Move.DELETE: Stage.DELETED, **_ANSWERED}

TRANSITIONS: dict[Stage | None, dict[Move, Stage]] = {
    None: {Move.REQUEST: Stage.NEEDS_ACTION, Move.INFORMATION: Stage.NEEDS_ACTION},
    **{
        stage: {**_GOES_ON, Move.INFORMATION: stage}
        for stage in (Stage.NEEDS_ACTION, Stage.ACCEPTED, Stage.TENTATIVE, Stage.DECLINED)
    },
    Stage.CANCELLED: {
        Move.REQUEST: Stage.NEEDS_ACTION,
        Move.INFORMATION: Stage.CANCELLED,
        Move.CANCEL: Stage.CANCELLED,
        Move.DELETE: Stage.DELETED,
    },
    Stage.DELETED: {
        Move.REQUEST: Stage.NEEDS_ACTION,
        Move.INFORMATION: Stage.DELETED,
        Move.CANCEL: Stage.DELETED,
    },
}

MOVE_OF = {
    Answer.ACCEPTED: Move.ACCEPT,
    Answer.TENTATIVE: Move.TENTATIVE,
    Answer.DECLINED: Move.DECLINE,
    Answer.NONE: Move.WITHDRAW,
}
_STAGE_OF = {
    Answer.ACCEPTED: Stage.ACCEPTED,
    Answer.TENTATIVE: Stage.TENTATIVE,
    Answer.DECLINED: Stage.DECLINED,
    Answer.NONE: Stage.NEEDS_ACTION,
}


def stage_of(copy: Copy, state: State, recurrence_id: str | None) -> Stage:
    """Return where a guest's copy, or one date of it, stands."""
    if state is State.DELETED or recurrence_id in copy.removed:
        return Stage.DELETED
    private = copy.private(recurrence_id)
    is_off = copy.revision.list_of(recurrence_id).status is Status.CANCELLED
    if is_off or private.called_off or copy.own.called_off:
        return Stage.CANCELLED
    return _STAGE_OF[private.answer]


def after(stage: Stage | None, move: Move) -> Stage | None:
    """Return where a copy stands after `move`; None where that cannot be."""
    return TRANSITIONS[stage].get(move)
