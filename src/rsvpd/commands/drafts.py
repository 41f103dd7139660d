"""What can be done with drafts: they are made, also as replies, changed (`mail.update_message`) and sent.

A draft is a message whose letter is of nobody else. To send it moves it to Sent Items: it gets another id, and the one
that lasts stays (Graph: outlook-immutable-id, "Immutable IDs and sending mail").
"""

from __future__ import annotations

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.arrival import apply
from rsvpd.commands.attaching import Kept
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.folder_scope import check_holder
from rsvpd.commands.mail import find_message, row_of, view_of_message
from rsvpd.commands.outgoing import (
    change_letter,
    delivery_effects,
    new_extended,
    new_letter,
    set_or_kept,
    with_attachments,
)
from rsvpd.errors import NotAllowed
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Flag, Inference, Letter, set_flag
from rsvpd.mail.person import Person
from rsvpd.mail.reply import ReplyKind, reply
from rsvpd.mail.view import MessageView
from rsvpd.scheduling.effects import FileLetter, RewriteDraft
from rsvpd.store import messages
from rsvpd.store.tx import Tx


class ReplyDraft(Struct, frozen=True, kw_only=True):
    """What a client wants a reply to be: the `comment` stands above the original, what `message` says takes the place.

    `zone` is the IANA name of the zone in which it is told when the original was sent.
    """

    kind: ReplyKind
    comment: str = ""
    message: MessageDraft = MessageDraft()
    zone: str = "UTC"


@writes
def create_draft(tx: Tx, who: Who, draft: MessageDraft, *, folder: int = Folder.DRAFTS) -> Done[MessageView]:
    """Put a message that is not sent into a folder.

    Raises FolderNotFound, InvalidFolderType, InvalidProperty for impossible or too many recipients, NotTheSender for a
    foreign `from`.
    """
    owner = open_mailbox(tx, who)
    check_holder(tx, owner, folder)
    letter, contents = with_attachments(tx, owner, new_letter(tx, owner, draft, who.now), draft, who.now)
    apply(tx, contents)
    return Done(_file(tx, owner, letter, draft, folder), ignored_property_hints(draft.ignored))


@writes
def create_reply(tx: Tx, who: Who, message: ids.ItemId, draft: ReplyDraft) -> Done[MessageView]:
    """Put a reply to a message, or a forward of it, into Drafts.

    Raises what `create_draft` raises, and ItemNotFound.
    """
    owner = open_mailbox(tx, who)
    letter, contents = _reply(tx, owner, message, draft, who.now)
    apply(tx, contents)
    return Done(_file(tx, owner, letter, draft.message, Folder.DRAFTS), ignored_property_hints(draft.message.ignored))


@writes
def send_reply(tx: Tx, who: Who, message: ids.ItemId, draft: ReplyDraft) -> Done[None]:
    """Reply to a message, or forward it. Raises what `create_reply` raises, and NoRecipients."""
    owner = open_mailbox(tx, who)
    letter, contents = _reply(tx, owner, message, draft, who.now)
    kept = FileLetter(
        mailbox=owner.number, folder=Folder.SENT, letter=letter, is_read=True, extended=new_extended(draft.message)
    )
    apply(tx, (*contents, *delivery_effects(tx, owner, letter), kept))
    return Done(None, ignored_property_hints(draft.message.ignored))


@writes
def send_draft(tx: Tx, who: Who, message: ids.ItemId) -> Done[None]:
    """Send a draft: into mailboxes here at once, to the world through the outbox; it goes to Sent Items.

    Raises NotAllowed for a message that is none, NoRecipients.
    """
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, message)
    before = row.message
    if not before.is_draft:
        raise NotAllowed("Your request can't be completed. Only a draft can be sent.")
    letter = structs.replace(before.letter, sent=who.now)
    apply(tx, (*delivery_effects(tx, owner, letter), _send_draft(owner, row, letter, who.now)))
    return Done(None)


def _reply(
    tx: Tx, owner: Person, message: ids.ItemId, draft: ReplyDraft, now: Instant
) -> tuple[Letter, Kept]:
    original = find_message(tx, owner, message).message.letter
    blank = new_letter(tx, owner, MessageDraft(), now)
    letter = reply(draft.kind, original, blank, owner, comment=draft.comment, zone=draft.zone)
    return with_attachments(tx, owner, change_letter(owner, letter, draft.message), draft.message, now)


def _send_draft(owner: Person, row: messages.MessageRow, letter: Letter, now: Instant) -> RewriteDraft:
    """Return what makes a draft a sent message."""
    before = row.message
    after = structs.replace(
        before,
        letter=letter,
        folder=int(Folder.SENT),
        moves=before.moves + (before.folder != Folder.SENT),
        received=now,
        modified=now,
        is_read=True,
        is_draft=False,
    )
    return RewriteDraft(mailbox=owner.number, item=row.item, before=before, after=after)


def _file(tx: Tx, owner: Person, letter: Letter, draft: MessageDraft, folder: int) -> MessageView:
    """Put a draft into a folder and return it. It counts as read, as nobody wrote it but its owner."""
    filed = FileLetter(
        mailbox=owner.number,
        folder=folder,
        letter=letter,
        is_read=set_or_kept(draft.is_read, True, default=True),
        is_draft=True,
        flag=set_flag(Flag(), set_or_kept(draft.flag, Flag(), default=Flag()), letter.sent),
        inference=set_or_kept(draft.inference, Inference.FOCUSED, default=Inference.FOCUSED),
        categories=set_or_kept(draft.categories, (), default=()),
        extended=new_extended(draft),
    )
    item = messages.file(tx, filed, {})
    return view_of_message(tx, owner, row_of(tx, owner, item), with_event=False)
