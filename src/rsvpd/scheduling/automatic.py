"""Automatic replies: which letters are answered, and with what (RFC 3834, RFC 5230).

Rule 1: an invitation is answered, and a letter that somebody wrote; an answer to a meeting and a cancellation are not.
Rule 2: what nobody wrote is never answered, so that nothing goes round (RFC 3834 2).
Rule 3: it goes to who sent the letter, not to where replies are asked for (RFC 3834 4).
Rule 4: nobody is answered by himself, or twice as long as the replies last (RFC 5230 4.2; commands keep whom).
"""

from __future__ import annotations

from rsvpd.mail.address import fold
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.message import AutoSubmitted, Letter, MeetingKind
from rsvpd.mail.person import Person
from rsvpd.mail.reply import references_after
from rsvpd.scheduling.letters import message_id_of

PREFIX = "Automatic reply: "  # the words of Exchange
_ANSWERED = (MeetingKind.NONE, MeetingKind.REQUEST)


def is_answered(letter: Letter) -> bool:
    """Return whether mail like this is answered automatically."""
    kind = letter.note.kind if letter.note else MeetingKind.NONE
    return letter.auto_submitted is AutoSubmitted.NO and kind in _ANSWERED


def sender_of(letter: Letter) -> str:
    """Return the case-folded address that an automatic reply to a letter goes to."""
    return fold(letter.sender.address)


def automatic_reply(original: Letter, owner: Person, message: str) -> Letter:
    """Return what `owner` answers to `original`: a message in HTML."""
    return Letter(
        subject=PREFIX + original.subject,
        body=Body(message, BodyKind.HTML),
        sender=owner.mailbox,
        from_=owner.mailbox,
        to=(original.sender,),
        sent=original.sent,
        internet_message_id=message_id_of(f"automatic {original.internet_message_id}", owner.address, original.sent),
        conversation=original.conversation,
        references=references_after(original),
        auto_submitted=AutoSubmitted.REPLIED,
    )
