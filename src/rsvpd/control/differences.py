"""What differs between a snapshot and another, or now, in words and by person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain

from msgspec import Struct

from rsvpd.calendar.event import Meeting
from rsvpd.clock import Instant
from rsvpd.commands.door import reads
from rsvpd.control.described import Described, describe_rows, quote
from rsvpd.control.meeting_words import meeting_words, message_words, outline
from rsvpd.control.snapshots import find_snapshot
from rsvpd.errors import FolderNotFound
from rsvpd.mail.message import Message
from rsvpd.store import events, folders, messages, people
from rsvpd.store.database import Store
from rsvpd.store.difference import EVENTS, KINDS, MESSAGES, NOT_COMPARED, Kind, Place
from rsvpd.store.engine import CopyError, DataFileError, Run
from rsvpd.store.tx import Tx

# So many differences are told in words.
MOST = 500
_SLICE = 100
_PEOPLE = "people"
# What one of a kind is called, where that is not its name without the last letter.
_ONE = {
    _PEOPLE: "person", "rooms": "room policy", "rooms in lists": "room list", "groups of calendars": "calendars",
    "listed calendars": "calendar list", "delegations": "delegates", "settings": "settings",
    "people who answer by themselves": "persona", "focused senders": "sender", "extended properties": "property",
    "messages that wait to leave": "outbox", "senders who got an automatic reply": "auto reply",
}  # fmt: skip
# Of these only is told how many there are.
_COUNTED = frozenset({"extended properties", "senders who got an automatic reply"})


# Of these there is always something, stored or not.
_DEFAULTED = frozenset({"settings", "rooms", "delegations", "profiles"})


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that differs: in whose mailbox (empty: of all), of what (event, folder and so on), in words."""

    person: str
    of: str
    text: str


class Total(Struct, frozen=True, kw_only=True):
    """How many there are of a kind that came, went and changed."""

    came: int
    went: int
    changed: int


class Differences(Struct, frozen=True, kw_only=True):
    """What differs, at most so much as is told in words, how much it is of each kind of which anything differs, and
    what is not compared.
    """

    before: str
    after: str
    differences: list[Difference]
    totals: dict[str, Total]
    not_compared: list[str]


class _Seen(Struct, frozen=True):
    """What one state says of what differs."""

    events: dict[Place, Meeting]
    messages: dict[Place, tuple[Message, str]]
    rows: dict[str, dict[Place, Described]]
    names: dict[int, str]


class _Text(Struct, frozen=True):
    """One thing in words: in whose mailbox, of which kind, of which row."""

    mailbox: int
    kind: str
    place: Place
    text: str


def differences(store: Store, before: str, after: str, now: Instant) -> Differences:
    """Return what differs from the snapshot `before` to `after`, or to now where that is empty.

    Raises Missing, InvalidProperty and CopyError.
    """
    shelf = store.shelf
    find_snapshot(store, before)
    if after:
        find_snapshot(store, after)
    try:
        found = shelf.compare(before, after or None, MOST)
        with shelf.reading(before) as run_before, _reader(store, after) as run_after:
            told = _tell(found, _see(run_before, found), _see(run_after, found), now)
    except DataFileError as wrong:
        raise CopyError(f"{wrong} One of an older rsvpd is brought up to date by restoring and saving it.") from None
    totals = {name: _total(kind) for name, kind in found.items()}
    return Differences(
        before=before, after=after or "now", differences=told[:MOST],
        totals={name: one for name, one in totals.items() if one.came or one.went or one.changed},
        not_compared=list(NOT_COMPARED),
    )  # fmt: skip


def _reader(store: Store, after: str) -> AbstractContextManager[Run]:
    return store.shelf.reading(after) if after else nullcontext(store.run)


def _total(kind: Kind) -> Total:
    came, went, changed = kind.counts
    return Total(came=came, went=went, changed=changed)


def _places(kind: Kind) -> list[Place]:
    return [*kind.came, *kind.went, *kind.changed][:MOST]


def _see(run: Run, found: dict[str, Kind]) -> _Seen:
    """Return what one state says of what differs; slice by slice, as one answer may look at so much only."""
    seen = _Seen({}, {}, {kind.name: {} for kind in KINDS}, run(_names))
    for some in _slices(_places(found[EVENTS])):
        seen.events.update(run(_events_at, some))
    for some in _slices(_places(found[MESSAGES])):
        seen.messages.update(run(_messages_at, some))
    for name, rows in seen.rows.items():
        for some in _slices(() if name in _COUNTED else _places(found[name])):
            rows.update(run(describe_rows, name, some))
    return seen


def _slices(places: Sequence[Place]) -> Iterator[Sequence[Place]]:
    return (places[at : at + _SLICE] for at in range(0, len(places), _SLICE))


@reads
def _names(tx: Tx) -> dict[int, str]:
    """Return everybody's address."""
    return {one.number: one.address for one in people.everyone(tx)}


