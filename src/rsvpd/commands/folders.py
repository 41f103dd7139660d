"""What can be done with the folders of a mailbox. One function, one transaction.

What a folder holds may be much: what of it is to be copied or removed beyond a slice is kept as work for later
(`go_on_next`), so that nobody else waits for it. A folder that is removed is gone at once, and so is to everybody what
is in it; the changes that say so of each message follow.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, Struct, structs

from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.outgoing import set_or_kept
from rsvpd.errors import (
    FolderInsideItself,
    FolderIsWellKnown,
    FolderNotFound,
    MissingProperty,
    UndeletableFolder,
    UnmovableFolder,
    UnrenamableFolder,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.draft import FolderDraft
from rsvpd.mail.extended import Bearer, extended_of, merge
from rsvpd.mail.folder import NOT_FOUND, Folder, FolderTree, MailFolder, checked_name, is_made
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView
from rsvpd.query.algebra import Page
from rsvpd.store import changes, events, extended, folder_work, folders, messages
from rsvpd.store.tx import Tx

Counts = dict[int, tuple[int, int]]

# As many messages are copied or removed in a transaction.
SLICE = 500


class Copying(Struct, frozen=True):
    """A copy that is under way: from which folder to which, the place that was reached, the last item to copy."""

    source: int
    target: int
    reached: messages.FolderPlace
    last: int


class Work(Struct, frozen=True, kw_only=True):
    """What is left to do: messages to copy, as of `at`, and folders that are gone with messages to remove."""

    at: Instant
    copies: tuple[Copying, ...] = ()
    doomed: tuple[int, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Work).decode


@reads
def list_folders(
    tx: Tx, who: Who, folder: int = Folder.ROOT, *, with_hidden: bool = False
) -> Page[FolderView]:
    """Return the folders directly in one, all of them, by name. Raises FolderNotFound."""
    owner = open_mailbox(tx, who)
    tree, counts = folders.tree(tx, owner.number), counts_of(tx, owner)
    tree.get(folder)
    views = [folder_view(owner, tree, one, counts) for one in tree.children(folder, with_hidden=with_hidden)]
    return Page(items=views, state=changes.state(tx, owner.number))


@reads
def get_folder(tx: Tx, who: Who, folder: int) -> FolderView:
    """Return one folder with its counts. Raises FolderNotFound."""
    owner = open_mailbox(tx, who)
    return _view(tx, owner, folder)


@reads
def check_path(tx: Tx, who: Who, path: tuple[int, ...]) -> None:
    """Raise FolderNotFound where a folder of a path does not stand in the one before it."""
    tree = folders.tree(tx, open_mailbox(tx, who).number)
    for number, before in zip(path[1:], path, strict=False):
        if tree.get(number).parent != before:
            raise FolderNotFound(NOT_FOUND)
    tree.get(path[-1])


@writes
def create_folder(tx: Tx, who: Who, parent: int, draft: FolderDraft) -> Done[FolderView]:
    """Make a folder in another one.

    Raises MissingProperty without a name, InvalidProperty for an impossible one, FolderExists, FolderNotFound.
    """
    owner = open_mailbox(tx, who)
    if draft.name is UNSET:
        raise MissingProperty("The property 'DisplayName' is required.", target="displayName")
    name = checked_name(draft.name)
    tree = folders.tree(tx, owner.number)
    tree.get(parent)
    tree.check_new(parent, name)
    is_hidden = bool(set_or_kept(draft.is_hidden, False, default=False))
    number = folders.create(tx, owner.number, parent=parent, name=name, is_hidden=is_hidden)
    extended.put(tx, owner.number, Bearer.FOLDER, number, extended_of(draft.extended))
    return Done(_view(tx, owner, number), _ignored(draft.ignored))


@writes
def update_folder(tx: Tx, who: Who, folder: int, draft: FolderDraft) -> Done[FolderView]:
    """Give a folder another name.

    Raises FolderNotFound, UnrenamableFolder, InvalidProperty, FolderExists.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = tree.get(folder)
    ignored = draft.ignored if draft.is_hidden in (UNSET, before.is_hidden) else (*draft.ignored, "isHidden")
    name = before.name if draft.name is UNSET else checked_name(draft.name)
    if name != before.name:
        if not before.is_made:
            raise UnrenamableFolder("A distinguished folder cannot be renamed.", target="displayName")
        assert before.parent is not None
        tree.check_name(before.parent, name, of=folder)
    sent, held = extended_of(draft.extended), extended.of(tx, owner.number, Bearer.FOLDER, folder)
    has_more = bool(sent) and merge(held, sent) != held
    if has_more:
        extended.put(tx, owner.number, Bearer.FOLDER, folder, sent)
    if name != before.name or (has_more and before.parent is not None):
        folders.update(tx, owner.number, structs.replace(before, name=name), before=before)
    return Done(_view(tx, owner, folder), _ignored(ignored))


