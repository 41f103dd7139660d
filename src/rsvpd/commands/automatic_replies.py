"""Automatic replies to what is delivered, in the transaction that delivers it (scheduling/automatic.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.mail.settings import AutomaticReplies
from rsvpd.scheduling.automatic import automatic_reply, is_answered, sender_of
from rsvpd.scheduling.effects import Effect, FileLetter, Invite, NoteAnswered, Post
from rsvpd.store import people, settings
from rsvpd.store.tx import Tx


def automatic_replies(tx: Tx, effects: Iterable[Effect]) -> list[Effect]:
    """Return what mailboxes answer to the letters that `effects` put into inboxes."""
    received: dict[int, dict[str, Letter]] = defaultdict(dict)
    for mailbox, letter in _incoming_letters(effects):
        received[mailbox].setdefault(sender_of(letter), letter)
    if not received:
        return []
    now = max(letter.sent for letters in received.values() for letter in letters.values())
    found: list[Effect] = []
    for mailbox, replies in settings.active_replies(tx, received, now).items():
        owner = people.by_number(tx, mailbox)
        if owner is not None:
            found += _answers(tx, owner, replies, received[mailbox])
    return found


def _incoming_letters(effects: Iterable[Effect]) -> Iterator[tuple[int, Letter]]:
    """Yield the letters that come in and may be answered, each with the mailbox it is for.

    What goes to a delegate is for the mailbox that the delegate acts for.
    """
    for effect in effects:
        if isinstance(effect, FileLetter):
            if effect.folder is Folder.INBOX and not effect.is_draft and is_answered(effect.letter):
                yield effect.principal or effect.mailbox, effect.letter
        elif isinstance(effect, Invite) and is_answered(effect.letter):
            yield from ((mailbox, effect.letter) for mailbox, _ in effect.guests)


def _answers(tx: Tx, owner: Person, replies: AutomaticReplies, letters: dict[str, Letter]) -> Iterator[Effect]:
    """Yield what `owner` answers to the first letter of each sender who was not answered yet."""
    known = settings.answered_senders(tx, owner.number, letters)
    for sender, letter in letters.items():
        person = people.by_address(tx, sender)
        message = replies.message(is_internal=person is not None)
        if not message or sender in known or owner.answers_to(sender):
            continue
        reply = automatic_reply(letter, owner, message)
        yield NoteAnswered(mailbox=owner.number, sender=sender, now=letter.sent)
        if person is not None:
            yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=reply)
        else:
            yield Post(mailbox=owner.number, recipient=letter.sender.address, letter=reply, is_automatic=True)
