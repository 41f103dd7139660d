"""What changed in a list since somebody read it, from the change feed: new states, and ids of what is gone.

Whoever keeps a list by this ends with what a full read shows, whatever happened meanwhile and in whatever order the
pages were read: what changes between two pages comes once more. What is shown is as it is now, never as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Generic, TypeVar

from msgspec import Struct

from rsvpd import ids
from rsvpd.calendar.calendars import place_of
from rsvpd.calendar.copy_dates import CopyDates, dates_of_copy
from rsvpd.calendar.event import State
from rsvpd.calendar.series import representative, wall_time
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands import mail
from rsvpd.commands.access import CalendarAccess, open_calendar, open_mailbox
from rsvpd.commands.directory import check_reader
from rsvpd.commands.door import Who, reads
from rsvpd.commands.folder_scope import Scope, check_feed, is_folder
from rsvpd.commands.folders import page_of_folders, with_counts
from rsvpd.commands.reading import bounds_of, make_view
from rsvpd.commands.window import DAY, Window, WindowQuery, of_copy
from rsvpd.errors import SyncStateGone
from rsvpd.mail.folder import Folder, FolderTree, MailFolder
from rsvpd.mail.profile import UserView
from rsvpd.mail.view import FolderView, MessageView, folder_id
from rsvpd.query.algebra import InWindow, MailboxState, Node, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import MESSAGE_FIELDS
from rsvpd.store import changes, directory, events, folders, former_dates, messages
from rsvpd.store.changes import DIRECTORY, Change, ChangeAction, ItemKind
from rsvpd.store.tx import Tx

T = TypeVar("T")

# As many changes are looked at together.
_SLICE = 1000
_BY_START = Query(top=1_000_000)
# An owner may have moved the own copy by so much without anybody knowing where it was before.
_MARGIN = 7 * DAY


class RemovedItem(Struct, frozen=True):
    """What is in the list no more, by its opaque id. Whoever asks may never have heard of it."""

    id: str


class Round(Struct, Generic[T], frozen=True, kw_only=True):
    """What changed, as far as `state` (the mailbox, and the number of a change); `is_all`: that is all so far."""

    items: list[T | RemovedItem]
    state: MailboxState
    is_all: bool


@reads
def begin_folders(
    tx: Tx, who: Who, asked: Query, *, below: int = Folder.ROOT, with_hidden: bool = False
) -> Page[FolderView]:
    """Return a page of all folders below one, at whatever depth. Raises FolderNotFound."""
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    found = page_of_folders(tx, owner, tree, _folders_below(tree, below, with_hidden=with_hidden), asked)
    return found.with_items(found.items, state=changes.state(tx, owner.number))


# --- what changed since


@reads
def users_since(
    tx: Tx, who: Who, number: int, most: int, oids: frozenset[str] | None = None
) -> Round[UserView]:
    """Return who came, changed and went since a change of the directory, of all or of some. Raises SyncStateGone."""
    check_reader(tx, who)

    def show(change: Change) -> Iterator[UserView | RemovedItem]:
        if change.kind is not ItemKind.PERSON:
            return
        view = directory.view(tx, change.item)
        oid = directory.former_oid(tx, change.item) if view is None else view.person.oid
        if oid is not None and (oids is None or oid in oids):
            yield RemovedItem(oid) if view is None else view

    return _round(tx, DIRECTORY, number, most, show)


@reads
def messages_since(
    tx: Tx,
    who: Who,
    number: int,
    most: int,
    *,
    folder: int | None = None,
    without: tuple[int, ...] = (),
    where: Node | None = None,
    with_event: bool = False,
    lasting: bool = False,
) -> Round[MessageView]:
    """Return what changed among messages since a change. `lasting`: whether ids are wanted that stay.

    Raises SyncStateGone, FolderNotFound.
    """
    owner, scope = open_mailbox(tx, who), Scope(folder, without)
    check_feed(tx, owner, folder)

    def name(item: int, moves: int) -> str:
        slot = ids.ANYWHERE if lasting else moves % ids.ANYWHERE
        return ids.encode(ids.ItemId(ids.Kind.MESSAGE, owner.number, item, slot=slot))

    def show(change: Change) -> Iterator[MessageView | RemovedItem]:
        if change.kind is not ItemKind.MESSAGE:
            return
        row = messages.by_item(tx, owner.number, change.item)
        view = mail.view_of_message(tx, owner, row, with_event=with_event) if row else None
        is_here = view is not None and view.message.folder in scope and is_folder(tx, owner, view.message.folder)
        if view is not None and is_here and where is not None:
            is_here = matches(where, view, MESSAGE_FIELDS, tx.work.spend)
        if change.happened is not ChangeAction.CREATED:
            gone = _moves_gone(change, scope, None if row is None or is_here else row.message.moves)
            yield from (RemovedItem(name(change.item, moves)) for moves in gone)
        if view is not None and is_here:
            yield view

    return _round(tx, owner.number, number, most, show)


@reads
def folders_since(
    tx: Tx, who: Who, number: int, *, below: int = Folder.ROOT, with_hidden: bool = False
) -> Round[FolderView]:
    """Return the folders below one that are others since a change, or whose counts may be, and those that are gone.

    Raises SyncStateGone, FolderNotFound.
    """
    owner = open_mailbox(tx, who)
    touched: set[int | None] = set()
    gone: set[int] = set()
    moved: set[int] = set()

    def note(change: Change) -> Iterator[FolderView]:
        if change.kind in (ItemKind.MESSAGE, ItemKind.FOLDER):
            touched.update(place for one in change.traces for place in (one.place, one.place_before))
        if change.kind is ItemKind.FOLDER:
            touched.add(change.item)
            gone.update((change.item,) if change.happened is ChangeAction.REMOVED else ())
            moved.update(change.item for one in change.traces if one.place_before is not None)
        yield from ()

    state, is_all = (owner.number, number), False
    while not is_all:
        noted: Round[FolderView] = _round(tx, owner.number, state[1], _SLICE, note)
        state, is_all = noted.state, noted.is_all
    if state[1] != number:
        # What is declined and deleted counts there, an event too that came and went meanwhile.
        touched.add(Folder.DELETED)
    tree = folders.tree(tx, owner.number)
    # A folder comes with all below it, and goes with them.
    for one in (inner for item in moved if tree.find(item) for inner in tree.walk(item)):
        (touched if tree.is_within(one.number, below) else gone).add(one.number)
    there = _folders_below(tree, below, with_hidden=with_hidden)
    changed = [one for one in there if one.number in touched or _looks_into(tree, one, touched)]
    items: list[FolderView | RemovedItem] = [*with_counts(tx, owner, tree, changed)]
    items += (RemovedItem(folder_id(owner, one)) for one in sorted(gone))
    return Round(items=items, state=state, is_all=True)


def _folders_below(tree: FolderTree, top: int, *, with_hidden: bool) -> Iterator[MailFolder]:
    """Yield the folders below one, each after the one that it stands in."""
    return (one for one in tree.walk(top) if one.number != top and (with_hidden or not one.is_hidden))


def _looks_into(tree: FolderTree, folder: MailFolder, touched: set[int | None]) -> bool:
    """Return whether a folder is one that shows what some of these hold."""
    return folder.search is not None and not touched.isdisjoint(tree.sources(folder.search))


@reads
def events_since(
    tx: Tx, who: Who, number: int, most: int, *, window: InWindow | None = None
) -> Round[EventView]:
    """Return what changed among masters and single events since a change, or in a window among what happens there.

    Raises SyncStateGone.
    """
    access = open_calendar(tx, who)
    show = partial(_event, tx, access) if window is None else partial(_dates, tx, access, bounds_of(window))
    return _round(tx, access.owner.number, number, most, show)


def _event(tx: Tx, access: CalendarAccess, change: Change) -> Iterator[EventView | RemovedItem]:
    if change.kind is not ItemKind.EVENT:
        return
    row = events.copy_by_item(tx, access.owner.number, change.item)
    shown: list[EventView] = []
    if row is not None and _is_listed(access, row):
        visible = access.visible(events.with_responses(tx, access.owner.number, row))
        shown = [make_view(access.owner, visible, representative(visible.meeting))]
    if _was_listed(access, change) and change.happened is not ChangeAction.CREATED:
        yield from _removed_items(_former_ids(tx, access, change, row, None), shown)
    yield from shown


def _dates(tx: Tx, access: CalendarAccess, window: Window, change: Change) -> Iterator[EventView | RemovedItem]:
    trace = change.trace
    if change.kind is not ItemKind.EVENT or not _may_touch(trace.first, trace.last, window):
        return
    if not _was_listed(access, change):
        return
    row = events.copy_by_item(tx, access.owner.number, change.item)
    shown: list[EventView] = []
    if row is not None and _is_listed(access, row):
        visible = access.visible(events.with_responses(tx, access.owner.number, row))
        make = partial(make_view, access.owner)
        asked = WindowQuery(tx, access, _BY_START, window, visible=(State.LIVE,), make=make)
        shown = [make(line.row, line.occurrence) for line in of_copy(asked, visible).items]
    if change.happened is not ChangeAction.CREATED:
        yield from _removed_items(_former_ids(tx, access, change, row, window), shown)
    yield from shown


def _is_listed(access: CalendarAccess, row: events.CopyRow) -> bool:
    return row.state is State.LIVE and row.calendar == access.calendar


def _was_listed(access: CalendarAccess, change: Change) -> bool:
    """Return whether an event stood in the list before or after any change."""
    here = place_of(access.calendar, State.LIVE)
    return any(here in (one.place, one.place_before) for one in change.traces)


def _removed_items(known: set[str], shown: list[EventView]) -> Iterator[RemovedItem]:
    return map(RemovedItem, sorted(known - {view.id for view in shown}))


def _former_ids(
    tx: Tx, access: CalendarAccess, change: Change, row: events.CopyRow | None, window: Window | None
) -> set[str]:
    """Return the ids by which an event may have been known before it changed, or its dates in a window.

    Who is invited to single dates alone knows the event itself by the first of these.
    """
    names = {ids.encode(ids.ItemId(ids.Kind.EVENT, access.owner.number, change.item))}
    if row is None:
        return names
    former = former_dates.since(tx, access.owner.number, change.item, change.begins - 1)
    for dates in (dates_of_copy(row.copy), *former):
        if dates.recurrence is not None and (window is not None or dates.is_partial):
            near = Window(start=0, end=0) if window is None else window
            names |= _ids_near(tx, access, change.item, dates, near)
    return names


def _ids_near(tx: Tx, access: CalendarAccess, item: int, dates: CopyDates, window: Window) -> set[str]:
    """Return the ids of the dates near a window; an id names the original day, and the place among those of the day."""
    originals = dates.originals(window.start - _MARGIN, window.end + _MARGIN, tx.work.spend)
    by_day: dict[date, set[datetime]] = defaultdict(set)
    for wall in map(wall_time, originals):
        by_day[wall.date()].add(wall)
    mailbox = access.owner.number
    return {
        ids.encode(ids.ItemId(ids.Kind.OCCURRENCE, mailbox, item, day, slot))
        for day, walls in by_day.items()
        for slot in range(len(walls))
    }


# --- parts


def _round(
    tx: Tx, mailbox: int, number: int, most: int, show: Callable[[Change], Iterator[T | RemovedItem]]
) -> Round[T]:
    """Return a page of what `show` makes of changes; more than `most` only where one change makes more.

    What is not shown any more begins with a change that is asked for again.
    """
    items: list[T | RemovedItem] = []
    reached = number
    while True:
        feed = changes.since(tx, mailbox, reached, most=_SLICE)
        if feed is None:
            raise SyncStateGone
        for change in sorted(feed.changes, key=attrgetter("begins")):
            if len(items) >= most:
                return Round(items=items, state=(mailbox, change.begins - 1), is_all=False)
            items += show(change)
        reached = feed.reached
        if feed.is_all or len(items) >= most:
            return Round(items=items, state=(mailbox, reached), is_all=feed.is_all)


def _moves_gone(change: Change, scope: Scope, now: int | None) -> list[int]:
    """Return how often a message had been moved each time it left these places: its ids of then.

    `now` is that of one that is not in the list, though it may not have been moved.
    """
    left = {one.moves_before for one in change.traces if one.place_before in scope}
    if now is not None and any(one.place in scope for one in change.traces):
        left.add(now)
    return sorted(moves for moves in left if moves is not None)


def _may_touch(first: Instant | None, last: Instant | None, window: Window) -> bool:
    """Return whether what stands between two instants may be in a window; days are in some zone."""
    return first is None or last is None or (first < window.end + _MARGIN and last > window.start - _MARGIN)
