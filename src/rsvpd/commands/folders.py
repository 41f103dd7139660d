"""What can be done with the folders of a mailbox. One function, one transaction.

What a folder holds may be much: what of it is to be copied or removed beyond a slice is kept as work for later
(`go_on_next`), so that nobody else waits for it. A folder that is removed is gone at once, and so is to everybody what
is in it; the changes that say so of each message follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec
from msgspec import UNSET, Struct, structs

from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.folder_scope import filter_of_search
from rsvpd.commands.mail import count_messages
from rsvpd.commands.outgoing import set_or_kept
from rsvpd.errors import (
    FolderInsideItself,
    FolderIsWellKnown,
    FolderNotFound,
    InvalidFolderType,
    MissingProperty,
    UndeletableFolder,
    UnmovableFolder,
    UnrenamableFolder,
)
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.draft import FolderDraft, SearchDraft
from rsvpd.mail.extended import Bearer, drafted_custom_data, merge
from rsvpd.mail.folder import MOST_SEARCHES, NOT_FOUND, Folder, FolderTree, MailFolder, Search, check_folder_name
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView
from rsvpd.query.algebra import Cmp, Op, Page, Query, custom_data_names, fields_of, leaves
from rsvpd.query.fields import COUNTS, FOLDER_FIELDS
from rsvpd.query.page import cut_few
from rsvpd.store import changes, events, extended, folder_work, folders, messages
from rsvpd.store.tx import Tx
from rsvpd.work import Exhausted

# As many messages are copied or removed in a transaction.
SLICE = 500
# Steps that counting what a search folder shows may take.
_COUNTED = 200_000
_UNREAD = Cmp("is_read", Op.EQ, False)


class FolderCopy(Struct, frozen=True):
    """A copy that is under way: from which folder to which, the place that was reached, the last item to copy."""

    source: int
    target: int
    reached: messages.FolderPlace
    last: int


class Work(Struct, frozen=True, kw_only=True):
    """What is left to do: messages to copy, as of `at`, and folders that are gone with messages to remove."""

    at: Instant
    copies: tuple[FolderCopy, ...] = ()
    doomed: tuple[int, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Work).decode


@reads
def list_folders(
    tx: Tx,
    who: Who,
    asked: Query,
    *,
    folder: int = Folder.ROOT,
    with_hidden: bool = False,
    only_searches: bool = False,
) -> Page[FolderView]:
    """Return a page of the folders directly in one, by name, or of the search folders there. Raises FolderNotFound."""
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    tree.get(folder)
    there = tree.children(folder, with_hidden=with_hidden)
    shown = [one for one in there if one.search is not None] if only_searches else there
    found = page_of_folders(tx, owner, tree, shown, asked)
    return found.with_items(found.items, state=changes.state(tx, owner.number))


@reads
def get_folder(tx: Tx, who: Who, folder: int) -> FolderView:
    """Return one folder with its counts. Raises FolderNotFound."""
    owner = open_mailbox(tx, who)
    return _view(tx, owner, folder)


@reads
def is_search_folder(tx: Tx, who: Who, folder: int) -> bool:
    """Return whether a folder is a search folder. Raises FolderNotFound."""
    return folders.tree(tx, open_mailbox(tx, who).number).get(folder).search is not None


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
    """Make a folder in another one; of search folders the oldest goes where there are too many.

    Raises MissingProperty without a name or what a search folder needs, InvalidProperty for an impossible one,
    FolderExists, FolderNotFound, InvalidParentFolder.
    """
    owner = open_mailbox(tx, who)
    if draft.name is UNSET:
        raise MissingProperty("The property 'DisplayName' is required.", target="displayName")
    name = check_folder_name(draft.name)
    tree = folders.tree(tx, owner.number)
    tree.get(parent)
    search = None if draft.search is None else _new_search(tree, draft.search)
    tree.check_new(parent, name, is_search=search is not None)
    if search is not None:
        folders.delete(tx, owner.number, tree.searches()[: -(MOST_SEARCHES - 1)])
    is_hidden = bool(set_or_kept(draft.is_hidden, False, default=False))
    number = folders.create(tx, owner.number, parent=parent, name=name, is_hidden=is_hidden, search=search)
    extended.put(tx, owner.number, Bearer.FOLDER, number, drafted_custom_data(draft.extended))
    return Done(_view(tx, owner, number), ignored_property_hints(draft.ignored))


@writes
def update_folder(tx: Tx, who: Who, folder: int, draft: FolderDraft) -> Done[FolderView]:
    """Give a folder another name, or let a search folder show something else.

    Raises FolderNotFound, UnrenamableFolder, InvalidProperty, FolderExists.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = tree.get(folder)
    ignored = draft.ignored if draft.is_hidden in (UNSET, before.is_hidden) else (*draft.ignored, "isHidden")
    name = before.name if draft.name is UNSET else check_folder_name(draft.name)
    if name != before.name:
        if not before.is_made:
            raise UnrenamableFolder("A distinguished folder cannot be renamed.", target="displayName")
        assert before.parent is not None
        tree.check_name(before.parent, name, of=folder)
    search = before.search
    if search is not None and draft.search is not None:
        search = _apply_search_draft(tree, search, draft.search)
    sent, held = drafted_custom_data(draft.extended), extended.of(tx, owner.number, Bearer.FOLDER, folder)
    has_more = bool(sent) and merge(held, sent) != held
    if has_more:
        extended.put(tx, owner.number, Bearer.FOLDER, folder, sent)
    after = structs.replace(before, name=name, search=search)
    if after != before or (has_more and before.parent is not None):
        folders.update(tx, owner.number, after, before=before)
    return Done(_view(tx, owner, folder), ignored_property_hints(ignored))


