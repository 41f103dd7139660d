"""Texts as events, as the reference of `events.quickAdd` and its guide have them: a day, a time, and a title."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.dialects.google.vocabulary.quick import read

NOW = datetime.fromisoformat("2026-11-23T09:00")  # a Monday


@pytest.mark.parametrize(
    ("text", "title", "start", "end"),
    [
        (
            "Appointment at Somewhere on June 3rd 10am-10:25am",
            "Appointment at Somewhere", "2027-06-03T10:00", "2027-06-03T10:25",
        ),
        ("Lunch tomorrow 12pm", "Lunch", "2026-11-24T12:00", "2026-11-24T13:00"),
        ("Dentist 8am", "Dentist", "2026-11-24T08:00", "2026-11-24T09:00"),
        ("Dentist 10:30", "Dentist", "2026-11-23T10:30", "2026-11-23T11:30"),
        ("Review on friday from 11 to 1pm", "Review", "2026-11-27T11:00", "2026-11-27T13:00"),
        ("Monday at noon", "Monday at noon", "2026-11-30T12:00", "2026-11-30T13:00"),
        ("Night shift today 10pm-2am", "Night shift", "2026-11-23T22:00", "2026-11-24T02:00"),
        ("Standup 2026-12-01 09:30", "Standup", "2026-12-01T09:30", "2026-12-01T10:30"),
        ("May I call at midnight", "May I call", "2026-11-24T00:00", "2026-11-24T01:00"),
        ("Dinner at Joe's 7pm tonight", "Dinner at Joe's", "2026-11-23T19:00", "2026-11-23T20:00"),
    ],
)  # fmt: skip
def test_a_time(text: str, title: str, start: str, end: str) -> None:
    found = read(text, NOW)
    assert (found.summary, found.all_day) == (title, False)
    assert (found.start, found.end) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(
    ("text", "title", "day"),
    [
        ("Lunch", "Lunch", 23),
        ("Party 24 November", "Party", 24),
        ("11/25 review", "review", 25),
        ("Feb 30 thing", "Feb 30 thing", 23),
        ("Meeting at 25:00", "Meeting at 25:00", 23),
        ("Chapter 10 until 12", "Chapter 10 until 12", 23),
    ],
)
def test_a_day(text: str, title: str, day: int) -> None:
    found = read(text, NOW)
    assert (found.summary, found.all_day) == (title, True)
    assert [one.isoformat() for one in (found.start, found.end)] == [f"2026-11-{day + n}T00:00:00" for n in (0, 1)]


@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ("june", "31st", "0", "13pm", "10", "-", "to", "9999-12-31", "2/29", "noon", "at", "on", "from", "12am", "99:99"),
), max_size=8).map(" ".join))
def test_any_text_is_an_event_or_a_value_error(text: str) -> None:
    try:
        found = read(text, NOW)
    except (ValueError, OverflowError):
        return
    assert found.start < found.end
    assert found.summary
