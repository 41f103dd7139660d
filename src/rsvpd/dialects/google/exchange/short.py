"""Short lists: calendars, access rules, settings. Their tokens hold what was seen, entry by entry.

So what changed is what differs from that: nothing is asked of the change log, and no such token is ever too old. A page
token holds the same. A list that is too long for a token is one page, and its token says only whether anything changed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from rsvpd.dialects.google.exchange.call import Call
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.exchange.sync import full_sync, has_token

MOST = 250
_USUAL = 100
_ALL = ""  # stands for every entry of a list that is too long

_encode = msgspec.msgpack.Encoder().encode


class Entry(Struct, frozen=True):
    """One line of a list: its id, what of it changes for who synchronizes, and how it is written."""

    id: str
    state: str
    body: dict[str, Any]


class _SyncPoint(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=3):
    """What was seen of a list: digests of states, by id. `is_sync`: a point to go on from, or a page after one."""

    question: bytes
    states: dict[str, bytes]
    is_sync: bool


_decode = msgspec.msgpack.Decoder(_SyncPoint).decode


def list_of(
    call: Call,
    asked: bytes,
    entries: Sequence[Entry],
    *,
    gone: Callable[[str], dict[str, Any]],
    gives_token: bool = True,
) -> dict[str, Any]:
    """Return `items` and the token after them: all entries, or with a sync token those that differ from what was seen.

    `gone` writes what is not there any more. Raises Refusal (410) for a sync token that is of no use here, InvalidQuery
    for a page token that is none.
    """
    seen = _read_sync_point(call, asked)
    states = {one.id: _digest(one.state) for one in entries}
    if len(entries) > MOST or _ALL in seen.states:
        return _long(call, seen, entries, states, gives_token)
    new = [one for one in entries if seen.states.get(one.id) != states[one.id]]
    old = [name for name in seen.states if name not in states] if seen.is_sync else []
    top = _top(call.options)
    shown, dropped = new[:top], old[: max(top - len(new), 0)]
    left = {name: state for name, state in seen.states.items() if name not in dropped}
    known = left | {one.id: states[one.id] for one in shown}
    items = [*(one.body for one in shown), *map(gone, dropped)]
    if len(items) < len(new) + len(old):
        return {"nextPageToken": _close(call, _SyncPoint(asked, known, seen.is_sync)), "items": items}
    return {**({"nextSyncToken": _close(call, _SyncPoint(asked, known, True))} if gives_token else {}), "items": items}


def _long(
    call: Call, seen: _SyncPoint, entries: Sequence[Entry], states: dict[str, bytes], gives_token: bool
) -> dict[str, Any]:
    """Return a list that is too long for a token, or was when the token was given."""
    whole = {_ALL: _digest(repr(sorted(states.items())))}
    if seen.is_sync and seen.states != whole:
        raise full_sync("the list is too long to tell what changed in it")
    token = {"nextSyncToken": _close(call, _SyncPoint(seen.question, whole, True))} if gives_token else {}
    return {**token, "items": [] if seen.is_sync else [one.body for one in entries]}


def _read_sync_point(call: Call, asked: bytes) -> _SyncPoint:
    page, since = call.options.text("pageToken"), call.options.text("syncToken")
    if page is not None:
        found = _open(call, page)
        if found is None or found.question != asked:
            raise call.options.wrong("pageToken", "it is not one of this list's")
        return found
    if not has_token(call.options):
        return _SyncPoint(asked, {}, False)
    found = _open(call, since or "")
    if found is None or not found.is_sync or found.question != asked:
        raise full_sync("the token is not of this list, this calendar or this server")
    return found


def _close(call: Call, seen: _SyncPoint) -> str:
    return call.seal.close(zlib.compress(_encode(seen)))


def _open(call: Call, text: str) -> _SyncPoint | None:
    content = call.seal.open(text)
    try:
        return None if content is None else _decode(zlib.decompress(content))
    except (zlib.error, msgspec.MsgspecError):  # of another list, or signed by another version
        return None


def _top(options: Options) -> int:
    return min(options.number("maxResults") or _USUAL, MOST)


def _digest(state: str) -> bytes:
    return hashlib.blake2s(state.encode(), digest_size=4).digest()
