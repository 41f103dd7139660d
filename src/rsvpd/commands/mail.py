"""What can be done with mail. One function, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

from msgspec import UNSET, Struct, structs

from rsvpd import ids
from rsvpd.calendar.event import State
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import day_of, occurrence
from rsvpd.clock import Instant
from rsvpd.commands.access import NOT_FOUND, CalendarAccess, expect, is_declined, open_mailbox, own_item
from rsvpd.commands.arrival import apply
from rsvpd.commands.door import Done, Who, reads, reads_by_index, writes
from rsvpd.commands.extended import loader, write_of_message
from rsvpd.commands.folder_scope import MessageFilter, Scope, check_feed, check_holder, filter_of_scope, is_folder
from rsvpd.commands.fragments import ItemWriter, write_items
from rsvpd.commands.narrowing import read_candidates
from rsvpd.commands.outgoing import (
    change_letter,
    delivery_effects,
    new_extended,
    new_letter,
    set_or_kept,
    with_attachments,
)
from rsvpd.commands.paging import Table, page
from rsvpd.commands.reading import view_of
from rsvpd.errors import ItemNotFound
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.content import Importance
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.extended import Bearer, drafted_custom_data
from rsvpd.mail.folder import Folder, is_made
from rsvpd.mail.message import Flag, Inference, MeetingKind, Message, set_flag
from rsvpd.mail.person import Person
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Node, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import MESSAGE_FIELDS
from rsvpd.query.terms import MESSAGE_TERMS
from rsvpd.scheduling.effects import FileLetter, RewriteDraft
from rsvpd.store import changes, events, folders, messages, people, permissions
from rsvpd.store.compile import MESSAGE_COLUMNS
from rsvpd.store.tx import Tx

_view_of = attrgetter("view")
_ID = 2  # what it costs to look an id up, in steps
# What is said in a letter, which nobody changes once it is sent.
_LETTERS_OWN = ("subject", "body", "to", "cc", "bcc")
_TABLE = Table(MESSAGE_COLUMNS, MESSAGE_FIELDS, lambda one: one.key[0], _view_of)


@reads
def find_messages(
    tx: Tx,
    who: Who,
    query: Query,
    *,
    folder: int | None = None,
    without: tuple[int, ...] = (),
    with_event: bool = False,
    is_followed: bool = False,
) -> Page[MessageView]:
    """Return a page of messages: of one folder, or of the whole mailbox `without` some.

    Raises FolderNotFound, and InvalidFolderType where somebody wants to follow what a search folder shows.
    """
    owner = open_mailbox(tx, who)
    if is_followed:
        check_feed(tx, owner, folder)
    held = filter_of_scope(tx, owner, Scope(folder, without), query.where)
    found = _page(tx, owner, query, held, with_event=with_event)
    return found.with_items([one.view for one in found.items], state=changes.state(tx, owner.number))


@reads_by_index
def write_messages(
    tx: Tx,
    who: Who,
    query: Query,
    *,
    writer: ItemWriter[MessageView],
    folder: int | None = None,
    without: tuple[int, ...] = (),
) -> Page[bytes]:
    """Return a page of what `find_messages` finds as `writer` writes it: pieces that stand in a JSON array.

    What was written before is not read, where neither it has changed nor the event it is about.
    """
    owner = open_mailbox(tx, who)
    held = filter_of_scope(tx, owner, Scope(folder, without), query.where)
    state = changes.state(tx, owner.number)
    found = _page(tx, owner, query, held, with_event=False)
    roles = {0: CalendarRole.OWNER}  # by the mailbox whose delegate has a message

    def key(one: _ListedMessage) -> tuple[messages.MessageKey, CalendarRole]:
        principal = one.key[2]
        if principal not in roles:
            roles[principal] = permissions.role_of(tx, principal, owner.number)
        return one.key, roles[principal]

    items = write_items(tx, writer, owner, found.items, key=key, view=_view_of)
    # What came to a delegate leads to an event of another mailbox.
    return found.with_items(items, state=state if len(roles) == 1 else None)


@reads_by_index
def get_message(
    tx: Tx, who: Who, message: ids.ItemId, *, folder: int | None = None, with_event: bool = False
) -> MessageView:
    """Return one message, which is in `folder` where that is named.

    Raises ItemNotFound, also for the id it had in another folder.
    """
    owner = open_mailbox(tx, who)
    view = view_of_message(tx, owner, find_message(tx, owner, message), with_event=with_event)
    if folder is not None and folder != view.message.folder and not _is_shown(tx, owner, folder, view):
        raise ItemNotFound
    return view


@reads_by_index
def question_in(tx: Tx, who: Who, folder: int, where: Node | None) -> Node | None:
    """Return what a list of messages that are `where` asks in a folder: in a search folder more than that."""
    return filter_of_scope(tx, open_mailbox(tx, who), Scope(folder), where).where


@reads
def ids_in_form(tx: Tx, who: Who, found: Sequence[ids.ItemId], *, lasting: bool) -> list[ids.ItemId | None]:
    """Return ids of items as they are, or those that last; None for a message that is not there."""
    owner = open_mailbox(tx, who)

    def in_form(one: ids.ItemId) -> ids.ItemId | None:
        if one.kind is not ids.Kind.MESSAGE:
            return one
        tx.work.spend(_ID)
        moves = messages.moves_of(tx, owner.number, one.item) if one.mailbox == owner.number else None
        if moves is None or one.slot not in (ids.ANYWHERE, moves % ids.ANYWHERE):
            return None
        return structs.replace(one, slot=ids.ANYWHERE if lasting else moves % ids.ANYWHERE)

    return [in_form(one) for one in found]


@writes
def update_message(
    tx: Tx, who: Who, message: ids.ItemId, draft: MessageDraft, *, expected: int | None = None
) -> Done[MessageView]:
    """Change what the owner may: read, flag, categories, importance; of a draft also what it says and to whom."""
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, message)
    expect(row.change, expected)
    stored = row.message
    changed = structs.replace(
        stored,
        is_read=set_or_kept(draft.is_read, stored.is_read, default=False),
        flag=set_flag(stored.flag, set_or_kept(draft.flag, stored.flag, default=Flag()), who.now),
        inference=set_or_kept(draft.inference, stored.inference, default=Inference.FOCUSED),
        categories=set_or_kept(draft.categories, stored.categories, default=()),
        importance=set_or_kept(draft.importance, stored.importance, default=Importance.NORMAL),
    )
    if stored.is_draft:
        changed = structs.replace(changed, letter=change_letter(owner, stored.letter, draft))
    if changed != stored:
        changed = structs.replace(changed, modified=who.now)
        if changed.letter != stored.letter:
            apply(tx, (RewriteDraft(mailbox=owner.number, item=row.item, before=stored, after=changed),))
        else:
            messages.update(tx, owner.number, row.item, changed, before=stored)
    write_of_message(tx, owner, row, drafted_custom_data(draft.extended), who.now, is_changed=changed != stored)
    fixed = () if stored.is_draft else _LETTERS_OWN
    left_out = (*draft.ignored, *(name for name in fixed if getattr(draft, name) is not UNSET))
    return Done(
        view_of_message(tx, owner, row_of(tx, owner, row.item), with_event=False), ignored_property_hints(left_out)
    )


@writes
def move_message(tx: Tx, who: Who, message: ids.ItemId, folder: int) -> Done[MessageView]:
    """Move a message to another folder; its id changes with it.

    Raises FolderNotFound and InvalidFolderType too.
    """
    owner = open_mailbox(tx, who)
    check_holder(tx, owner, folder)
    row = find_message(tx, owner, message)
    _move(tx, owner, row, folder, who.now)
    return Done(view_of_message(tx, owner, row_of(tx, owner, row.item), with_event=False))


@writes
def copy_message(tx: Tx, who: Who, message: ids.ItemId, folder: int) -> Done[MessageView]:
    """Put a copy of a message into a folder; it is about the same meeting.

    Raises FolderNotFound and InvalidFolderType too.
    """
    owner = open_mailbox(tx, who)
    check_holder(tx, owner, folder)
    row = find_message(tx, owner, message)
    copy = messages.copy(tx, owner.number, row.item, row.message, folder, now=who.now)
    return Done(view_of_message(tx, owner, row_of(tx, owner, copy), with_event=False))


@writes
def delete_permanently(tx: Tx, who: Who, message: ids.ItemId) -> Done[None]:
    """Remove a message for good, from wherever it is. The meeting it is about stays."""
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, message)
    messages.delete(tx, owner.number, row.item, before=row.message)
    return Done(None)


@writes
def delete_message(tx: Tx, who: Who, message: ids.ItemId, *, expected: int | None = None) -> Done[None]:
    """Move a message to Deleted Items; from there and from below it is removed. The meeting it is about stays."""
    owner = open_mailbox(tx, who)
    row = find_message(tx, owner, message)
    expect(row.change, expected)
    if _is_deleted(tx, owner, row.message.folder):
        messages.delete(tx, owner.number, row.item, before=row.message)
    else:
        _move(tx, owner, row, Folder.DELETED, who.now)
    return Done(None)


@writes
def send_mail(tx: Tx, who: Who, draft: MessageDraft, *, save: bool = True) -> Done[None]:
    """Send a message: into mailboxes here at once, to the world through the outbox.

    Raises NoRecipients, InvalidProperty for impossible ones, NotTheSender for a foreign `from`.
    """
    owner = open_mailbox(tx, who)
    letter, contents = with_attachments(tx, owner, new_letter(tx, owner, draft, who.now), draft, who.now)
    kept = FileLetter(
        mailbox=owner.number, folder=Folder.SENT, letter=letter, is_read=True, extended=new_extended(draft)
    )
    apply(tx, (*contents, *delivery_effects(tx, owner, letter), *((kept,) if save else ())))
    return Done(None, ignored_property_hints(draft.ignored))


class _ListedMessage(Struct):
    """A message in a list, which is read once somebody looks at it."""

    key: messages.MessageKey
    read: Callable[[int], MessageView]
    made: MessageView | None = None

    @property
    def view(self) -> MessageView:
        """Return what its owner sees."""
        if self.made is None:
            self.made = self.read(self.key[0])
        return self.made


def _is_shown(tx: Tx, owner: Person, folder: int, view: MessageView) -> bool:
    """Return whether a search folder shows a message, which is in another one."""
    if not is_made(folder):
        return False
    held = filter_of_scope(tx, owner, Scope(folder))
    if held.where is None or view.message.folder not in held.folders:
        return False
    load: Callable[[MessageView], MessageView] = loader(tx, owner, Bearer.MESSAGE, held.where)
    return matches(held.where, load(view), MESSAGE_FIELDS, tx.work.spend)


def count_messages(tx: Tx, owner: Person, held: MessageFilter) -> int:
    """Return how many messages a list shows."""
    return _page(tx, owner, Query(top=1, count=True), held, with_event=False).total or 0


def _is_deleted(tx: Tx, owner: Person, folder: int) -> bool:
    """Return whether a folder is Deleted Items or below."""
    return folder == Folder.DELETED or (
        is_made(folder) and folders.tree(tx, owner.number).is_within(folder, Folder.DELETED)
    )


def _page(tx: Tx, owner: Person, query: Query, held: MessageFilter, *, with_event: bool) -> Page[_ListedMessage]:
    places, query = held.folders, structs.replace(query, where=held.where)
    load: Callable[[MessageView], MessageView] = loader(tx, owner, Bearer.MESSAGE, query.where)

    def read(item: int) -> MessageView:
        return load(view_of_message(tx, owner, row_of(tx, owner, item), with_event=with_event))

    def among(items: str | None) -> Page[_ListedMessage]:
        def source(sql: str, tail: str, values: dict[str, Any]) -> Iterable[_ListedMessage]:
            found = messages.keys(tx, owner.number, places, sql, tail, items=items, **values)
            return (_ListedMessage(key, read) for key in found)

        def count(sql: str, values: dict[str, Any]) -> int:
            return messages.count(tx, owner.number, places, sql, items=items, **values)

        return page(
            source, _TABLE, query, base="1 = 1", params={}, count=count, spend=tx.work.spend, in_parts=not tx.streams
        )

    return read_candidates(tx, owner.number, query.where, MESSAGE_TERMS, among)


def find_message(tx: Tx, owner: Person, message: ids.ItemId) -> messages.MessageRow:
    """Return the message under this id. Raises ItemNotFound, also for the id it had in another folder."""
    row = messages.by_item(tx, owner.number, own_item(owner, message, ids.Kind.MESSAGE))
    if row is None or message.slot not in (ids.ANYWHERE, row.message.moves % ids.ANYWHERE):
        raise ItemNotFound(NOT_FOUND)
    if not is_folder(tx, owner, row.message.folder):
        raise ItemNotFound(NOT_FOUND)  # it goes with its folder
    return row


def row_of(tx: Tx, owner: Person, item: int) -> messages.MessageRow:
    """Return a message that is there, by its number."""
    row = messages.by_item(tx, owner.number, item)
    assert row is not None
    return row


def _move(tx: Tx, owner: Person, row: messages.MessageRow, folder: int, now: Instant) -> None:
    if row.message.folder == folder:
        return
    moved: Message = structs.replace(row.message, folder=int(folder), moves=row.message.moves + 1, modified=now)
    messages.update(tx, owner.number, row.item, moved, before=row.message)


def view_of_message(tx: Tx, owner: Person, row: messages.MessageRow, *, with_event: bool) -> MessageView:
    """Return a message as its owner has it, with its event where that is wanted."""
    access = _calendar_of(tx, owner, row.message)
    stamps = events.stamps(tx, access.owner.number, row.message.event) if access else None
    is_there = stamps is not None and stamps[0] is State.LIVE
    event_id, event = (None, None)
    if access is not None and is_there:
        event_id, event = _event_of_message(tx, access, row, with_event=with_event)
    return MessageView(
        owner=owner,
        item=row.item,
        change=row.change,
        message=row.message,
        kind=row.kind,
        event_id=event_id,
        event=event,
        event_owner=access.owner if access else None,
        is_out_of_date=row.kind is MeetingKind.REQUEST and stamps is not None and row.dtstamp < stamps[1],
    )


def _calendar_of(tx: Tx, owner: Person, message: Message) -> CalendarAccess | None:
    """Return the calendar with the event that a message is about; None where there is none, or none any more."""
    if not message.event:
        return None
    if not message.principal:
        return CalendarAccess(owner, owner)
    principal = people.by_number(tx, message.principal)
    if principal is None:  # that mailbox was removed, and the event with it
        return None
    role = permissions.role_of(tx, principal.number, owner.number)
    return CalendarAccess(principal, owner, role) if role >= CalendarRole.READ else None


def _event_of_message(
    tx: Tx, access: CalendarAccess, row: messages.MessageRow, *, with_event: bool
) -> tuple[str | None, Any]:
    """Return the id of the event a message is about, and the event itself where it is wanted."""
    note = row.message.letter.note
    rid = note.recurrence_id if note else None
    owner = access.owner
    plain = ids.encode(ids.ItemId(ids.Kind.EVENT, owner.number, row.message.event))
    if rid is None and not with_event:
        return plain, None
    stored = events.by_item(tx, owner.number, row.message.event)
    assert stored is not None
    stored = access.visible(stored)
    if rid is None:
        return plain, view_of(owner, stored)
    found = occurrence(stored.meeting, rid)
    if found is None or is_declined(stored.meeting, found):
        return None, None
    target = ids.ItemId(ids.Kind.OCCURRENCE, owner.number, stored.item, day_of(rid), found.slot)
    return ids.encode(target), view_of(owner, stored, rid) if with_event else None
