"""What subscribers are told next, and what came of it: the worker's half of subscriptions (delivery/notifier.py).

Rule 1: how far a message goes is stored before it is sent. Until it has arrived or is given up it is the same again,
        whatever happened since: each id is the one that the item had then.
Rule 2: what nobody asked to hear of is passed over here, and nothing is sent.
Rule 3: who was shown a calendar hears of it as long as it is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from msgspec import Struct, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR, calendar_and_state
from rsvpd.calendar.event import State
from rsvpd.clock import Instant
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.subscriptions import end, open_topic
from rsvpd.errors import DomainError
from rsvpd.mail.person import Person
from rsvpd.mail.subscription import Beside, Notice, Occasion, Subscription, Terms, Topic, after_challenge, loss_of
from rsvpd.store import changes, messages, people, subscriptions
from rsvpd.store.changes import Change, ChangeAction, Feed, ItemKind, Trace
from rsvpd.store.subscriptions import SubscribedMailbox
from rsvpd.store.tx import Tx

# Changes that one message is made of, and how many such slices of no interest are passed over at once.
SLICE, SLICES = 100, 50
# Each item that is told itself is read before it is sent, and all of that takes less than a lease lasts.
SLICE_WITH_CONTENT = 10

_KINDS = {
    Topic.EVENTS: (ItemKind.EVENT,),
    Topic.MESSAGES: (ItemKind.MESSAGE,),
    Topic.PERMISSIONS: (ItemKind.PERMISSION,),
    Topic.SETTINGS: (ItemKind.SETTINGS,),
    Topic.CALENDARS: (ItemKind.CALENDAR, ItemKind.CALENDAR_LIST),
}


class Notification(Struct, frozen=True):
    """A message that is to be sent: for which subscription, to whose mailbox, what happened there in its order.

    There is nothing in `notices` where the subscription says what is told beside changes. `newest` is how far the
    mailbox was when the message was made.
    """

    subscription: Subscription
    owner: Person
    notices: tuple[Notice, ...]
    newest: int


class Claim(Struct, frozen=True):
    """What a worker asks for: messages of one mailbox, held from `at` until `until` (the machine's clock).

    `lease` is another name each time. `now` is the server's clock, by which subscriptions expire. `busy` are origins
    that get no more for now.
    """

    mailbox: int
    lease: str
    at: Instant
    until: Instant
    now: Instant
    most: int
    busy: frozenset[str] = frozenset()


class ClaimedMessages(Struct, frozen=True):
    """Messages to be sent, and whether there may be more to claim."""

    messages: tuple[Notification, ...]
    is_all: bool


@reads
def subscribed_mailboxes(tx: Tx, now: Instant) -> list[SubscribedMailbox]:
    """Return the mailboxes that somebody subscribed to."""
    return subscriptions.subscribed_mailboxes(tx, now)


@writes
def expire(tx: Tx, mailbox: int, now: Instant) -> None:
    """Remove the subscriptions to a mailbox that have expired."""
    subscriptions.expire(tx, mailbox, now)


@writes
def free_all(tx: Tx) -> None:
    """End all leases; for the only process there is, when it starts."""
    subscriptions.free_all(tx)


@writes
def claim(tx: Tx, asked: Claim) -> ClaimedMessages:
    """Return the messages of a mailbox that are due; nobody else gets them until they are settled or the lease ends."""
    owner = people.by_number(tx, asked.mailbox)
    if owner is None:
        return ClaimedMessages((), is_all=True)
    newest = changes.newest(tx, asked.mailbox)
    busy = "".join(f"{one} " for one in asked.busy)
    due = subscriptions.due(
        tx, asked.mailbox, newest, at=asked.at, now=asked.now, busy=busy, most=asked.most
    )  # fmt: skip
    reader = _Reader(tx, asked.mailbox, newest)
    kept, found, is_all = [], [], len(due) < asked.most
    for one in due:
        if one.beside is not Beside.REMOVAL and not _is_open_still(tx, owner, one, asked.now):
            end(tx, one)
            continue
        one, notices, is_behind = _next(reader, structs.replace(one, lease="", leased=0), asked.now)
        is_all = is_all and not is_behind
        if notices or one.beside is not Beside.NOTHING:
            one = structs.replace(one, lease=asked.lease, leased=asked.until)
            found.append(Notification(one, owner, notices, newest))
        kept.append(one)
    subscriptions.claim(tx, kept)
    return ClaimedMessages(tuple(found), is_all)


@writes
def settle(tx: Tx, settled: Iterable[tuple[Subscription, str]]) -> None:
    """Store what came of messages: each subscription as it is now, and the lease under which it was sent for."""
    subscriptions.settle(tx, settled)


def notices_of(changes_: Iterable[Change], terms: Terms, moves: Callable[[Change], int | None]) -> Iterator[Notice]:
    """Yield what of changes somebody is told, in their order.

    `moves` says how often a message had been moved after all of them, None where nobody knows. A message that was moved
    has another id: it is told as deleted and created, as a folder that it left and came back to sees it.
    """
    kinds = _KINDS[terms.topic]
    for change in changes_:
        if change.kind in kinds:
            for occasion in _occasions(change, terms):
                if occasion in terms.occasions and (notice := _notice(change, occasion, terms, moves)) is not None:
                    yield notice


class _Reader:
    """The changes of one mailbox, read once for all who are as far."""

    def __init__(self, tx: Tx, mailbox: int, newest: int) -> None:
        self.newest = newest
        self._tx = tx
        self._mailbox = mailbox
        self._feeds: dict[tuple[int, int], Feed | None] = {}
        self._moves: dict[tuple[int, int], int | None] = {}

    def since(self, number: int, most: int) -> Feed | None:
        key = number, most
        if key not in self._feeds:
            self._feeds[key] = changes.since(self._tx, self._mailbox, number, most=most)
        return self._feeds[key]

    def moves(self, number: int, change: Change) -> int | None:
        key = change.item, number
        if key not in self._moves:
            self._moves[key] = messages.moves_at(self._tx, self._mailbox, change.item, number)
        return self._moves[key]


def _next(reader: _Reader, one: Subscription, now: Instant) -> tuple[Subscription, tuple[Notice, ...], bool]:
    """Return a subscription with how far it is told next, what it is told, and whether more is to be looked at."""
    if one.beside is not Beside.NOTHING:
        return one, (), False
    if 0 < one.challenge <= now and not one.failures:  # what is sent again goes first
        return after_challenge(one, now), (), False
    most = SLICE_WITH_CONTENT if one.terms.has_content else SLICE
    for _ in range(SLICES):
        # Numbers follow on each other, so the message under way is made of as many changes as before.
        feed = reader.since(one.reached, one.sending - one.reached or most)
        if feed is None:
            return _begin_anew(reader, one), (), False
        notices = tuple(notices_of(feed.changes, one.terms, partial(reader.moves, feed.reached)))
        one = structs.replace(one, sending=feed.reached)
        if notices:
            return one, notices, False
        one = structs.replace(one, reached=feed.reached)
        if one.reached >= reader.newest:
            return one, (), False
    return one, (), True


def _begin_anew(reader: _Reader, one: Subscription) -> Subscription:
    """Return a subscription that has lost track: what happened meanwhile is not kept any more."""
    return structs.replace(one, reached=reader.newest, sending=reader.newest, beside=loss_of(one.terms))


def _is_open_still(tx: Tx, owner: Person, one: Subscription, now: Instant) -> bool:
    if one.terms.creator in (0, one.mailbox):
        return True
    creator = people.by_number(tx, one.terms.creator)
    if creator is None:
        return False
    try:
        open_topic(tx, Who(creator.oid, owner.oid, now, calendar=one.terms.calendar), one.terms.topic)
    except DomainError:
        return False
    return True


def _occasions(change: Change, terms: Terms) -> tuple[Occasion, ...]:
    if change.kind is ItemKind.PERMISSION and not any(_is_of(trace, terms) for trace in change.traces):
        return ()
    if change.kind not in (ItemKind.EVENT, ItemKind.MESSAGE):
        return (Occasion.REMOVED if change.happened is ChangeAction.REMOVED else Occasion.UPDATED,)
    trace = change.trace
    is_there = change.happened is not ChangeAction.REMOVED and _is_seen(trace.place, terms)
    before = trace.place if trace.place_before is None else trace.place_before
    was_there = change.happened is not ChangeAction.CREATED and _is_seen(before, terms)
    if was_there and is_there:
        has_another_id = trace.moves_before is not None and not terms.has_lasting_ids
        return (Occasion.REMOVED, Occasion.CREATED) if has_another_id else (Occasion.UPDATED,)
    if was_there:
        return (Occasion.REMOVED,)
    return (Occasion.CREATED,) if is_there else ()


def _is_seen(place: int | None, terms: Terms) -> bool:
    if terms.topic is Topic.MESSAGES:
        return terms.folder is None or place == terms.folder
    if place is None:
        return False
    calendar, state = calendar_and_state(place)
    is_shown = state is State.LIVE or (terms.shows_declined and state is State.DECLINED)
    return is_shown and calendar == terms.calendar


def _is_of(trace: Trace, terms: Terms) -> bool:
    """Return whether a permission is one of the calendar that was subscribed to; earlier versions had one alone."""
    return terms.calendar == (DEFAULT_CALENDAR if trace.place is None else trace.place)


def _notice(
    change: Change, occasion: Occasion, terms: Terms, moves: Callable[[Change], int | None]
) -> Notice | None:
    if terms.topic is not Topic.MESSAGES:
        return Notice(occasion, change.item, change.number)
    before = change.trace.moves_before
    known = before if occasion is Occasion.REMOVED and before is not None else moves(change)
    return None if known is None else Notice(occasion, change.item, change.number, known)
