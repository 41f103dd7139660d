"""What steps of the schema do that SQL alone cannot: they ask about stored content, or take it apart."""

from __future__ import annotations

import msgspec

from rsvpd.calendar.event import Meeting
from rsvpd.calendar.series import is_partial
from rsvpd.store.sqlite import upgrade_7

_decode_whole = msgspec.msgpack.Decoder(Meeting).decode


def _organizer_of(data: bytes) -> str:
    """Return the folded address of the organizer of content as it was stored once."""
    return _decode_whole(data).key.organizer


def _holds_dates_only(data: bytes) -> bool:
    """Return whether content as it was stored once is a guest's copy of single occurrences."""
    return is_partial(_decode_whole(data))


# By the names they have in SQL.
ABOUT_CONTENT = {"organizer_of": _organizer_of, "holds_dates_only": _holds_dates_only}
# By the number of the step that they belong to.
UPGRADES = {7: upgrade_7.upgrade}