@writes
def move_folder(tx: Tx, who: Who, folder: int, destination: int) -> Done[FolderView]:
    """Put a folder into another one, with all that is in it; its id stays, and those of its messages.

    Raises FolderNotFound, UnmovableFolder, FolderInsideItself, FolderExists.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = _made(tree, folder, UnmovableFolder("Distinguished folders cannot be moved."))
    tree.get(destination)
    if destination != before.parent:
        tree.check_move(folder, destination)
        folders.update(tx, owner.number, structs.replace(before, parent=destination), before=before)
    return Done(_view(tx, owner, folder))


@writes
def copy_folder(tx: Tx, who: Who, folder: int, destination: int) -> Done[FolderView]:
    """Copy a folder into another one, with the folders in it; of what they hold a slice is copied at once.

    Raises FolderNotFound, FolderInsideItself, FolderExists.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    tree.get(folder)
    tree.get(destination)
    if folder == Folder.ROOT:
        raise FolderInsideItself("A folder cannot be put into itself.", target="destinationId")
    tree.check_copy(folder, destination)
    last = changes.newest(tx, owner.number)
    made: dict[int | None, int] = {tree.get(folder).parent: destination}
    for one in tree.walk(folder):
        parent = made[one.parent]
        made[one.number] = folders.create(tx, owner.number, parent=parent, name=one.name, is_hidden=one.is_hidden)
        extended.copy(tx, owner.number, Bearer.FOLDER, one.number, made[one.number])
    copies = (Copying(one.number, made[one.number], messages.BEGINNING, last) for one in tree.walk(folder))
    _begin(tx, owner, Work(at=who.now, copies=tuple(copies)))
    return Done(_view(tx, owner, made[folder]))


