"""What an expansion finds, forwards or backwards, from wherever it begins, is what a plain look at everything finds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar.event import AllDay, Event, Meeting, Timed
from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.calendar.recurrence import number_between, starts
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import Frame, pattern_start, recurrence_id
from rsvpd.clock import Instant
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.timezones.zone import to_instant, wall_to_instant
from rsvpd.work import Work

DAY = 24 * 3600 * 1_000_000
# A night without an hour, one with an hour twice, a day that never was, a zone without any of it.
ZONES = {
    "Europe/Berlin": datetime(2026, 3, 27),
    "America/New_York": datetime(2026, 10, 30),
    "Pacific/Apia": datetime(2011, 12, 28),
    "America/Sao_Paulo": datetime(2018, 11, 2),  # clocks change at midnight
    "UTC": datetime(2026, 3, 27),
}
RULES = (
    "FREQ=HOURLY",
    "FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,30",
    "FREQ=DAILY;BYHOUR=1,2,3",
    "FREQ=DAILY;COUNT=40",
    "FREQ=WEEKLY;BYDAY=MO,SA",
    "FREQ=MONTHLY;BYDAY=-1SU",
    "FREQ=YEARLY",
    "FREQ=HOURLY;BYMONTHDAY=29",
)


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    """Draw a single meeting or a series around such a night, with occurrences moved, turned into days, deleted.

    Some series stand elsewhere than where their pattern begins, as their owner moved the own copy.
    """
    zone, begin = draw(st.sampled_from(sorted(ZONES.items())))
    begin += timedelta(minutes=30 * draw(st.integers(0, 60)))
    lasts = timedelta(minutes=draw(st.sampled_from([0, 30, 90, 60 * 50])))
    is_all_day = draw(st.booleans())
    start: Timed | AllDay = AllDay(begin.date()) if is_all_day else Timed(begin, zone)
    end = AllDay(begin.date() + timedelta(days=2)) if is_all_day else Timed(begin + lasts, zone)
    rule = draw(st.sampled_from([one for one in RULES if not (is_all_day and "HOURLY" in one)]))
    event = Event(start=start, end=end)
    made = Meeting(
        uid="u",
        organizer=Mailbox("a@example.com"),
        is_organizer=True,
        event=event,
        recurrence=Recurrence((read(rule, start),)),
    )
    if draw(st.integers(0, 9)) == 0:
        return replace(made, recurrence=None)
    ids = [_name(made, wall) for wall in islice(Frame(made).originals(begin), 60)]
    chosen = draw(st.lists(st.sampled_from(ids), max_size=6, unique=True))
    deleted = tuple(sorted(chosen[::2]))
    changed = {one: _moved(draw, begin, zone) for one in chosen[1::2]}
    made = replace(made, deleted=deleted, exceptions=changed)
    if draw(st.booleans()):
        return made
    return replace(made, event=_moved(draw, begin, draw(st.sampled_from(sorted(ZONES)))), pattern_start=start)


def _moved(draw: st.DrawFn, begin: datetime, zone: str) -> Event:
    start = begin + timedelta(hours=draw(st.integers(-50, 400)))
    if draw(st.booleans()):
        return Event(start=Timed(start, zone), end=Timed(start + timedelta(hours=1), zone))
    return Event(start=AllDay(start.date()), end=AllDay(start.date() + timedelta(days=1)))


def _name(meeting: Meeting, wall: datetime) -> str:
    is_timed = isinstance(pattern_start(meeting), Timed)
    return recurrence_id(Timed(wall) if is_timed else AllDay(date(wall.year, wall.month, wall.day)))


def eager(meeting: Meeting, start: Instant, end: Instant, zone: str) -> list[OccurrenceSpan]:
    """Return the regular occurrences in a window: all of the years around it, one by one, then sorted."""
    frame, found = Frame(meeting, zone), []
    different = {*meeting.exceptions, *meeting.deleted}
    today, slot = None, 0
    walls = iter((frame.wall,)) if meeting.recurrence is None else frame.originals(frame.wall)
    for wall in walls:
        if wall_to_instant(wall + frame.shift, "UTC") > end + 2 * DAY:
            break
        slot = slot + 1 if wall.date() == today else 0
        today = wall.date()
        first, last = frame.instants(wall)
        at = to_instant(AllDay(frame.stands(wall).date())) if frame.is_all_day else first
        if _name(meeting, wall) not in different and first < end and (last > start or first == last >= start):
            found.append(OccurrenceSpan(at, wall, first, last, slot))
    return sorted(found)


WINDOWS = st.tuples(st.integers(-4 * 24, 24 * 24), st.integers(0, 24 * 90))


def _window(meeting: Meeting, hours: tuple[int, int]) -> tuple[Instant, Instant]:
    low = to_instant(meeting.event.start) + hours[0] * DAY // 24
    return low, low + hours[1] * DAY // 24


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(meeting=meetings(), hours=WINDOWS, zone=st.sampled_from(sorted(ZONES)))
def test_every_way_finds_the_same(meeting: Meeting, hours: tuple[int, int], zone: str) -> None:
    start, end = _window(meeting, hours)
    all_found = eager(meeting, start, end, zone)

    def looked() -> Expansion:
        return Expansion(meeting, start, end, zone=zone)

    assert list(looked().by_start()) == all_found
    assert list(looked().by_start_backwards()) == all_found[::-1]
    by_original = sorted(all_found, key=lambda one: one.wall)
    assert list(looked().by_original()) == by_original
    assert list(looked().by_original_backwards()) == by_original[::-1]
    assert looked().count() == len(all_found)


@settings(max_examples=200, deadline=None)
@given(meeting=meetings(), hours=WINDOWS, place=st.integers(0, 500), data=st.data())
def test_a_way_goes_on_from_any_place(meeting: Meeting, hours: tuple[int, int], place: int, data: Any) -> None:
    start, end = _window(meeting, hours)
    all_found = eager(meeting, start, end, "UTC")
    if not all_found:
        return
    here = all_found[place % len(all_found)]
    after, before = Expansion(meeting, start, end), Expansion(meeting, start, end)
    after.since(here.at)
    before.until(here.at)
    assert list(after.by_start()) == [one for one in all_found if one.at >= here.at]
    assert list(before.by_start_backwards()) == [one for one in all_found if one.at <= here.at][::-1]
    assert after.count() + before.count() == len(all_found) + sum(one.at == here.at for one in all_found)
    by_original = sorted(all_found, key=lambda one: one.wall)
    after, before = Expansion(meeting, start, end), Expansion(meeting, start, end)
    after.since_original(here.wall)
    before.until_original(here.wall)
    assert list(after.by_original()) == [one for one in by_original if one.wall >= here.wall]
    assert list(before.by_original_backwards()) == [one for one in by_original if one.wall <= here.wall][::-1]


@settings(deadline=None)
@given(meeting=meetings(), hours=WINDOWS)
def test_changed_and_deleted_ones_are_found_where_they_stand(meeting: Meeting, hours: tuple[int, int]) -> None:
    start, end = _window(meeting, hours)
    looked = Expansion(meeting, start, end)
    spans = {one: looked.frame.instants_of(event) for one, event in meeting.exceptions.items()}
    there = {one for one, (first, last) in spans.items() if first < end and (last > start or first == last >= start)}
    assert {_name(meeting, one.wall) for one in looked.exceptions()} == there
    gone = [_name(meeting, one.wall) for one in looked.excluded_occurrences()]
    assert gone == sorted(gone)
    whole = Expansion(replace(meeting, exceptions={}, deleted=()), start, end)
    assert set(gone) == {_name(meeting, one.wall) for one in whole.by_start()} & set(meeting.deleted)


# --- what it costs --------------------------------------------------------------------------------


def _steps(rule: str, year: int, *, take: int = 10, back: bool = False) -> int:
    begin = Timed(datetime(2026, 1, 1, 9))
    meeting = Meeting(
        uid="u",
        organizer=Mailbox("a@example.com"),
        is_organizer=True,
        event=Event(start=begin, end=Timed(datetime(2026, 1, 1, 10))),
        recurrence=Recurrence((read(rule, begin),)),
    )
    work = Work(10**9)
    low = to_instant(Timed(datetime(year, 1, 1)))
    looked = Expansion(meeting, low, low + 365 * DAY, spend=work.spend)
    list(islice(looked.by_start_backwards() if back else looked.by_start(), take))
    return work.done


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=HOURLY;COUNT=10000",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=28",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=HOURLY;BYYEARDAY=366;BYDAY=SU",
        "FREQ=HOURLY;INTERVAL=25;BYHOUR=3;BYMONTH=2",
        "FREQ=DAILY;INTERVAL=10000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "FREQ=YEARLY;COUNT=8",
    ],
)
def test_a_few_occurrences_cost_a_few_steps_whatever_the_rule_and_the_year(rule: str, *, back: bool) -> None:
    for year in (2026, 2027, 2090, 2199, 4000):
        assert _steps(rule, year, back=back) < 12_000, year


@settings(deadline=None)
@given(
    freq=st.sampled_from([Freq.HOURLY, Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY]),
    interval=st.sampled_from([1, 2, 3, 7, 25]),
    count=st.none() | st.integers(1, 900),
    hours=st.lists(st.integers(0, 23), max_size=3, unique=True).map(tuple),
    ends=st.tuples(st.integers(-100, 3000), st.integers(0, 20_000)),
)
def test_numbers_between_are_those_of_a_walk(
    freq: Freq, interval: int, count: int | None, hours: tuple[int, ...], ends: tuple[int, int]
) -> None:
    begin = datetime(2026, 1, 1, 9)
    whole = Recurrence((Rule(freq=freq, interval=interval, count=count, by_hour=hours),))
    low = begin + timedelta(hours=ends[0])
    high = low + timedelta(hours=ends[1])
    found = 0
    for wall in starts(whole, begin):
        if wall >= high:
            break
        found += wall >= low
    assert number_between(whole, begin, low, high) == found
