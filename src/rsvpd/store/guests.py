"""Long guest lists in the data file.

A list of more than `LONG` guests is stored once, however many calendars show it: a roster, found
by its content. What is known of single guests (their answers) stands beside the row of the one
copy that tracks it, in pieces of `PIECE` guests, so that an answer to a meeting of thousands
writes one piece. Shorter lists stay in the row of the event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import msgspec
from msgspec import structs

from rsvpd.calendar.event import Attendee, Event, Meeting, Role
from rsvpd.mail.address import fold
from rsvpd.scheduling.itip import Reply
from rsvpd.scheduling.receive import tracked
from rsvpd.store.tx import Roster, Tx

LONG = 64
PIECE = 64

Guests = tuple[Attendee, ...]
Rosters = dict[str, int]  # by recurrence id, the master's under ""
Pieces = dict[tuple[str, int], bytes]  # by recurrence id and number

_Bare = tuple[str, str, Role]
_encode = msgspec.msgpack.Encoder().encode
_decode_bare = msgspec.msgpack.Decoder(tuple[_Bare, ...]).decode
_decode_piece = msgspec.msgpack.Decoder(dict[int, Attendee]).decode

_ROSTER = "SELECT data FROM roster WHERE number = :number"
_BY_DIGEST = "SELECT number FROM roster WHERE digest = :digest"
_ADD = "INSERT INTO roster (digest, data) VALUES (:digest, :data)"
_PIECES = "SELECT recurrence_id, piece, data FROM answers WHERE mailbox = :mailbox AND item = :item"
_ONE = f"{_PIECES} AND recurrence_id = :rid AND piece = :piece"
_WRITE = (
    "INSERT INTO answers (mailbox, item, recurrence_id, piece, data)"
    " VALUES (:mailbox, :item, :rid, :piece, :data)"
    " ON CONFLICT (mailbox, item, recurrence_id, piece) DO UPDATE SET data = excluded.data"
)
_DROP = (
    "DELETE FROM answers WHERE mailbox = :mailbox AND item = :item AND recurrence_id = :rid AND piece = :piece"
)


def is_long(meeting: Meeting) -> bool:
    """Return whether some event of `meeting` has a long guest list."""
    return len(meeting.event.attendees) > LONG or any(
        len(event.attendees) > LONG for event in meeting.exceptions.values()
    )


def split(tx: Tx, meeting: Meeting) -> tuple[Meeting, Rosters, Pieces]:
    """Return `meeting` without its long guest lists, which rosters they are, and the pieces beside it."""
    rosters: Rosters = {}
    pieces: Pieces = {}

    def without(rid: str, event: Event) -> Event:
        if len(event.attendees) <= LONG:
            return event
        roster = _roster_of(tx, event.attendees)
        rosters[rid] = roster.number
        pieces.update({(rid, number): data for number, data in _pieces(event.attendees, roster.guests)})
        return structs.replace(event, attendees=())

    slim = structs.replace(
        meeting,
        event=without("", meeting.event),
        exceptions={rid: without(rid, event) for rid, event in meeting.exceptions.items()},
    )
    return slim, rosters, pieces


def joined(tx: Tx, mailbox: int, item: int, slim: Meeting, rosters: Rosters) -> Meeting:
    """Return the whole meeting again."""
    known: dict[str, list[Attendee]] = {}
    for rid, piece, data in tx.stream(_PIECES, mailbox=mailbox, item=item):
        tx.pieces[mailbox, item, rid, piece] = data
        guests = known.setdefault(rid, list(_roster(tx, rosters[rid]).guests))
        for place, guest in _decode_piece(data).items():
            guests[place] = guest

    def whole(rid: str, event: Event) -> Event:
        if rid not in rosters:
            return event
        guests = known.get(rid)
        return structs.replace(event, attendees=tuple(guests) if guests else _roster(tx, rosters[rid]).guests)

    return structs.replace(
        slim,
        event=whole("", slim.event),
        exceptions={rid: whole(rid, event) for rid, event in slim.exceptions.items()},
    )


def write(tx: Tx, mailbox: int, item: int, pieces: Pieces) -> None:
    """Write the pieces that are not as they were read in this transaction."""
    before = {key[2:]: data for key, data in tx.pieces.items() if key[:2] == (mailbox, item)}
    for (rid, piece), data in pieces.items():
        if before.pop((rid, piece), None) != data:
            tx.run(_WRITE, mailbox=mailbox, item=item, rid=rid, piece=piece, data=data)
            tx.pieces[mailbox, item, rid, piece] = data
    for rid, piece in before:
        tx.run(_DROP, mailbox=mailbox, item=item, rid=rid, piece=piece)
        del tx.pieces[mailbox, item, rid, piece]


def track(tx: Tx, mailbox: int, item: int, rosters: Rosters, reply: Reply) -> bool:
    """Note an answer beside a meeting with long lists; return whether anything changed.

    An answer to the whole is noted for every event of it, one to an occurrence for that exception.
    """
    wanted = rosters if reply.recurrence_id is None else [reply.recurrence_id]
    changes = [_track_one(tx, mailbox, item, rid, rosters[rid], reply) for rid in wanted]
    return any(changes)


def _track_one(tx: Tx, mailbox: int, item: int, rid: str, number: int, reply: Reply) -> bool:
    roster = _roster(tx, number)
    place = roster.places.get(fold(reply.attendee))
    if place is None:
        return False
    piece = place // PIECE
    row = tx.row(_ONE, mailbox=mailbox, item=item, rid=rid, piece=piece)
    known = _decode_piece(row[2]) if row else {}
    before = known.get(place, roster.guests[place])
    after = tracked(before, reply)
    if after == before:
        return False
    data = _encode({**known, place: after})
    tx.run(_WRITE, mailbox=mailbox, item=item, rid=rid, piece=piece, data=data)
    return True


def _pieces(guests: Guests, bare: Guests) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces in which something is known beyond the roster."""
    if guests is bare:
        return
    for start in range(0, len(guests), PIECE):
        known = {
            place: guest
            for place, guest in enumerate(guests[start : start + PIECE], start)
            if guest is not bare[place] and guest != bare[place]
        }
        if known:
            yield start // PIECE, _encode(known)


def _roster_of(tx: Tx, guests: Guests) -> Roster:
    """Return the roster of these guests, made where it is new."""
    for known in (*tx.rosters.values(), *list(tx.directory.rosters.values())):
        if known.guests is guests:
            return known
    data = _encode(tuple((one.address, one.name, one.role) for one in guests))
    digest = hashlib.blake2b(data, digest_size=20).digest()
    row = tx.row(_BY_DIGEST, digest=digest)
    number = int(row[0]) if row else tx.insert(_ADD, digest=digest, data=data)
    bare = all(one == Attendee(address=one.address, name=one.name, role=one.role) for one in guests)
    return _remembered(tx, number, guests if bare else _read(data))


def _roster(tx: Tx, number: int) -> Roster:
    known = tx.rosters.get(number) or tx.directory.rosters.get(number)
    if known is not None:
        return known
    row = tx.row(_ROSTER, number=number)
    assert row is not None
    return _remembered(tx, number, _read(row[0]))


def _read(data: bytes) -> Guests:
    return tuple(Attendee(address=address, name=name, role=role) for address, name, role in _decode_bare(data))


def _remembered(tx: Tx, number: int, guests: Guests) -> Roster:
    made = Roster(number, guests, {fold(one.address): place for place, one in enumerate(guests)})
    tx.rosters[number] = made
    return made
