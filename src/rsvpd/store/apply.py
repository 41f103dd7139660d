"""The only place where the effects of a decision are carried out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rsvpd.scheduling.effects import (
    DiscardRequests,
    Effect,
    FileLetter,
    Invite,
    KeepContent,
    KeepDelivery,
    NoteAnswered,
    Post,
    PutCopy,
    RewriteDraft,
    TrackAnswer,
)
from rsvpd.store import changes, contents, deliveries, events, messages, outbox, settings
from rsvpd.store.tx import Tx


def apply(tx: Tx, effects: Iterable[Effect]) -> None:
    """Carry out what was decided, in order: rows, change log and outbox, all in this transaction.

    All of it is decided before anything is written: no decision reads between two writes.
    """
    decided = tuple(effects)
    changes.expect(tx, _mailboxes(decided))
    with tx.together():
        _write(tx, decided)
    events.drop_superseded(tx)


def _mailboxes(decided: Iterable[Effect]) -> Iterator[int]:
    """Yield the mailboxes that change."""
    for effect in decided:
        if isinstance(effect, Invite):
            yield from (mailbox for mailbox, _ in effect.guests)
        elif not isinstance(effect, Post | KeepContent | KeepDelivery):
            yield effect.mailbox


def _write(tx: Tx, decided: tuple[Effect, ...]) -> None:
    letters: messages.Stored = {}
    for effect in decided:
        match effect:
            case PutCopy():
                events.put(tx, effect)
            case Invite():
                messages.file_invitations(tx, effect, events.put_new(tx, effect.copy, effect.guests), letters)
            case TrackAnswer():
                events.track_answer(tx, effect)
            case FileLetter():
                messages.file(tx, effect, letters)
            case RewriteDraft():
                messages.rewrite(tx, effect, letters)
            case DiscardRequests():
                messages.discard_requests(tx, effect)
            case NoteAnswered():
                settings.note_answered(tx, effect)
            case KeepContent():
                contents.put(tx, effect.content)
            case KeepDelivery():
                deliveries.keep(tx, effect, lambda letter: messages.letter_number(tx, letter, letters))
            case Post():
                outbox.post(tx, effect)
