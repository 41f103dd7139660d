"""Mail that comes in: what the rules of an inbox and its overrides make of it, in the transaction that delivers it.

Whatever is decided in commands goes through `apply` here, so that nothing comes into an inbox past its rules; what they
say is decided in `mail/rule.py`. What rules pass on is delivered in the same transaction, past other rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import structs

from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attached import AttachedMessage, encode_item
from rsvpd.mail.attachment import Attachment, AttachmentKind, content_digests, content_of, new_number
from rsvpd.mail.folder import Folder, is_made
from rsvpd.mail.message import AutoSubmitted, Inference, Letter
from rsvpd.mail.person import Person
from rsvpd.mail.reply import ReplyKind, reply, subject_of
from rsvpd.mail.rule import Outcome, decide, may_pass_on
from rsvpd.scheduling.effects import Effect, FileLetter, Invite, KeepContent, Post
from rsvpd.store import apply as store
from rsvpd.store import folders, people, rules
from rsvpd.store.rules import MailboxRules
from rsvpd.store.tx import Tx

# As many letters at most are passed on by rules in one transaction, so that nobody's rules hold up everybody.
MOST_PASSED_ON = 500


def apply(tx: Tx, effects: Iterable[Effect]) -> None:
    """Carry out what was decided; what comes into an inbox is done with as its owner wants."""
    store.apply(tx, _Arrival(tx).sort(effects))


class _Arrival:
    """Mail that comes in with one decision, and what comes of it."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._left = MOST_PASSED_ON

    def sort(self, effects: Iterable[Effect]) -> Iterator[Effect]:
        """Yield effects as they are once the rules of the mailboxes have been applied."""
        waiting = tuple(effects)
        while waiting:
            wanted = self._rules_for(waiting)
            passed_on: list[Effect] = []
            for effect in waiting:
                for sorted_ in _sort(effect, wanted):
                    if isinstance(sorted_, FileLetter) and _comes_in(sorted_) and sorted_.mailbox in wanted:
                        yield from self._place(sorted_, wanted[sorted_.mailbox], passed_on)
                    else:
                        yield sorted_
            waiting = tuple(passed_on)

    def _rules_for(self, effects: tuple[Effect, ...]) -> dict[int, MailboxRules]:
        mailboxes, senders = set(), set()
        for effect in effects:
            if isinstance(effect, FileLetter) and _comes_in(effect):
                mailboxes.add(effect.mailbox)
            elif isinstance(effect, Invite):
                mailboxes.update(mailbox for mailbox, _ in effect.guests)
            else:
                continue
            senders.add(fold(effect.letter.from_.address))
        return rules.rules_for_senders(self._tx, mailboxes, senders) if mailboxes else {}

    def _place(self, filed: FileLetter, wanted: MailboxRules, passed_on: list[Effect]) -> Iterator[Effect]:
        """Yield what is filed of a letter, and add what is passed on."""
        owner = people.by_number(self._tx, filed.mailbox)
        assert owner is not None
        outcome = decide(wanted.rules, filed.letter, owner)
        side = wanted.sides.get(fold(filed.letter.from_.address), Inference.FOCUSED)
        kept = structs.replace(
            filed,
            is_read=filed.is_read or outcome.is_read,
            importance=outcome.importance,
            categories=outcome.categories,
            inference=side,
        )
        if outcome.folder is not None:
            yield structs.replace(kept, folder=self._folder_or_default(owner, outcome.folder, else_=Folder.INBOX))
        for folder in dict.fromkeys(outcome.copies):
            if self._folder_or_default(owner, folder, else_=-1) == folder:
                yield structs.replace(kept, folder=folder)
        if may_pass_on(filed.letter, owner):
            passed_on += self._pass_on(owner, filed.letter, outcome)

    def _folder_or_default(self, owner: Person, folder: int, *, else_: int) -> int:
        """Return a folder, or another one where it is not there any more: then nothing is lost."""
        return folder if not is_made(folder) or folders.is_there(self._tx, owner.number, folder) else int(else_)

    def _pass_on(self, owner: Person, letter: Letter, outcome: Outcome) -> Iterator[Effect]:
        by = (*letter.passed_on_by, fold(owner.address))
        if outcome.forward_to:
            forward = reply(
                ReplyKind.FORWARD, letter, self._blank(owner, letter, by), owner, comment="", zone=owner.zone
            )  # fmt: skip
            yield from self._to(owner, structs.replace(forward, to=outcome.forward_to), outcome.forward_to)
        if outcome.forward_as_attachment_to:
            yield from self._forward_as_attachment(owner, letter, outcome.forward_as_attachment_to, by)
        if outcome.redirect_to:
            yield from self._to(owner, structs.replace(letter, passed_on_by=by), outcome.redirect_to)

    def _forward_as_attachment(
        self, owner: Person, letter: Letter, recipients: tuple[Mailbox, ...], by: tuple[str, ...]
    ) -> Iterator[Effect]:
        """Yield what takes a letter to others inside another one."""
        now = letter.sent
        inside = AttachedMessage(letter=letter, received=now, created=now, modified=now)
        content = content_of(encode_item(inside))
        yield KeepContent(content)
        attachment = Attachment(
            number=new_number((), self._tx.entropy),
            kind=AttachmentKind.ITEM,
            name=letter.subject,
            size=content.size,
            modified=now,
            digest=content.digest,
            inside=content_digests(letter.attachments),
        )
        subject = subject_of(ReplyKind.FORWARD, letter)
        forward = structs.replace(
            self._blank(owner, letter, by), subject=subject, to=recipients, attachments=(attachment,)
        )  # fmt: skip
        yield from self._to(owner, forward, recipients)

    def _blank(self, owner: Person, letter: Letter, by: tuple[str, ...]) -> Letter:
        """Return a letter of `owner` that nobody wrote, about another one."""
        domain = owner.address.rpartition("@")[2]
        return Letter(
            sender=owner.mailbox,
            from_=owner.mailbox,
            sent=letter.sent,
            internet_message_id=f"<{self._tx.entropy(16).hex()}@{domain}>",
            conversation=letter.conversation,
            importance=letter.importance,
            auto_submitted=AutoSubmitted.GENERATED,
            passed_on_by=by,
        )

    def _to(self, owner: Person, letter: Letter, recipients: tuple[Mailbox, ...]) -> Iterator[Effect]:
        for box in recipients:
            if self._left <= 0 or owner.answers_to(box.address):
                continue
            self._left -= 1
            person = people.by_address(self._tx, box.address)
            if person is None:
                yield Post(mailbox=owner.number, recipient=box.address, letter=letter)
            else:
                yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=letter)


def _comes_in(filed: FileLetter) -> bool:
    return filed.folder == Folder.INBOX and not filed.is_draft


def _sort(effect: Effect, wanted: dict[int, MailboxRules]) -> Iterator[Effect]:
    """Yield an effect, with the letters to those who want something on their own."""
    if not isinstance(effect, Invite):
        yield effect
        return
    apart = frozenset(mailbox for mailbox, _ in effect.guests if mailbox in wanted)
    yield structs.replace(effect, apart=apart) if apart else effect
    for mailbox, _ in effect.guests:
        if mailbox in apart:
            yield FileLetter(
                mailbox=mailbox,
                folder=Folder.INBOX,
                letter=effect.letter,
                about=effect.copy.revision.key,
                stored=effect.stored,
            )
