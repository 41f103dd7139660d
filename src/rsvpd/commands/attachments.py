"""What can be done with attachments: of messages, and of events. One function, one transaction.

Rule 1: what is attached to an event is its organizer's to say. Who attaches something tells nobody of it; the guests
        get it with the next message that the organizer sends (learn.microsoft.com/graph/api/event-post-attachments).
Rule 2: what a guest attaches stays in the guest's copy, until the organizer's next message.
Rule 3: a letter that others have as well stays as it is: who attaches something to a message that was received has
        another letter from then on.
"""

from __future__ import annotations

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess, StoredEvent, open_event, open_mailbox
from rsvpd.commands.arrival import apply
from rsvpd.commands.attaching import attach
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.mail import find_message
from rsvpd.commands.reading import visible_view
from rsvpd.commands.references import EventRef
from rsvpd.errors import ItemNotFound, MethodNotAllowed
from rsvpd.mail.attached import decode_item
from rsvpd.mail.attachment import Attachment, AttachmentKind, Attachments, content_digests
from rsvpd.mail.draft import AttachmentDraft
from rsvpd.mail.person import Person
from rsvpd.mail.view import AttachmentView, Parent
from rsvpd.scheduling import guest as guests
from rsvpd.scheduling import plan
from rsvpd.scheduling.effects import Effect, PutCopy, RewriteDraft
from rsvpd.store import contents, messages
from rsvpd.store.tx import Tx

NOT_FOUND = "The specified object was not found in the store."

# Where attachments are: in a message, by its id, or in an event.
Place = ids.ItemId | EventRef


@reads
def list_attachments(
    tx: Tx, who: Who, place: Place, *, with_content: bool, with_item: bool = False, only: Attachments | None = None
) -> list[AttachmentView]:
    """Return what is attached to a message or an event, with the bytes of files and with items where these are wanted.

    `only` are those that are wanted, in the order in which they are; none that is not there any more.
    """
    parent, found = _parent_and_attachments(tx, who, place)
    wanted = found if only is None else tuple(one for one in only if one in found)
    return [view_of(tx, parent, one, with_content=with_content, with_item=with_item) for one in wanted]


@reads
def get_attachment(
    tx: Tx, who: Who, place: Place, attachment: ids.AttachmentId, *, with_content: bool, with_item: bool = False
) -> AttachmentView:
    """Return one attachment, with the bytes of a file, and with the item that is attached, where they are wanted.

    Raises ItemNotFound.
    """
    parent, found = _parent_and_attachments(tx, who, place)
    one = _find_attachment(parent, found, attachment)
    return view_of(tx, parent, one, with_content=with_content, with_item=with_item)


@reads
def list_inside(
    tx: Tx, who: Who, place: Place, inside: Attachments, *, with_content: bool, with_item: bool
) -> list[AttachmentView]:
    """Return what is attached to an item that is attached to a message or an event, or inside such a one.

    Raises ItemNotFound where what is there does not refer to it.
    """
    parent, found = _parent_and_attachments(tx, who, place)
    if not {*content_digests(inside)} <= {*content_digests(found)}:
        raise ItemNotFound(NOT_FOUND)
    return [view_of(tx, parent, one, with_content=with_content, with_item=with_item) for one in inside]


@writes
def add_attachment(tx: Tx, who: Who, place: Place, draft: AttachmentDraft) -> Done[AttachmentView]:
    """Attach something to a message or an event. Raises AttachmentTooLarge, ItemTooLarge, InvalidProperty."""
    return Done(attach_to(tx, who, place, draft))


def attach_to(tx: Tx, who: Who, place: Place, draft: AttachmentDraft) -> AttachmentView:
    """Attach something in a transaction that is under way."""
    if isinstance(place, EventRef):
        access, found = _open_event(tx, who, place)
        before = component(found.row.meeting, found.recurrence_id).attachments
        (*_, one), kept = attach(tx, access.owner, (draft,), who.now, before)
        apply(tx, (*kept, *_with_event(access, found, (*before, one), who.now)))
        return view_of(tx, _parent_of_event(access.owner, found), one, with_content=draft.stored is None)
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, place)
    before = row.message.letter.attachments
    (*_, one), kept = attach(tx, owner, (draft,), who.now, before)
    apply(tx, (*kept, _with_message(owner, row, (*before, one), who.now)))
    return view_of(tx, Parent(owner, ids.Kind.MESSAGE, row.item), one, with_content=draft.stored is None)


