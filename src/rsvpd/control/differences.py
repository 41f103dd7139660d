"""What differs between a snapshot and another, or now, in words and by person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Status, When
from rsvpd.commands.door import reads
from rsvpd.control.snapshots import existing
from rsvpd.errors import FolderNotFound
from rsvpd.mail.address import fold
from rsvpd.mail.message import Message
from rsvpd.store import events, folders, messages, people
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError, DataFileError
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.sqlite.difference import Differing, Kind, Place, differing
from rsvpd.store.tx import Tx

# So many differences are told in words.
MOST = 500
_LONGEST = 80
_SLICE = 100

Run = Callable[..., Any]


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that differs: in whose mailbox, of what (event, message, person), in words."""

    person: str
    of: str
    text: str


class Total(Struct, frozen=True, kw_only=True):
    """How many there are of a kind that came, went and changed."""

    came: int
    went: int
    changed: int


class Differences(Struct, frozen=True, kw_only=True):
    """What differs, at most so much as is told in words, and how much it is of each kind."""

    before: str
    after: str
    differences: list[Difference]
    events: Total
    messages: Total
    people: Total


class _Seen(Struct, frozen=True):
    """What a file says of some items."""

    events: dict[Place, Meeting]
    messages: dict[Place, tuple[Message, str]]
    names: dict[int, str]


def differences(store: Store, before: str, after: str) -> Differences:
    """Return what differs from the snapshot `before` to `after`, or to now where that is empty.

    Raises Missing, InvalidProperty and CopyError.
    """
    first = existing(store, before)
    second = existing(store, after) if after else None
    now = store.engine.path
    assert now is not None  # there are snapshots of a data file alone
    try:
        found = differing(first, second or now, is_after_open=second is None, most=MOST)
        with reading(first) as run_before, _reader(second, store) as run_after:
            told = _tell(found, _see(run_before, found), _see(run_after, found))
    except DataFileError as wrong:
        raise CopyError(f"{wrong} One of an older rsvpd is brought up to date by restoring and saving it.") from None
    return Differences(
        before=before, after=after or "now", differences=told[:MOST], events=_total(found.events),
        messages=_total(found.messages), people=Total(came=len(found.came), went=len(found.went), changed=0),
    )  # fmt: skip


def _reader(second: Path | None, store: Store) -> AbstractContextManager[Run]:
    return nullcontext(store.run) if second is None else reading(second)


def _total(kind: Kind) -> Total:
    came, went, changed = kind.counts
    return Total(came=came, went=went, changed=changed)


def _places(kind: Kind) -> list[Place]:
    return [*kind.came, *kind.went, *kind.changed][:MOST]


def _see(run: Run, found: Differing) -> _Seen:
    """Return what one file says of what differs; slice by slice, as one answer may look at so much only."""
    seen_events: dict[Place, Meeting] = {}
    seen_messages: dict[Place, tuple[Message, str]] = {}
    for some in _slices(_places(found.events)):
        seen_events |= run(_events_at, some)
    for some in _slices(_places(found.messages)):
        seen_messages |= run(_messages_at, some)
    return _Seen(seen_events, seen_messages, run(_names))


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


def _tell(found: Differing, before: _Seen, after: _Seen) -> list[Difference]:
    """Return what differs, by person: people, then each one's events, then the messages."""
    names = before.names | after.names
    told = [Difference(person=one, of="person", text="has a mailbox now") for one in found.came]
    told += [Difference(person=one, of="person", text="has no mailbox any more") for one in found.went]
    of_items = [
        *((place, "event", text) for place, text in _events(found.events, before, after)),
        *((place, "message", text) for place, text in _mail(found.messages, before, after)),
    ]
    of_items.sort(key=lambda one: (one[0][0], one[1], one[0][1]))
    return told + [
        Difference(person=names.get(mailbox, f"mailbox {mailbox}"), of=kind, text=text)
        for (mailbox, _), kind, text in of_items
    ]


def _events(kind: Kind, before: _Seen, after: _Seen) -> Iterator[tuple[Place, str]]:
    for place in kind.came:
        if place in after.events:
            yield place, f"new: {_outline(after.events[place])}"
    for place in kind.went:
        if place in before.events:
            yield place, f"gone: {_outline(before.events[place])}"
    for place in kind.changed:
        if place in before.events and place in after.events:
            for text in meeting_words(before.events[place], after.events[place]):
                yield place, text