@reads
def _events_at(tx: Tx, places: Sequence[Place]) -> dict[Place, Meeting]:
    """Return the events there are of some."""
    rows = ((place, events.by_item(tx, *place)) for place in places)
    return {place: row.meeting for place, row in rows if row is not None}


@reads
def _messages_at(tx: Tx, places: Sequence[Place]) -> dict[Place, tuple[Message, str]]:
    """Return the messages there are of some, and in which folder they are."""
    trees = {mailbox: folders.tree(tx, mailbox) for mailbox in {mailbox for mailbox, _ in places}}
    found = {}
    for place in places:
        row = messages.by_item(tx, *place)
        if row is not None:
            try:
                name = trees[place[0]].get(row.message.folder).name
            except FolderNotFound:
                name = "another folder"
            found[place] = row.message, name
    return found


def _tell(found: dict[str, Kind], before: _Seen, after: _Seen, now: Instant) -> list[Difference]:
    """Return what differs, by person: what is of all first, then of each what is of the person, events and so on."""
    names = before.names | after.names
    order = {name: place for place, name in enumerate((_PEOPLE, EVENTS, MESSAGES, *(kind.name for kind in KINDS[1:])))}
    texts = [
        *_events(found[EVENTS], before, after, now), *_mail(found[MESSAGES], before, after),
        *chain.from_iterable(_rows(name, found[name], before, after) for name in before.rows if name not in _COUNTED),
    ]  # fmt: skip
    texts.sort(key=lambda one: (one.mailbox, order[one.kind], one.place))
    return [
        Difference(
            person=names.get(one.mailbox, f"mailbox {one.mailbox}") if one.mailbox else "",
            of=_ONE.get(one.kind, one.kind[:-1]), text=one.text,
        )
        for one in texts
    ]  # fmt: skip


def _events(kind: Kind, before: _Seen, after: _Seen, now: Instant) -> Iterator[_Text]:
    for place in kind.came:
        if place in after.events:
            yield _Text(place[0], EVENTS, place, f"new: {outline(after.events[place])}")
    for place in kind.went:
        if place in before.events:
            yield _Text(place[0], EVENTS, place, f"gone: {outline(before.events[place])}")
    for place in kind.changed:
        if place in before.events and place in after.events:
            for text in meeting_words(before.events[place], after.events[place], now):
                yield _Text(place[0], EVENTS, place, text)


def _mail(kind: Kind, before: _Seen, after: _Seen) -> Iterator[_Text]:
    for place in kind.came:
        if place in after.messages:
            message, folder = after.messages[place]
            text = f"new in {folder}: {quote(message.letter.subject)} from {message.letter.from_.address}"
            yield _Text(place[0], MESSAGES, place, text)
    for place in kind.went:
        if place in before.messages:
            message, folder = before.messages[place]
            yield _Text(place[0], MESSAGES, place, f"gone from {folder}: {quote(message.letter.subject)}")
    for place in kind.changed:
        if place in before.messages and place in after.messages:
            yield _Text(place[0], MESSAGES, place, message_words(before.messages[place], after.messages[place]))


def _rows(name: str, kind: Kind, before: _Seen, after: _Seen) -> Iterator[_Text]:
    old, new = before.rows[name], after.rows[name]
    came, went, changed = kind.came, kind.went, kind.changed
    if name in _DEFAULTED:
        came, went, changed = (), (), (*came, *went, *changed)
    for place in came:
        if place in new:
            text = "has a mailbox now" if name == _PEOPLE else _whole("new", new[place])
            yield _of_row(name, place, new[place], text)
    for place in went:
        if place in old:
            text = "has no mailbox any more" if name == _PEOPLE else _whole("gone", old[place], with_members=False)
            yield _of_row(name, place, old[place], text)
    for place in changed:
        if place in old and place in new:
            yield _of_row(name, place, new[place], _change_text(old[place], new[place]))


def _of_row(name: str, place: Place, one: Described, text: str) -> _Text:
    return _Text(one.mailbox, name, place, text)


def _whole(what: str, one: Described, *, with_members: bool = True) -> str:
    said = [f"{name} {text}" for name, text in one.members.items() if text and with_members]
    words = ", ".join((one.title, *said) if one.title else said)
    return f"{what}: {words}" if words else what


def _change_text(old: Described, new: Described) -> str:
    names = [name for name in dict.fromkeys((*old.members, *new.members)) if _differs(name, old, new)]
    words = ", ".join(f"{name} {_member_text(old, name)} -> {_member_text(new, name)}" for name in names) or "changed"
    return f"{new.title}: {words}" if new.title else words


def _differs(name: str, old: Described, new: Described) -> bool:
    return old.members.get(name, "") != new.members.get(name, "")


def _member_text(one: Described, name: str) -> str:
    return one.members.get(name) or "nothing"
