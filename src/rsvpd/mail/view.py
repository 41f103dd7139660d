"""What a reader sees of mail: one message or folder of one mailbox, ready for any dialect."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rsvpd import ids
from rsvpd.calendar.view import EventView
from rsvpd.mail.attached import AttachedItem
from rsvpd.mail.attachment import Attachment
from rsvpd.mail.folder import MailFolder
from rsvpd.mail.message import MeetingKind, Message
from rsvpd.mail.person import Person
from rsvpd.mail.rule import Actions, MessageRule, SenderOverride


class FolderView(Struct, frozen=True, kw_only=True):
    """A folder of a mailbox with its counts; `children` are those that lists show. `total` and `unread` are None for a
    search folder of which it would take too long to count what it shows.

    `extended` are values of extended properties, where a filter asks about them.
    """

    owner: Person
    folder: MailFolder
    total: int | None = 0
    unread: int | None = 0
    children: int = 0
    extended: Mapping[tuple[str, str], tuple[str, ...]] = {}

    @property
    def id(self) -> str:
        """Return the opaque id."""
        return folder_id(self.owner, self.folder.number)

    @property
    def sources(self) -> list[str]:
        """Return the ids of the folders in which a search folder looks."""
        search = self.folder.search
        return [folder_id(self.owner, one) for one in search.sources] if search else []


class RuleView(Struct, frozen=True, kw_only=True):
    """A rule of an inbox. `has_error`: a folder that it names is not there any more."""

    owner: Person
    number: int
    rule: MessageRule
    has_error: bool = False

    @property
    def id(self) -> str:
        """Return the opaque id."""
        return ids.encode(ids.ItemId(ids.Kind.RULE, self.owner.number, self.number))

    @property
    def actions(self) -> Actions[str]:
        """Return what it does, with folders by their opaque ids."""
        actions = self.rule.actions
        return actions.with_folders({number: folder_id(self.owner, number) for number in actions.folders})


class OverrideView(Struct, frozen=True, kw_only=True):
    """Where messages of a sender go in the focused inbox of `owner`."""

    owner: Person
    number: int
    override: SenderOverride

    @property
    def id(self) -> str:
        """Return the opaque id."""
        return ids.encode(ids.ItemId(ids.Kind.OVERRIDE, self.owner.number, self.number))


class MessageView(Struct, frozen=True, kw_only=True):
    """A message as `owner` has it.

    `event_id` is the opaque id of the meeting in the owner's calendar while it is there (not after a
    decline), else None; `event` the whole event where it was asked for. `is_out_of_date` says that a
    newer request has been received (RFC 5546 2.1.5). `event_owner` is in whose calendar the event stands;
    somebody else for a delegate. `lasting_id`: whether the id is one that stays when
    the message moves. `extended` are the values of what programs hung on it, by form and name, where a question is
    about them.
    """

    owner: Person
    item: int
    change: int
    message: Message
    kind: MeetingKind = MeetingKind.NONE
    event_id: str | None = None
    event: EventView | None = None
    event_owner: Person | None = None
    is_out_of_date: bool = False
    lasting_id: bool = False
    extended: Mapping[tuple[str, str], tuple[str, ...]] = {}

    @property
    def is_delegated(self) -> bool:
        """Return whether it came to a delegate."""
        return self.message.principal != 0

    @property
    def id(self) -> str:
        """Return the opaque id; unless it is a lasting one, it changes when the message moves to another folder."""
        slot = ids.ANYWHERE if self.lasting_id else self.message.moves % ids.ANYWHERE
        return ids.encode(ids.ItemId(ids.Kind.MESSAGE, self.owner.number, self.item, slot=slot))


class Parent(Struct, frozen=True):
    """What something is attached to: an event or a message of `owner`, by its number."""

    owner: Person
    kind: ids.Kind
    item: int


class AttachmentView(Struct, frozen=True, kw_only=True):
    """An attachment of what is the owner's.

    `content` are the bytes of a file and `item` is what is attached, where they were asked for.
    """

    parent: Parent
    attachment: Attachment
    content: bytes | None = None
    item: AttachedItem | None = None

    @property
    def id(self) -> str:
        """Return the opaque id."""
        parent = self.parent
        return ids.encode_attachment(
            ids.AttachmentId(parent.kind, parent.owner.number, parent.item, self.attachment.number)
        )


def folder_id(owner: Person, folder: int) -> str:
    """Return the opaque id of the folder of this number; it stays when the folder is moved."""
    return ids.encode(ids.ItemId(ids.Kind.FOLDER, owner.number, folder))
