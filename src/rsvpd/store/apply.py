"""The only place where the effects of a decision are carried out."""

from __future__ import annotations

from collections.abc import Iterable

from rsvpd.scheduling.effects import DiscardRequests, Effect, FileLetter, KeepRound, Post, PutCopy, TrackAnswer
from rsvpd.store import events, messages, outbox, rounds
from rsvpd.store.tx import Tx


def apply(tx: Tx, effects: Iterable[Effect]) -> None:
    """Carry out what was decided, in order: rows, change log and outbox, all in this transaction."""
    letters: messages.Stored = {}
    for effect in effects:
        match effect:
            case PutCopy():
                events.put(tx, effect)
            case TrackAnswer():
                events.track_answer(tx, effect)
            case FileLetter():
                messages.file(tx, effect, letters)
            case DiscardRequests():
                messages.discard_requests(tx, effect)
            case KeepRound():
                rounds.keep(tx, effect, lambda letter: messages.letter_number(tx, letter, letters))
            case Post():
                outbox.post(tx, effect)