def check_place(tx: Tx, who: Who, place: Place) -> tuple[Parent, Attachments]:
    """Return what something may be attached to, and what is attached already. Raises what `add_attachment` raises."""
    if isinstance(place, EventRef):
        access, found = _open_event(tx, who, place)
        return _parent_of_event(access.owner, found), component(found.row.meeting, found.recurrence_id).attachments
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, place)
    return Parent(owner, ids.Kind.MESSAGE, row.item), row.message.letter.attachments


@writes
def remove_attachment(tx: Tx, who: Who, place: Place, attachment: ids.AttachmentId) -> Done[None]:
    """Take an attachment from a message or an event. Raises ItemNotFound."""
    if isinstance(place, EventRef):
        access, found = _open_event(tx, who, place)
        before = component(found.row.meeting, found.recurrence_id).attachments
        gone = _find_attachment(_parent_of_event(access.owner, found), before, attachment)
        apply(tx, _with_event(access, found, tuple(one for one in before if one is not gone), who.now))
        return Done(None)
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, place)
    before = row.message.letter.attachments
    gone = _find_attachment(Parent(owner, ids.Kind.MESSAGE, row.item), before, attachment)
    apply(tx, (_with_message(owner, row, tuple(one for one in before if one is not gone), who.now),))
    return Done(None)


def attachment_there(tx: Tx, who: Who, place: Place, attachment: ids.AttachmentId) -> Attachment:
    """Return an attachment that has something in it.

    Raises ItemNotFound, and MethodNotAllowed for a reference, which has no raw contents
    (learn.microsoft.com/graph/api/attachment-get).
    """
    parent, found = _parent_and_attachments(tx, who, place)
    one = _find_attachment(parent, found, attachment)
    if one.kind is AttachmentKind.REFERENCE:
        raise MethodNotAllowed("A reference has no raw contents.", target="$value")
    return one


def view_of(
    tx: Tx, parent: Parent, one: Attachment, *, with_content: bool = False, with_item: bool = False
) -> AttachmentView:
    """Return an attachment as its reader sees it."""
    is_item = one.kind is AttachmentKind.ITEM
    wanted = bool(one.digest) and (with_item if is_item else with_content)
    data = contents.read(tx, one.digest) if wanted else None
    item = decode_item(data) if is_item and data is not None else None
    return AttachmentView(parent=parent, attachment=one, content=None if is_item else data, item=item)


def _parent_and_attachments(tx: Tx, who: Who, place: Place) -> tuple[Parent, Attachments]:
    if isinstance(place, EventRef):
        access, found = open_event(tx, who, place)
        view = visible_view(tx, access, found.row, recurrence_id=found.recurrence_id)
        return _parent_of_event(access.owner, found), view.event.attachments
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, place)
    return Parent(owner, ids.Kind.MESSAGE, row.item), row.message.letter.attachments


def _find_attachment(parent: Parent, attachments: Attachments, named: ids.AttachmentId) -> Attachment:
    """Return the attachment under this id. Raises ItemNotFound, also for one of another item."""
    if (named.kind, named.mailbox, named.item) != (parent.kind, parent.owner.number, parent.item):
        raise ItemNotFound(NOT_FOUND)
    found = next((one for one in attachments if one.number == named.number), None)
    if found is None:
        raise ItemNotFound(NOT_FOUND)
    return found


def _open_event(tx: Tx, who: Who, ref: EventRef) -> tuple[CalendarAccess, StoredEvent]:
    access, found = open_event(tx, who, ref, CalendarRole.WRITE)
    access.check(found)
    return access, found


def _parent_of_event(owner: Person, found: StoredEvent) -> Parent:
    return Parent(owner, ids.Kind.EVENT, found.row.item)


def _with_event(
    access: CalendarAccess, found: StoredEvent, attachments: Attachments, now: Instant
) -> tuple[Effect, ...]:
    """Return the write of a copy with these attachments; nobody is told."""
    row, rid = found.row, found.recurrence_id
    if row.copy.is_organizer:
        copy = plan.attach(row.copy, rid, attachments, now=now)
    else:
        copy = guests.edit_locally(row.copy, rid, EventDraft(attachments=attachments), now=now).copy
    return (PutCopy(mailbox=access.owner.number, copy=copy, item=row.item, state=row.state),)


def _with_message(
    owner: Person, row: messages.MessageRow, attachments: Attachments, now: Instant
) -> RewriteDraft:
    before = row.message
    letter = structs.replace(before.letter, attachments=attachments)
    after = structs.replace(before, letter=letter, modified=now)
    return RewriteDraft(mailbox=owner.number, item=row.item, before=before, after=after)