@writes
def move_folder(tx: Tx, who: Who, folder: int, destination: int) -> Done[FolderView]:
    """Put a folder into another one, with all that is in it; its id stays, and those of its messages.

    Raises FolderNotFound, UnmovableFolder, FolderInsideItself, FolderExists.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = _find_own_folder(tree, folder, UnmovableFolder("Distinguished folders cannot be moved."))
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
        made[one.number] = folders.create(
            tx, owner.number, parent=parent, name=one.name, is_hidden=one.is_hidden, search=one.search
        )
        extended.copy(tx, owner.number, Bearer.FOLDER, one.number, made[one.number])
    copies = (FolderCopy(one.number, made[one.number], messages.BEGINNING, last) for one in tree.walk(folder))
    _begin(tx, owner, Work(at=who.now, copies=tuple(copies)))
    return Done(_view(tx, owner, made[folder]))


@writes
def delete_folder(tx: Tx, who: Who, folder: int, *, for_good: bool = False) -> Done[None]:
    """Put a folder into Deleted Items with all that is in it; from there, or `for_good`, it is removed.

    A search folder is removed at once: what it showed stays where it is.

    Raises FolderNotFound, UndeletableFolder.
    """
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    before = _find_own_folder(tree, folder, UndeletableFolder("Distinguished folders cannot be deleted."))
    if for_good or before.search is not None or tree.is_within(folder, Folder.DELETED):
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
    return folder_work.count_work(tx) > 0


def _new_search(tree: FolderTree, draft: SearchDraft) -> Search:
    """Return what a new search folder shows. Raises MissingProperty."""
    if draft.filter is UNSET or draft.condition is UNSET:
        raise MissingProperty("The property 'FilterQuery' is required.", target="filterQuery")
    if draft.sources is UNSET:
        raise MissingProperty("The property 'SourceFolderIds' is required.", target="sourceFolderIds")
    empty = Search(filter=draft.filter, condition=draft.condition, sources=())
    return _apply_search_draft(tree, empty, draft)


def _apply_search_draft(tree: FolderTree, search: Search, draft: SearchDraft) -> Search:
    """Return what a search folder is to show. Raises FolderNotFound, InvalidFolderType for a source that is one."""
    for source in draft.sources or ():
        if tree.get(source).search is not None or source == Folder.SEARCHES:
            raise InvalidFolderType("A search folder is no source of another one.", target="sourceFolderIds")
    sent = {name: value for name in draft.__struct_fields__ if (value := getattr(draft, name)) is not UNSET}
    return structs.replace(search, **sent)


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


def _copy_some(tx: Tx, mailbox: int, one: FolderCopy, most: int, *, now: Instant) -> tuple[int, FolderCopy | None]:
    """Copy some messages; return how many, and what is left. Where a folder is gone by now, nothing is."""
    tree = folders.tree(tx, mailbox)
    if not all(tree.find(number) for number in (one.source, one.target)):
        return 0, None
    found = messages.some_of(tx, mailbox, one.source, after=one.reached, last=one.last, most=most)
    for _, item in found:
        row = messages.by_item(tx, mailbox, item)
        assert row is not None
        messages.copy(tx, mailbox, item, row.message, one.target, now=now)
    return len(found), structs.replace(one, reached=found[-1]) if len(found) == most else None


def page_of_folders(
    tx: Tx, owner: Person, tree: FolderTree, found: Iterable[MailFolder], asked: Query
) -> Page[FolderView]:
    """Return a page of folders. Those on it are counted, all of them where the question is about their counts."""
    views = [_bare_view(owner, tree, one) for one in found]
    if custom_data_names(asked.where):
        views = _with_values(tx, owner, views)
    if _asks_for_counts(asked):
        views = [_count(tx, tree, one) for one in views]
        return cut_few(views, asked, FOLDER_FIELDS)
    page = cut_few(views, asked, FOLDER_FIELDS)
    return page.with_items([_count(tx, tree, one) for one in page.items])


def with_counts(tx: Tx, owner: Person, tree: FolderTree, found: Iterable[MailFolder]) -> list[FolderView]:
    """Return folders with their counts."""
    return [_count(tx, tree, _bare_view(owner, tree, one)) for one in found]


def _bare_view(owner: Person, tree: FolderTree, folder: MailFolder) -> FolderView:
    """Return a folder without its counts, and of its sources those that are there."""
    if folder.search is not None:
        there = tuple(one for one in folder.search.sources if tree.find(one))
        folder = structs.replace(folder, search=structs.replace(folder.search, sources=there))
    return FolderView(owner=owner, folder=folder, children=len(tree.children(folder.number)))


def _count(tx: Tx, tree: FolderTree, view: FolderView) -> FolderView:
    """Return a folder with how many items are in it, and how many of them are not read."""
    folder, owner = view.folder, view.owner
    if folder.search is not None:
        total, unread = _counts_of_search(tx, owner, tree, folder.search)
        return structs.replace(view, total=total, unread=unread)
    total, unread = messages.counts(tx, owner.number, folder.number)
    if folder.number == Folder.DELETED:
        # It holds the copies of declined and deleted meetings as well.
        total += events.count(tx, owner.number, "state <> 0")
    return structs.replace(view, total=total, unread=unread)


def _counts_of_search(tx: Tx, owner: Person, tree: FolderTree, search: Search) -> tuple[int | None, int | None]:
    """Return the counts of a search folder; None where it would take too long to look at all that it shows."""
    with suppress(Exhausted), tx.work.within(_COUNTED):
        total = count_messages(tx, owner, filter_of_search(tree, search))
        return total, count_messages(tx, owner, filter_of_search(tree, search, _UNREAD)) if total else 0
    return None, None


def _asks_for_counts(asked: Query) -> bool:
    named = {name for leaf in (leaves(asked.where) if asked.where else ()) for name in fields_of(leaf)}
    return not COUNTS.isdisjoint(named | {one.field for one in asked.order})


def _with_values(tx: Tx, owner: Person, views: list[FolderView]) -> list[FolderView]:
    """Return folders with the values that a filter asks about."""
    held = extended.of_places(tx, owner.number, Bearer.FOLDER, [(view.folder.number, None) for view in views])
    values = (extended.values_of(held[view.folder.number, None]) for view in views)
    return [structs.replace(view, extended=one) for view, one in zip(views, values, strict=True)]


def _view(tx: Tx, owner: Person, folder: int) -> FolderView:
    tree = folders.tree(tx, owner.number)
    (view,) = with_counts(tx, owner, tree, (tree.get(folder),))
    return view


def _find_own_folder(tree: FolderTree, folder: int, refusal: FolderIsWellKnown) -> MailFolder:
    """Return a folder that somebody made. Raises FolderNotFound, or the refusal for a well-known one."""
    found = tree.get(folder)
    if not found.is_made:
        raise refusal
    return found
