"""From what clients want attached to what is attached: values that stand in letters and events, and their contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Meeting
from rsvpd.clock import Instant
from rsvpd.errors import InvalidProperty, ItemTooLarge
from rsvpd.mail.attached import AttachedEvent, AttachedItem, AttachedMessage, encode_item
from rsvpd.mail.attachment import (
    MOST_ATTACHMENTS,
    MOST_BYTES,
    Attachment,
    AttachmentKind,
    Attachments,
    Content,
    content_digests,
    content_of,
    new_number,
    total_size,
)
from rsvpd.mail.draft import AttachmentDraft, ItemDraft, MessageDraft, StoredContent, apply_message_draft
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.scheduling import plan
from rsvpd.scheduling.effects import KeepContent
from rsvpd.store.tx import Tx

# learn.microsoft.com/graph/api/attachment-get: items in items, up to 30 levels.
MOST_LEVELS = 30

Kept = tuple[KeepContent, ...]


def attach(
    tx: Tx, owner: Person, drafts: Sequence[AttachmentDraft], now: Instant, before: Attachments = ()
) -> tuple[Attachments, Kept]:
    """Return what is attached to an item after these, and the contents that are to be stored for it.

    Raises ItemTooLarge beyond what a mailbox takes, InvalidProperty for too many.
    """
    attaching = _AttachmentMaker(tx, owner, now)
    attachments = attaching.attach(drafts, before)
    check(attachments)
    return attachments, tuple(map(KeepContent, attaching.contents))


def check(attachments: Attachments) -> None:
    """Raise ItemTooLarge beyond what a mailbox takes, InvalidProperty for too many."""
    if total_size(attachments) > MOST_BYTES:
        raise ItemTooLarge
    if len(attachments) > MOST_ATTACHMENTS:
        raise InvalidProperty(f"At most {MOST_ATTACHMENTS} attachments are possible.", target="attachments")


def with_attached(
    tx: Tx, owner: Person, draft: EventDraft, now: Instant, before: Attachments = ()
) -> tuple[EventDraft, Kept]:
    """Return a draft of an event that says what is attached, and the contents that are to be stored for it.

    What the draft names takes the place of references; the same one again is still the one that was there.
    """
    if draft.attached is UNSET:
        return draft, ()
    links = {_description(one): one for one in before if one.kind is AttachmentKind.REFERENCE}
    stay = tuple(one for one in before if one.kind is not AttachmentKind.REFERENCE)
    known = [links.get(_description(one)) for one in draft.attached]
    fresh = tuple(one for one, same in zip(draft.attached, known, strict=True) if same is None)
    made, kept = attach(tx, owner, fresh, now, before)
    coming = iter(made[len(before) :])
    attachments = (*stay, *(same or next(coming) for same in known))
    check(attachments)
    return structs.replace(draft, attachments=attachments, attached=UNSET), kept


def _description(one: Attachment | AttachmentDraft) -> tuple[object, ...]:
    return one.kind, one.name, one.content_type, one.link


class _AttachmentMaker:
    """Makes attachments of drafts, of items inside them too."""

    def __init__(self, tx: Tx, owner: Person, now: Instant) -> None:
        self.contents: list[Content] = []
        self._tx = tx
        self._owner = owner
        self._now = now

    def attach(self, drafts: Iterable[AttachmentDraft], before: Attachments = ()) -> Attachments:
        made = list(before)
        for draft in drafts:
            made.append(self._attachment(draft, new_number(made, self._tx.entropy)))
        return tuple(made)

    def _attachment(self, draft: AttachmentDraft, number: int) -> Attachment:
        content, inside = draft.content, tuple[bytes, ...]()
        if draft.item is not None:
            item, inside = self._item(draft.item)
            content = content_of(encode_item(item))
        stored = draft.stored
        if content is not None:
            self.contents.append(content)
            stored = StoredContent(content.digest, content.size)
        return Attachment(
            number=number,
            kind=draft.kind,
            name=draft.name,
            content_type=draft.content_type,
            size=stored.size if stored is not None else 0,
            is_inline=draft.is_inline,
            content_id=draft.content_id,
            content_location=draft.content_location,
            modified=self._now,
            digest=stored.digest if stored is not None else b"",
            inside=inside,
            link=draft.link,
        )

    def _item(self, draft: ItemDraft) -> tuple[AttachedItem, tuple[bytes, ...]]:
        """Return an item that is to be attached, and the digests of what is attached to it."""
        match draft:
            case MessageDraft():
                letter = self._letter(draft)
                is_read = draft.is_read is not False
                when = letter.sent
                message = AttachedMessage(
                    letter=letter, received=when, created=when, modified=self._now, is_read=is_read
                )
                return message, content_digests(letter.attachments)
            case EventDraft():
                meeting = self._meeting(draft)
                return AttachedEvent(meeting=meeting), content_digests(meeting.event.attachments)
        raise TypeError(type(draft))

    def _letter(self, draft: MessageDraft) -> Letter:
        """Return the letter of an attached message, whoever is said to have written it."""
        nobody = self._owner.mailbox
        letter = apply_message_draft(Letter(sender=nobody, from_=nobody, sent=self._now), draft)
        return structs.replace(letter, attachments=self._nested_attachments(draft.attachments))

    def _meeting(self, draft: EventDraft) -> Meeting:
        made = structs.replace(draft, attachments=self._nested_attachments(draft.attached), attached=UNSET)
        uid = "" if draft.uid is UNSET else draft.uid
        return compose(plan.create(made, self._owner, uid=uid or self._tx.entropy(16).hex(), now=self._now).copy)

    def _nested_attachments(self, drafts: tuple[AttachmentDraft, ...] | UnsetType) -> Attachments:
        return () if drafts is UNSET else self.attach(drafts)
