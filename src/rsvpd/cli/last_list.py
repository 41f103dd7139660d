"""The numbers of the last list, kept so that `rsvp accept 2` means what was shown as 2.

Between looking and answering a new invitation may come in, or the first one may be answered; counting anew
would then answer something else. So a list that was shown is kept for an hour, per choice of accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar.event import Answer
from rsvpd.client.accounts import Account, write_privately
from rsvpd.client.errors import ClientError
from rsvpd.clock import Instant

HOUR = 3600 * 1_000_000


class Line(Struct, frozen=True, kw_only=True):
    """One invitation of a list; `answer` is what was answered through this list since."""

    account: str
    id: str
    subject: str
    is_waiting: bool
    organizer: str = ""
    answer: str | None = None


class _List(Struct, frozen=True):
    at: Instant
    lines: tuple[Line, ...]


class _Shown(Struct, frozen=True):
    lists: dict[str, _List] = {}


def remember(folder: Path, accounts: Sequence[Account], lines: Sequence[Line], *, now: Instant) -> None:
    """Keep what was shown. Where that cannot be written, numbers are counted anew: no harm done."""
    lists = {key: one for key, one in _load(folder).lists.items() if now - one.at < HOUR}
    _keep(folder, lists | {_key(accounts): _List(now, tuple(lines))})


def note(folder: Path, account: Account, event: str, answer: Answer) -> None:
    """Keep what was answered, in every list that shows the event."""

    def with_answer(line: Line) -> Line:
        is_meant = (line.account, line.id) == (account.name, event)
        return replace(line, answer=answer.value) if is_meant else line

    lists = _load(folder).lists
    _keep(folder, {key: _List(one.at, tuple(map(with_answer, one.lines))) for key, one in lists.items()})


def recall(folder: Path, accounts: Sequence[Account], *, now: Instant) -> tuple[Line, ...] | None:
    """Return what was last shown for these accounts, or None where nothing was within the hour."""
    found = _load(folder).lists.get(_key(accounts))
    return found.lines if found and 0 <= now - found.at < HOUR else None


def _keep(folder: Path, lists: dict[str, _List]) -> None:
    with suppress(ClientError):
        write_privately(folder / "shown.json", msgspec.json.encode(_Shown(lists)))


def _key(accounts: Sequence[Account]) -> str:
    return "\n".join(sorted(one.name for one in accounts))


def _load(folder: Path) -> _Shown:
    try:
        return msgspec.json.decode((folder / "shown.json").read_bytes(), type=_Shown)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return _Shown()