def _mail(kind: Kind, before: _Seen, after: _Seen) -> Iterator[tuple[Place, str]]:
    for place in kind.came:
        if place in after.messages:
            message, folder = after.messages[place]
            yield place, f"new in {folder}: {_quoted(message.letter.subject)} from {message.letter.from_.address}"
    for place in kind.went:
        if place in before.messages:
            message, folder = before.messages[place]
            yield place, f"gone from {folder}: {_quoted(message.letter.subject)}"
    for place in kind.changed:
        if place in before.messages and place in after.messages:
            yield place, _message_words(before.messages[place], after.messages[place])


def _message_words(before: tuple[Message, str], after: tuple[Message, str]) -> str:
    (old, was_in), (new, is_in) = before, after
    words = [
        f"moved from {was_in} to {is_in}" if was_in != is_in else "",
        ("read" if new.is_read else "unread") if old.is_read != new.is_read else "",
        f"subject {_quoted(old.letter.subject)} -> {_quoted(new.letter.subject)}"
        if old.letter.subject != new.letter.subject
        else "",
    ]
    return f"{_quoted(new.letter.subject)}: {', '.join(filter(None, words)) or 'changed'}"


def meeting_words(before: Meeting, after: Meeting) -> list[str]:
    """Return in words what differs between two states of one event: of the whole, then of its single dates."""
    name = _quoted(after.event.subject)
    found = event_words(name, before.event, after.event, is_own=not after.is_organizer)
    if before.recurrence != after.recurrence:
        found.append(f"{name}: another recurrence")
    for date in sorted({*before.exceptions, *after.exceptions}):
        old, new = before.exceptions.get(date, before.event), after.exceptions.get(date, after.event)
        moved = (date not in before.exceptions or date not in after.exceptions) and old.start != new.start
        plain = event_words(f"{name} of {date}", old, new, is_own=not after.is_organizer, with_times=not moved)
        found += plain or [f"{name} of {date}: changed"]
    found += [f"{name} of {date}: does not take place" for date in after.deleted if date not in before.deleted]
    return found or [f"{name}: changed"]


def event_words(name: str, old: Event, new: Event, *, is_own: bool, with_times: bool = True) -> list[str]:
    """Return in words what differs between two states of an event; `is_own`: its owner is a guest, who answers it."""
    words = [
        f"title {_quoted(old.subject)} -> {_quoted(new.subject)}" if old.subject != new.subject else "",
        f"time {_times(old)} -> {_times(new)}" if with_times and _times(old) != _times(new) else "",
        f"place {_place(old)} -> {_place(new)}" if _place(old) != _place(new) else "",
        "cancelled" if new.status is Status.CANCELLED and old.status is not Status.CANCELLED else "",
        "another text" if old.body != new.body else "",
    ]
    found = [f"{name}: {word}" for word in words if word]
    if is_own and old.answer is not new.answer:
        found.append(f"{name}: own answer {old.answer.value} -> {new.answer.value}")
    return found + list(_answers(name, old, new))


def _answers(name: str, old: Event, new: Event) -> Iterator[str]:
    were = {fold(one.address): one for one in old.attendees}
    are = {fold(one.address): one for one in new.attendees}
    for address in dict.fromkeys((*were, *are)):
        before, after = were.get(address), are.get(address)
        if before is None and after is not None:
            answer = "" if after.answer is Answer.NONE else f", who said {after.answer.value}"
            yield f"{name}: {address} is invited{answer}"
        elif before is not None and after is None:
            yield f"{name}: {address} is not invited any more"
        elif before is not None and after is not None:
            if before.answer is not after.answer:
                yield f"{address}'s answer to {name}: {before.answer.value} -> {after.answer.value}"
            if after.proposal is not None and after.proposal != before.proposal:
                yield f"{address} proposes {_span(*after.proposal)} for {name}"


def _outline(meeting: Meeting) -> str:
    event = meeting.event
    series = "series " if meeting.recurrence is not None else ""
    who = "" if meeting.is_organizer else f", invited by {meeting.organizer.address}"
    return f"{series}{_quoted(event.subject)}, {_times(event)}{who}"


def _times(event: Event) -> str:
    return _span(event.start, event.end)


def _span(start: When, end: When) -> str:
    if isinstance(start, AllDay) or isinstance(end, AllDay):
        return f"{_when(start)} to {_when(end)}"
    until = f"{end.wall:%H:%M}" if end.wall.date() == start.wall.date() else f"{end.wall:%Y-%m-%d %H:%M}"
    return f"{start.wall:%Y-%m-%d %H:%M}-{until} {start.zone}"


def _when(time: When) -> str:
    return time.day.isoformat() if isinstance(time, AllDay) else f"{time.wall:%Y-%m-%d %H:%M} {time.zone}"


def _place(event: Event) -> str:
    return _quoted("; ".join(one.name or one.mailbox or "" for one in event.locations))


def _quoted(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return f'"{plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"}"'
