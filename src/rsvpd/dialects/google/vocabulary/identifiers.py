"""Event ids: made from the iCalendar UID and turned back into it, so that nothing is looked up.

An id has the letters of base32hex, `a`-`v` and `0`-`9`. Three kinds of UID, three forms, and one for a UID that
another organizer used before in the same calendar:

    q7n0u2hk4v@google.com      q7n0u2hk4v                  the id a client chose, or ours
    040000008200E00074C5...    rsvph + base32hex of the bytes   the hexadecimal UIDs of Outlook
    anything else              rsvpu + base32hex of the UTF-8
    whatever is used already   rsvpo + base32hex of the organizer's address, a zero byte, the UID

Rule 1: `uid_of(event_id(uid)) == uid` for every UID, `event_id(uid_of(id)) == id` for every id.
Rule 2: so a UID of the first kind whose id looks like one of the others takes the third form;
        nobody can choose an id that already stands for another meeting.
An occurrence's id is the id of its series, `_`, and the original start in UTC: `_20261208T080000Z`,
or `_20261208` where the series is all-day.
"""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from rsvpd.calendar.event import AllDay, MeetingKey, When
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import to_datetime
from rsvpd.dialects.google.vocabulary.refusals import RESOURCE_ID, Refusal
from rsvpd.errors import ItemNotFound
from rsvpd.timezones.zone import to_instant

ALPHABET = "0123456789abcdefghijklmnopqrstuv"
DOMAIN = "@google.com"

# Ids are remembered of so many UIDs, and of none that is longer.
_KEPT, _USUAL = 4096, 256
_OWN = re.compile(r"[a-v0-9]{5,1024}+")
_HEX = re.compile(r"(?:[0-9A-F]{2}){8,}+")
_NAMED = re.compile(r"([a-v0-9]++)(?:_(\d{8}(?:T\d{6}Z)?))?", re.ASCII)
_BYTES, _TEXT, _NAMESAKE = "rsvph", "rsvpu", "rsvpo"


class EventName(Struct, frozen=True):
    """What an id names: the meeting with this UID, or the occurrence that originally starts then.

    `organizer` is set where another meeting of the calendar had the UID before.
    """

    uid: str
    original: str | None = None
    organizer: str | None = None


def calendar_id(view: CalendarView) -> str:
    """Return how a calendar is named: a primary one by its owner's address, another by one of its own."""
    return view.address or view.owner.address


def new_event_id() -> str:
    """Return a new random id for an event whose client chose none."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


def event_id(uid: str) -> str:
    """Return the id of the meeting with `uid`."""
    return _known_id(uid) if len(uid) <= _USUAL else _id_of(uid)


def _id_of(uid: str) -> str:
    own = uid.removesuffix(DOMAIN)
    if own != uid and _OWN.fullmatch(own) and _decode_uid(own) is None and _namesake(own) is None:
        return own
    if _HEX.fullmatch(uid):
        return _BYTES + _letters(bytes.fromhex(uid))
    return _TEXT + _letters(uid.encode())


def uid_of(text: str) -> str:
    """Return the UID of the meeting that the id `text`, without an occurrence, stands for."""
    made_from = _decode_uid(text)
    return text + DOMAIN if made_from is None else made_from


# A list names the meeting again with each of its dates.
_known_id = lru_cache(maxsize=_KEPT)(_id_of)


def namesake_id(key: MeetingKey) -> str:
    """Return the id of a meeting in a calendar where the UID is used already."""
    return _NAMESAKE + _letters(f"{key.organizer}\0{key.uid}".encode())


def meeting_id(view: EventView) -> str:
    """Return the id of the meeting as a whole, of which this is an event."""
    return namesake_id(view.meeting.key) if view.is_namesake else event_id(view.meeting.uid)


def view_id(view: EventView) -> str:
    """Return the id of this very event."""
    if view.original_start is None:
        return meeting_id(view)
    return f"{meeting_id(view)}_{original(view.original_start)}"


def original(start: When) -> str:
    """Return how an original start stands in an id."""
    if isinstance(start, AllDay):
        return start.day.strftime("%Y%m%d")
    return f"{to_datetime(to_instant(start)):%Y%m%dT%H%M%SZ}"


def read(text: str) -> EventName:
    """Return what the id in a path names. Raises ItemNotFound for what can be no id."""
    found = _NAMED.fullmatch(text)
    if found is None or not _is_moment(found[2]):
        raise ItemNotFound("Not Found")
    key = _namesake(found[1])
    return EventName(key.uid, found[2], key.organizer) if key else EventName(uid_of(found[1]), found[2])


def uid_of_new_id(text: str) -> str:
    """Return the UID for the id a client chose for a new event. Raises Refusal."""
    if not _OWN.fullmatch(text) or _namesake(text):
        raise Refusal(RESOURCE_ID, "An id has 5 to 1024 of the letters a-v and 0-9.", target="id")
    return uid_of(text)


def _decode_uid(text: str) -> str | None:
    """Return the UID that `event_id` writes as `text` with one of our own marks, or None."""
    mark, letters = text[: len(_TEXT)], text[len(_TEXT) :]
    if mark not in (_BYTES, _TEXT):
        return None
    try:
        raw = _bytes(letters)
        uid = raw.hex().upper() if mark == _BYTES else raw.decode()
    except ValueError:
        return None
    return uid if event_id(uid) == text else None


def _namesake(text: str) -> MeetingKey | None:
    """Return the meeting that `namesake_id` writes as `text`, or None."""
    if not text.startswith(_NAMESAKE):
        return None
    try:
        organizer, mark, uid = _bytes(text[len(_NAMESAKE) :]).decode().partition("\0")
    except ValueError:
        return None
    key = MeetingKey(uid, organizer)
    return key if mark and namesake_id(key) == text else None


def _bytes(letters: str) -> bytes:
    """Return what `_letters` wrote. Raises ValueError (binascii.Error is one)."""
    return base64.b32hexdecode(letters.upper() + "=" * (-len(letters) % 8))


def _letters(raw: bytes) -> str:
    return base64.b32hexencode(raw).decode().rstrip("=").lower()


def _is_moment(text: str | None) -> bool:
    if text is None:
        return True
    try:
        datetime.strptime(text, "%Y%m%dT%H%M%SZ" if "T" in text else "%Y%m%d")  # noqa: DTZ007 - only checked
    except ValueError:
        return False
    return True