@writes
def delete_folder(tx: Tx, who: Who, folder: int, *, for_good: bool = False) -> Done[None]:
    """Put a folder into Deleted Items with all that is in it; from there, or `for_good`, it is removed.

    Raises FolderNotFound, UndeletableFolder.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = _made(tree, folder, UndeletableFolder("Distinguished folders cannot be deleted."))
    if for_good or tree.is_within(folder, Folder.DELETED):
        # From below, so that at no change a folder stands in one that is gone.
        gone = list(tree.walk(folder))[::-1]
        folders.delete(tx, owner.number, gone)
        _begin(tx, owner, Work(at=who.now, doomed=tuple(one.number for one in gone)))
        return Done(None)
    # However deep it reaches there: nobody is kept from deleting.
    name = tree.free_name(Folder.DELETED, before.name)
    moved = structs.replace(before, parent=int(Folder.DELETED), name=name)
    folders.update(tx, owner.number, moved, before=before)
    return Done(None)


@writes
def go_on_next(tx: Tx) -> bool:
    """Do a slice of the oldest work that nobody else does; return whether there was any."""
    kept = folder_work.oldest(tx)
    if kept is None:
        return False
    left = _slice(tx, kept.mailbox, _decode(kept.data))
    folder_work.advance(tx, kept.number, None if left is None else _encode(left))
    return True


@reads
def is_any_left(tx: Tx) -> bool:
    """Return whether there is work, also some that another process does."""
    return folder_work.waiting(tx) > 0


def _begin(tx: Tx, owner: Person, work: Work) -> None:
    left = _slice(tx, owner.number, work)
    if left is not None:
        folder_work.keep(tx, owner.number, _encode(left))


def _slice(tx: Tx, mailbox: int, work: Work) -> Work | None:
    """Do a slice of some work; return what is left, or None."""
    room, doomed, copies = SLICE, list(work.doomed), list(work.copies)
    while doomed and room > 0:
        found = messages.delete_some(tx, mailbox, doomed[0], most=room)
        if found < room:
            del doomed[0]
        room -= found
    while copies and room > 0:
        copied, rest = _copy_some(tx, mailbox, copies[0], room, now=work.at)
        copies[:1] = [] if rest is None else [rest]
        room -= copied
    return Work(at=work.at, copies=tuple(copies), doomed=tuple(doomed)) if copies or doomed else None


def _copy_some(tx: Tx, mailbox: int, one: Copying, most: int, *, now: Instant) -> tuple[int, Copying | None]:
    """Copy some messages; return how many, and what is left. Where a folder is gone by now, nothing is."""
    if not (_is_there(tx, mailbox, one.source) and _is_there(tx, mailbox, one.target)):
        return 0, None
    found = messages.some_of(tx, mailbox, one.source, after=one.reached, last=one.last, most=most)
    for _, item in found:
        row = messages.by_item(tx, mailbox, item)
        assert row is not None
        messages.copy(tx, mailbox, item, row.message, one.target, now=now)
    return len(found), structs.replace(one, reached=found[-1]) if len(found) == most else None


def is_folder(tx: Tx, owner: Person, folder: int) -> bool:
    """Return whether a folder of this number is there."""
    return _is_there(tx, owner.number, folder)


def check_folder(tx: Tx, owner: Person, folder: int | None) -> None:
    """Raise FolderNotFound where a folder, if one is named, is not there."""
    if folder is not None and not _is_there(tx, owner.number, folder):
        raise FolderNotFound(NOT_FOUND)


def counts_of(tx: Tx, owner: Person, folder: int | None = None) -> Counts:
    """Return how many items are in each folder that holds any, or in one, and how many of them are not read."""
    counts = messages.counts(tx, owner.number, folder)
    if folder not in (None, Folder.DELETED):
        return counts
    # Deleted Items holds the copies of declined and deleted meetings as well.
    total, unread = counts.get(Folder.DELETED, (0, 0))
    gone = events.count(tx, owner.number, "state <> 0")
    return {**counts, int(Folder.DELETED): (total + gone, unread)}


def folder_view(owner: Person, tree: FolderTree, folder: MailFolder, counts: Counts) -> FolderView:
    """Return a folder with its counts."""
    total, unread = counts.get(folder.number, (0, 0))
    children = len(tree.children(folder.number))
    return FolderView(owner=owner, folder=folder, total=total, unread=unread, children=children)


def _view(tx: Tx, owner: Person, folder: int) -> FolderView:
    tree = folders.tree(tx, owner.number)
    return folder_view(owner, tree, tree.get(folder), counts_of(tx, owner, folder))


def _is_there(tx: Tx, mailbox: int, folder: int) -> bool:
    return folders.is_there(tx, mailbox, folder) if is_made(folder) else 0 <= folder <= max(Folder)


def _made(tree: FolderTree, folder: int, refusal: FolderIsWellKnown) -> MailFolder:
    """Return a folder that somebody made. Raises FolderNotFound, or the refusal for a well-known one."""
    found = tree.get(folder)
    if not found.is_made:
        raise refusal
    return found


def _ignored(names: Iterable[str]) -> tuple[Hint, ...]:
    found = ", ".join(names)
    return (Hint(HintCode.PROPERTIES_IGNORED, found),) if found else ()
