"""Mail tips: what a sender is told of recipients before a message is sent (Graph: mailTips)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Who, reads
from rsvpd.errors import InvalidProperty
from rsvpd.mail.address import Mailbox, check_address, fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import Person
from rsvpd.mail.settings import ReplyStatus
from rsvpd.mail.tips import MailTips, Problem, ReplyTip
from rsvpd.store import messages, people, settings
from rsvpd.store.tx import Tx

# Suggested is who was written to together with somebody, in so many of the newest messages that were sent.
LOOKED_AT = 50
SUGGESTED = 5
_NEWEST = f"ORDER BY sent_us DESC, item DESC LIMIT {LOOKED_AT}"


@reads
def get_mail_tips(tx: Tx, who: Who, addresses: Sequence[str], *, suggests: bool) -> list[MailTips]:
    """Return what there is to tell of each; `suggests` whether others are looked for that they were written to with."""
    owner = open_mailbox(tx, who)
    known = _frequent_corecipients(tx, owner) if suggests else {}
    return [_tips(tx, one, known.get(fold(one), ()), who.now) for one in addresses]


def _tips(tx: Tx, address: str, suggestions: tuple[Mailbox, ...], now: Instant) -> MailTips:
    try:
        check_address(address)
    except InvalidProperty as wrong:
        return MailTips(address=address, problem=Problem("ErrorInvalidSmtpAddress", wrong.message))
    person = people.by_address(tx, address)
    if person is not None:
        replies = _replies(tx, person, now)
        return MailTips(address=address, is_internal=True, replies=replies, suggestions=suggestions)
    if people.has_domain(tx, fold(address).rpartition("@")[2]):
        problem = Problem("ErrorNonExistentMailbox", "There is no mailbox with this address here.")
        return MailTips(address=address, problem=problem)
    return MailTips(address=address, suggestions=suggestions)


def _replies(tx: Tx, person: Person, now: Instant) -> ReplyTip:
    own = settings.of(tx, person.number)
    replies = own.replies
    message = replies.message(is_internal=True) if replies.is_active(now) else ""
    if not message:
        return ReplyTip()
    if replies.status is not ReplyStatus.SCHEDULED:
        return ReplyTip(message=message, language=own.language)
    return ReplyTip(message=message, language=own.language, start=replies.start, end=replies.end)


def _frequent_corecipients(tx: Tx, owner: Person) -> dict[str, tuple[Mailbox, ...]]:
    """Return for each recipient of the newest messages who else they went to, the most frequent first."""
    found: dict[str, Counter[Mailbox]] = defaultdict(Counter)
    for boxes in _recipients(tx, owner):
        for one in boxes:
            found[fold(one.address)].update(other for other in boxes if fold(other.address) != fold(one.address))
    return {name: tuple(box for box, _ in others.most_common(SUGGESTED)) for name, others in found.items()}


def _recipients(tx: Tx, owner: Person) -> Iterator[list[Mailbox]]:
    """Yield to whom each of the newest messages went; one to very many says nothing of who belongs together."""
    for key in list(messages.keys(tx, owner.number, (Folder.SENT,), "1 = 1", _NEWEST)):
        row = messages.by_item(tx, owner.number, key[0])
        if row is not None:
            letter = row.message.letter
            boxes = {fold(one.address): one for one in (*letter.to, *letter.cc)}
            if len(boxes) <= LOOKED_AT:
                yield list(boxes.values())
