"""Synchronization: `nextSyncToken`, `syncToken` and the page tokens on the way (Google: Synchronize resources).

Rule 1: a list that is read to its end gives a token, unless a parameter that cannot be sent with one limited it.
Rule 2: a token is for the same question of the same person about the same calendar in the same role: for every other,
        and where it is too old, cut or forged, the answer is 410 `fullSyncRequired`.
Rule 3: what only says how events are written (`timeZone`, `maxAttendees`, `showDeleted`) may differ from time to time.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct

from rsvpd.commands.sync import Point, Progress
from rsvpd.dialects.google.exchange.call import Call
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.vocabulary.refusals import FULL_SYNC, Refusal
from rsvpd.query.algebra import InWindow

_EVENTS_ALONE = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
_WINDOW = ("timeMin", "timeMax")
_encode = msgspec.msgpack.Encoder().encode


class Listing(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=1):
    """Within a list of everything: what was seen of it so far, and the place where the last page ended."""

    question: bytes
    seen: Point
    after: str


class Changes(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=2):
    """Within a list of changes, or before one; `start` and `end` are the window that was asked for at first."""

    question: bytes
    progress: Progress
    start: int | None = None
    end: int | None = None

    @property
    def window(self) -> InWindow:
        """Return the window."""
        return InWindow(self.start, self.end)


_decode = msgspec.msgpack.Decoder(Listing | Changes).decode


def question(call: Call, owner: int, *of_list: object) -> bytes:
    """Return what names who asks for which list in whose mailbox."""
    asked = (call.who.actor, owner, call.is_times_only, *of_list)
    return hashlib.blake2s(repr(asked).encode(), digest_size=8).digest()


def close(call: Call, token: Listing | Changes) -> str:
    """Return a token as clients keep it."""
    return call.seal.close(_encode(token))


def open_page(call: Call, asked: bytes) -> Listing | Changes | None:
    """Return what the page token says. Raises InvalidQuery for one that is not of this list."""
    text = call.options.text("pageToken")
    if text is None:
        return None
    found = _open_token(call, text)
    if found is None or found.question != asked:
        raise call.options.wrong("pageToken", "it is not one of this list's")
    return found


def open_sync(call: Call, asked: bytes) -> Changes | None:
    """Return what the sync token says. Raises Refusal (410) for one that is of no use here."""
    text = call.options.text("syncToken")
    if not text:
        return None
    found = _open_token(call, text)
    if not isinstance(found, Changes) or found.question != asked:
        raise full_sync("the token is not of this list, this calendar or this server")
    return found


def full_sync(why: str) -> Refusal:
    """Return the refusal of a token: whoever gets it reads everything again."""
    return Refusal(FULL_SYNC, why, target="syncToken")


def has_token(options: Options) -> bool:
    """Return whether changes are asked for, and not everything; an empty token is none."""
    return bool(options.text("syncToken"))


def gives_token(options: Options) -> bool:
    """Return whether the end of a list of events is a point to go on from: a window may limit it, nothing else."""
    return not any(options.texts(name) for name in _EVENTS_ALONE if name not in _WINDOW)


def check_events(options: Options) -> None:
    """Raise InvalidQuery for what may not be sent with a sync token (events.list)."""
    check(options, *_EVENTS_ALONE, shown=("showDeleted",))


def check(options: Options, *alone: str, shown: tuple[str, ...]) -> None:
    """Raise InvalidQuery where any of the parameters `alone` is sent with a sync token, or any of `shown` is false."""
    if not has_token(options):
        return
    for name in alone:
        if options.texts(name):
            raise options.wrong(name, "it cannot be sent together with syncToken")
    for name in shown:
        if not options.flag(name, default=True):
            raise options.wrong(name, "with syncToken it cannot be false: what is gone is always told")


def _open_token(call: Call, text: str) -> Listing | Changes | None:
    content = call.seal.open(text)
    if content is None:
        return None
    try:
        found: Listing | Changes = _decode(content)
        return found
    except msgspec.MsgspecError:  # signed by another version
        return None
