"""Stamps of what is said, and what a request says of an event."""

from __future__ import annotations

import pytest

from rsvpd.calendar.event import Answer, CommentReaders
from rsvpd.clock import parse_instant
from rsvpd.scheduling.itip import TRAVELS, Reply, next_dtstamp
from support.meetings import TICK

NINE = parse_instant("2027-01-04T09:00:00")


@pytest.mark.parametrize(
    ("before", "now", "stamp"),
    [
        pytest.param(0, NINE, NINE, id="the first is that of now"),
        pytest.param(NINE, NINE + 5 * TICK, NINE + 5 * TICK, id="later is that of now"),
        pytest.param(NINE, NINE, NINE + TICK, id="at the same instant a second later"),
        pytest.param(NINE, NINE + TICK - 1, NINE + TICK, id="within the same second the next one"),
        pytest.param(NINE + 7, NINE + 8, NINE + TICK, id="of parts of a second the next whole one"),
        pytest.param(NINE + 5 * TICK, NINE, NINE + 6 * TICK, id="after a clock that stepped back still later"),
    ],
)
def test_what_is_said_later_has_a_later_stamp_in_whole_seconds(before: int, now: int, stamp: int) -> None:
    assert next_dtstamp(before, now=now) == stamp
    assert stamp // TICK > before // TICK  # RFC 5545 3.3.5: as it stands on the wire


@pytest.mark.parametrize(
    "name", ["start", "end", "subject", "body", "locations", "importance", "status", "show_as", "sensitivity"]
)
def test_a_request_says_what_belongs_to_all(name: str) -> None:
    assert name in TRAVELS


@pytest.mark.parametrize(
    "name",
    ["attendees", "categories", "reminder_on", "reminder_minutes", "reminder_snoozed", "comment", "answer", "residue"],
)
def test_a_request_says_nothing_that_is_private_to_a_copy(name: str) -> None:
    assert name not in TRAVELS


def test_a_reply_says_no_more_than_was_said() -> None:
    bare = Reply(uid="u-1", attendee="bob@example.com", name="", answer=Answer.ACCEPTED, sequence=0, dtstamp=NINE)
    assert (bare.comment, bare.comment_readers, bare.guests) == ("", CommentReaders.ORGANIZER, 0)
    assert (bare.recurrence_id, bare.proposal) == (None, None)
