"""The numbers of the last list, kept so that `rsvp accept 2` means what was shown as 2.

Between looking and answering a new invitation may come in, or the first one may be answered; counting anew
would then answer something else. So a list that was shown is kept for an hour, per choice of accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from rsvpd.client.accounts import Account, write_privately
from rsvpd.client.errors import ClientError
from rsvpd.clock import Instant

HOUR = 3600 * 1_000_000


class Line(Struct, frozen=True, kw_only=True):
    """One invitation of a list."""

    account: str
    id: str
    subject: str
    is_waiting: bool


class _List(Struct, frozen=True):
    at: Instant
    lines: tuple[Line, ...]


class _Shown(Struct, frozen=True):
    lists: dict[str, _List] = {}


def remember(folder: Path, accounts: Sequence[Account], lines: Sequence[Line], *, now: Instant) -> None:
    """Keep what was shown. Where that cannot be written, numbers are counted anew: no harm done."""
    lists = {key: one for key, one in _load(folder).lists.items() if now - one.at < HOUR}
    lists[_key(accounts)] = _List(now, tuple(lines))
    try:
        write_privately(folder / "shown.json", msgspec.json.encode(_Shown(lists)))
    except ClientError:
        return


def recall(folder: Path, accounts: Sequence[Account], *, now: Instant) -> tuple[Line, ...] | None:
    """Return what was last shown for these accounts, or None where nothing was within the hour."""
    found = _load(folder).lists.get(_key(accounts))
    return found.lines if found and 0 <= now - found.at < HOUR else None


def _key(accounts: Sequence[Account]) -> str:
    return "\n".join(sorted(one.name for one in accounts))


def _load(folder: Path) -> _Shown:
    try:
        return msgspec.json.decode((folder / "shown.json").read_bytes(), type=_Shown)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return _Shown()
