"""Takes apart what versions before schema 7 stored as one value: a copy with what the organizer says, what the owner
keeps and everybody's answers in it.

A copy was a `Meeting` as its owner saw it, with long guest lists and the answers to them in tables of their own. What
a guest changed in the own copy cannot be told from what the organizer said any more: it stands as said, until the next
update overwrites it, as it did before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from rsvpd.calendar.compose import (
    CANCELLED_PREFIX,
    component_of,
    guest_show_as,
    private_of,
    regular_component,
    response_of,
)
from rsvpd.calendar.copy import CalledOff, Copy, Overlay, OwnPart, Private, Response
from rsvpd.calendar.event import Answer, Attendee, Event, Meeting, Role, Status
from rsvpd.calendar.revision import Component, Revision, says_the_same
from rsvpd.calendar.series import at_wall_time, is_partial, occurrence, wall_time
from rsvpd.mail.address import fold
from rsvpd.store.sqlite import driver

Answers = dict[str, dict[str, Response]]

_encode = msgspec.msgpack.Encoder().encode
_meeting = msgspec.msgpack.Decoder(Meeting).decode
_roster = msgspec.msgpack.Decoder(tuple[tuple[str, str, Role], ...]).decode
_piece = msgspec.msgpack.Decoder(dict[int, Attendee]).decode
_numbers = msgspec.json.Decoder(dict[str, int]).decode


def upgrade(connection: driver.Connection) -> None:
    """Fill the tables of schema 7 from those of before; called within the step that makes them."""
    people = dict(connection.execute("SELECT number, fold FROM person"))
    numbers: dict[bytes, int] = {}
    rows = connection.execute("SELECT mailbox, item, rosters, data FROM event").fetchall()
    for mailbox, item, rosters, data in rows:
        meeting = _meeting(data)
        if rosters is not None:
            meeting = _with_guest_lists(connection, mailbox, item, meeting, _numbers(rosters))
        copy, answers = separate(meeting, people.get(mailbox, ""))
        number = _store_revision(connection, numbers, copy.revision)
        own = OwnPart(**{name: getattr(copy, name) for name in OwnPart.__struct_fields__ if name != "modified"})
        connection.execute(
            "UPDATE event SET revision = ?, has_responses = ?, has_dates = ?, data = ? WHERE mailbox = ? AND item = ?",
            (number, int(bool(answers)), int(bool(copy.dates)), _encode(own), mailbox, item),
        )
        connection.executemany(
            "INSERT INTO own_date (mailbox, item, recurrence_id, data) VALUES (?, ?, ?, ?)",
            ((mailbox, item, rid, _encode(private)) for rid, private in copy.dates.items()),
        )
        connection.executemany(
            "INSERT INTO response (mailbox, item, recurrence_id, address, data) VALUES (?, ?, ?, ?, ?)",
            (
                (mailbox, item, rid, address, _encode(response))
                for rid, known in answers.items()
                for address, response in known.items()
            ),
        )
    for number, data in connection.execute("SELECT number, data FROM round").fetchall():
        part, revision = _delivery(msgspec.msgpack.decode(data))
        connection.execute(
            "UPDATE round SET revision = ?, data = ? WHERE number = ?",
            (_store_revision(connection, numbers, revision), _encode(part), number),
        )


def separate(meeting: Meeting, address: str = "") -> tuple[Copy, Answers]:
    """Return a copy and the answers to it, as they are stored now; `address` (folded) is its owner's."""
    if meeting.is_organizer:
        revision, answers = _organizers(meeting), _answers(meeting)
    else:
        revision, answers = _revision(meeting), {}
    whole = _private(meeting, meeting.event)
    kept = {rid: _private(meeting, event) for rid, event in meeting.exceptions.items()}
    partial = is_partial(meeting)
    own = set() if meeting.is_organizer else kept.keys() - revision.exceptions.keys()
    copy = Copy(
        revision=revision,
        is_organizer=meeting.is_organizer,
        address="" if meeting.is_organizer else address,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        own=_with_own_times(meeting, whole),
        dates=kept if partial else {rid: one for rid, one in kept.items() if one != whole or rid in own},
        invited_to=tuple(sorted(meeting.exceptions)) if partial else None,
        removed=() if meeting.is_organizer else meeting.deleted,
        transaction_id=meeting.transaction_id,
        created=meeting.created,
        modified=meeting.modified,
        creator=meeting.creator,
    )
    return copy, answers


def _organizers(meeting: Meeting) -> Revision:
    """Return what an organizer's copy says."""
    event = _component(meeting.event)
    revision = Revision(
        uid=meeting.uid,
        organizer=meeting.organizer,
        event=event,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        recurrence=meeting.recurrence,
        excluded=meeting.deleted,
        reset_sequence=_reset_sequence(meeting.event),
    )
    exceptions = {rid: _component(one) for rid, one in meeting.exceptions.items()}
    resets = {
        rid: asked_at
        for rid, one in meeting.exceptions.items()
        if (asked_at := _reset_sequence(one)) > revision.reset_sequence
    }
    return structs.replace(revision, exceptions=_real_exceptions(revision, exceptions), resets=resets)


