"""The index of words of a mailbox, brought up to date by whoever looks for something there.

Nothing is indexed when it comes: whoever answers or invites pays nothing for the searches of others. A search first
indexes what has come since the one before it, a slice in each transaction, so that others get on meanwhile. A small
mailbox has no index: all of it is read as fast.
"""

from __future__ import annotations

from collections.abc import Iterator

from rsvpd.commands.access import open_calendar
from rsvpd.commands.door import Door, Who, derives, reads_by_index
from rsvpd.commands.reading import instances_of, make_view, view_of
from rsvpd.errors import IndexBehind, StorageFull
from rsvpd.mail.person import Person
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Node
from rsvpd.query.terms import EVENT_TERMS, MESSAGE_TERMS, Vocabulary, narrow, terms_of
from rsvpd.store import changes, events, messages, terms
from rsvpd.store.terms import ALL, IndexState
from rsvpd.store.tx import Tx

# Changes of a mailbox below which it has no index, and by how many an index may be behind.
SMALL, LAG = 1_000, 64
# Items, or changes, that are indexed in one transaction; but once it took so many steps it ends.
SLICE, _STEPS = 64, 50_000
# Slices that one request waits for.
_MOST_SLICES = 200


async def keep_up(door: Door, who: Who, where: Node | None, vocabulary: Vocabulary) -> None:
    """Bring the index up to date where the question `where` can be asked of it.

    Raises IndexBehind where that takes longer than one request should; it goes on with the next one.
    """
    if narrow(where, vocabulary) is None or not await door(is_behind, who):
        return
    try:
        for _ in range(_MOST_SLICES):
            if not await door(index_slice, who):
                return
    except StorageFull:  # it can be read without
        return
    raise IndexBehind


@reads_by_index
def is_behind(tx: Tx, who: Who) -> bool:
    """Return whether there is anything to index before a search, in a mailbox that is to have an index."""
    access = open_calendar(tx, who)
    mailbox = access.owner.number
    newest, state = changes.newest(tx, mailbox), terms.state(tx, mailbox)
    if newest < SMALL or not access.sees_all:
        return False
    return state is None or not state.is_filled or not 0 <= newest - state.reached <= LAG


@derives
def index_slice(tx: Tx, who: Who) -> bool:
    """Index the next of what is not yet; return whether there is more."""
    owner = open_calendar(tx, who).owner
    newest = changes.newest(tx, owner.number)
    state = terms.hold(tx, owner.number, newest)
    after = _index_slice(tx, owner, state) or IndexState(
        newest, 0
    )  # what happened is not kept any more: it begins anew
    terms.advance(tx, owner.number, after)
    return not after.is_filled or newest > after.reached


def _index_slice(tx: Tx, owner: Person, state: IndexState) -> IndexState | None:
    """Return how far the index of a mailbox is after the next slice; None where it cannot go on."""
    if not state.is_filled:
        return IndexState(state.reached, _fill(tx, owner, state))
    found = terms.changes_after(tx, owner.number, state.reached, most=SLICE)
    if found is None:
        return None
    reached = state.reached
    for number, item in found:
        # What happened to an item is told by its newest change alone.
        _index(tx, owner, item, number)
        reached = number
        if tx.work.done > _STEPS:
            break
    return IndexState(reached, ALL)


def _fill(tx: Tx, owner: Person, state: IndexState) -> int:
    """Index the next of what was there when the index began; return up to which item that is."""
    items = terms.items_after(tx, owner.number, state, most=SLICE)
    for item in items:
        _index(tx, owner, item)
        if tx.work.done > _STEPS:
            return item
    return items[-1] if len(items) == SLICE else ALL


def _index(tx: Tx, owner: Person, item: int, number: int | None = None) -> None:
    """Index an item as it is; with `number` only where that is its newest change."""
    message = messages.by_item(tx, owner.number, item)
    if message is not None:
        if number in (None, message.change):
            view = MessageView(
                owner=owner, item=item, change=message.change, message=message.message, kind=message.kind
            )
            terms.put(tx, owner.number, item, terms_of((view,), MESSAGE_TERMS))
        return
    event = events.by_item(tx, owner.number, item)
    if event is None:
        terms.drop(tx, owner.number, item)
    elif number in (None, event.change):
        terms.put(tx, owner.number, item, terms_of(_views(tx, owner, event), EVENT_TERMS))


def _views(tx: Tx, owner: Person, row: events.EventRow) -> Iterator[object]:
    """Yield a copy in all the ways in which lists may show it."""
    yield make_view(owner, row, None)
    if row.meeting.recurrence is None:
        return
    shown = view_of(owner, row)
    yield shown
    for _, one in instances_of(shown, None, tx.work.spend):
        yield one
