"""Letters that somebody writes, and what sends them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, structs

from rsvpd.clock import Instant
from rsvpd.commands.attaching import Kept, attach
from rsvpd.commands.automatic_replies import automatic_replies
from rsvpd.errors import InvalidProperty, NoRecipients, NotTheSender
from rsvpd.mail.address import Mailbox, parse_address
from rsvpd.mail.draft import MessageDraft, apply_message_draft
from rsvpd.mail.extended import CustomProperty, drafted_custom_data, merge
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.scheduling.effects import Effect, FileLetter, Post
from rsvpd.store import people
from rsvpd.store.tx import Tx

MOST_RECIPIENTS = 500


def new_letter(tx: Tx, owner: Person, draft: MessageDraft, now: Instant) -> Letter:
    """Return a letter of `owner` as `draft` says. Raises what `change_letter` raises."""
    domain = owner.address.rpartition("@")[2]
    blank = Letter(
        sender=owner.mailbox,
        from_=owner.mailbox,
        sent=now,
        internet_message_id=f"<{tx.entropy(16).hex()}@{domain}>",
        conversation=base64.urlsafe_b64encode(tx.entropy(24)).decode(),
    )
    return change_letter(owner, blank, draft)


def change_letter(owner: Person, letter: Letter, draft: MessageDraft) -> Letter:
    """Return the letter of a draft with what `draft` says of it.

    Raises InvalidProperty for impossible or too many recipients, NotTheSender for a foreign `from`.
    """
    for box in (draft.from_, draft.sender):
        if box is not UNSET and not owner.answers_to(box.address):
            raise NotTheSender
    # Nobody is called otherwise than the directory has it, and a letter is sent when it is.
    own = structs.replace(draft, from_=UNSET, sender=UNSET, sent=UNSET)
    if not own.internet_message_id:
        own = structs.replace(own, internet_message_id=UNSET)
    changed = structs.replace(
        apply_message_draft(letter, own),
        to=_recipients(draft.to, letter.to),
        cc=_recipients(draft.cc, letter.cc),
        bcc=_recipients(draft.bcc, letter.bcc),
        reply_to=_recipients(draft.reply_to, letter.reply_to),
    )
    if len(changed.to) + len(changed.cc) + len(changed.bcc) > MOST_RECIPIENTS:
        raise InvalidProperty(f"More than {MOST_RECIPIENTS} recipients.", target="toRecipients")
    return changed


def with_attachments(
    tx: Tx, owner: Person, letter: Letter, draft: MessageDraft, now: Instant
) -> tuple[Letter, Kept]:
    """Return a letter with what `draft` attaches to it, and the contents that are to be stored for that."""
    if draft.attachments is UNSET or not draft.attachments:
        return letter, ()
    attachments, kept = attach(tx, owner, draft.attachments, now, letter.attachments)
    return structs.replace(letter, attachments=attachments), kept


def _deliver(tx: Tx, owner: Person, letter: Letter) -> Iterator[Effect]:
    """Yield what takes a letter to its recipients: into mailboxes here, to the world through the outbox.

    Raises NoRecipients.
    """
    if not letter.to and not letter.cc and not letter.bcc:
        raise NoRecipients(target="toRecipients")
    public = structs.replace(letter, bcc=()) if letter.bcc else letter
    reached: set[int] = set()
    for box in (*letter.to, *letter.cc, *letter.bcc):
        person = people.by_address(tx, box.address)
        if person is None:
            yield Post(mailbox=owner.number, recipient=box.address, letter=public)
        elif person.number not in reached:
            reached.add(person.number)
            yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=public)


def delivery_effects(tx: Tx, owner: Person, letter: Letter) -> tuple[Effect, ...]:
    """Return what takes a letter to its recipients, and what they answer automatically. Raises NoRecipients."""
    effects = tuple(_deliver(tx, owner, letter))
    return (*effects, *automatic_replies(tx, effects))


def new_extended(draft: MessageDraft) -> tuple[CustomProperty, ...]:
    """Return what is to hang on a new message. Raises TooLarge."""
    return tuple(merge({}, drafted_custom_data(draft.extended)).values())


def set_or_kept(value: Any, stored: Any, *, default: Any) -> Any:
    """Return what a member becomes: UNSET keeps, None clears to the default."""
    if value is UNSET:
        return stored
    return default if value is None else value


def _recipients(boxes: Any, stored: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    if boxes is UNSET:
        return stored
    return tuple(Mailbox(parse_address(box.address, target="toRecipients"), box.name) for box in boxes)