def _revision(meeting: Meeting) -> Revision:
    """Return what a guest's copy shows, as said by the organizer."""
    start = meeting.pattern_start
    event = _component(_as_sent(meeting.event))
    if start is not None:
        lasts = wall_time(meeting.event.end) - wall_time(meeting.event.start)
        end = at_wall_time(meeting.event.end, wall_time(start) + lasts)
        event = structs.replace(event, start=start, end=end)
    revision = Revision(
        uid=meeting.uid,
        organizer=meeting.organizer,
        event=event,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        recurrence=meeting.recurrence,
    )
    exceptions = {rid: _component(_as_sent(one)) for rid, one in meeting.exceptions.items()}
    if is_partial(meeting):
        return structs.replace(revision, exceptions=exceptions)
    stands = structs.replace(revision, event=_component(_as_sent(meeting.event)))
    if start is None:
        return structs.replace(revision, exceptions=_real_exceptions(stands, exceptions))
    moved = structs.replace(meeting, exceptions={})
    differing = {
        rid: one
        for rid, one in exceptions.items()
        if (found := occurrence(moved, rid)) is None or not says_the_same(one, _component(_as_sent(found.event)))
    }
    return structs.replace(revision, exceptions=differing)


def _real_exceptions(revision: Revision, exceptions: dict[str, Component]) -> dict[str, Component]:
    return {
        rid: one
        for rid, one in exceptions.items()
        if (regular := regular_component(revision, rid)) is None or not says_the_same(one, regular)
    }


def _as_sent(event: Event) -> Event:
    """Return what a guest's event says without what was made of it when it was called off."""
    is_off = event.status is Status.CANCELLED
    subject = event.subject.removeprefix(CANCELLED_PREFIX) if is_off else event.subject
    status = Status.CONFIRMED if is_off else event.status
    return structs.replace(event, subject=subject, status=status, show_as=event.intended_show_as)


def _component(event: Event) -> Component:
    asked_at = _reset_sequence(event)
    component = component_of(event)
    guests = tuple(
        structs.replace(one, since=asked_at) if asked_at and not attendee.reset_sequence else one
        for one, attendee in zip(component.guests, event.attendees, strict=True)
    )
    return structs.replace(component, guests=guests)


def _reset_sequence(event: Event) -> int:
    return max((one.reset_sequence for one in event.attendees), default=0)


def _private(meeting: Meeting, event: Event) -> Private:
    private = private_of(event)
    if meeting.is_organizer:
        return private
    wanted = guest_show_as(event.status, event.answer, event.intended_show_as)
    off = event.status is Status.CANCELLED
    known = {fold(one.address): response_of(one) for one in event.attendees if off and _is_known(one)}
    return structs.replace(
        private,
        sensitivity=event.sensitivity,
        show_as=None if event.show_as is wanted else event.show_as,
        called_off=CalledOff(event=_component(_as_sent(event)), responses=known) if off else None,
    )


def _with_own_times(meeting: Meeting, whole: Private) -> Private:
    """Return what is kept of the whole, with where a guest put the own copy of a series."""
    if whole.called_off is not None:
        whole = structs.replace(whole, called_off=structs.replace(whole.called_off, event=None))
    if meeting.pattern_start is None:
        return whole
    return structs.replace(whole, overlay=Overlay(start=meeting.event.start, end=meeting.event.end))


def _answers(meeting: Meeting) -> Answers:
    """Return who answered what: to the whole, and to dates what is not the same."""
    whole = _responses(meeting.event)
    found: Answers = {"": whole} if whole else {}
    for rid, event in meeting.exceptions.items():
        own = {who: one for who, one in _responses(event).items() if whole.get(who) != one}
        if own:
            found[rid] = own
    return found


def _responses(event: Event) -> dict[str, Response]:
    return {fold(one.address): response_of(one) for one in event.attendees if _is_known(one)}


def _is_known(one: Attendee) -> bool:
    return bool(one.answer is not Answer.NONE or one.reply_dtstamp or one.comment or one.guests)


# --- tables of before ------------------------------------------------------------------------


def _with_guest_lists(
    connection: driver.Connection, mailbox: int, item: int, slim: Meeting, rosters: Mapping[str, int]
) -> Meeting:
    """Return a meeting with its long guest lists in it again."""
    lists = {rid: _list(connection, number) for rid, number in rosters.items()}
    pieces = "SELECT recurrence_id, data FROM answers WHERE mailbox = ? AND item = ?"
    for rid, data in connection.execute(pieces, (mailbox, item)):
        for place, guest in _piece(data).items():
            lists[rid][place] = guest

    def whole(rid: str, event: Event) -> Event:
        return structs.replace(event, attendees=tuple(lists[rid])) if rid in lists else event

    exceptions = {rid: whole(rid, event) for rid, event in slim.exceptions.items()}
    return structs.replace(slim, event=whole("", slim.event), exceptions=exceptions)


def _list(connection: driver.Connection, number: int) -> list[Attendee]:
    (data,) = connection.execute("SELECT data FROM roster WHERE number = ?", (number,)).fetchone()
    return [Attendee(address=address, name=name, role=role) for address, name, role in _roster(data)]


def _store_revision(connection: driver.Connection, numbers: dict[bytes, int], revision: Revision) -> int:
    """Return the number of a revision; what is said alike is stored once."""
    data = _encode(revision)
    digest = hashlib.blake2b(data, digest_size=16).digest()
    if digest not in numbers:
        added = connection.execute("INSERT INTO revision (digest, data) VALUES (?, ?)", (digest, data))
        numbers[digest] = int(added.lastrowid or 0)
    return numbers[digest]


def _delivery(part: dict[str, Any]) -> tuple[dict[str, Any], Revision]:
    """Return what is kept of a delivery under way, and what it tells."""
    meeting = msgspec.convert(part.pop("meeting"), Meeting)
    part.pop("last", None)
    return {**part, "created": meeting.created}, _organizers(structs.replace(meeting, is_organizer=True))
