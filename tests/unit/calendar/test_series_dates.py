"""Single dates of a series: their second times, neighbours, which the rules yield, and which stands for all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar import expansion, series
from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Status, Timed, When
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.clock import parse_instant
from support.standup import (
    BERLIN,
    LUNCH,
    MOVED_AWAY,
    STANDUP,
    WEEK,
    meeting,
    seen,
    when,
    window,
)

NIGHT = datetime.fromisoformat("2026-10-25T02:30")  # which comes twice in Berlin
HALF = timedelta(microseconds=500_000)


@pytest.mark.parametrize(
    ("like", "wall", "there"),
    [
        pytest.param(Timed(NIGHT, BERLIN, 1), NIGHT, Timed(NIGHT, BERLIN, 1), id="its own second time"),
        pytest.param(Timed(NIGHT, BERLIN), NIGHT, Timed(NIGHT, BERLIN), id="its own first time"),
        pytest.param(Timed(NIGHT, BERLIN, 1), NIGHT + WEEK, Timed(NIGHT + WEEK, BERLIN), id="another night"),
        pytest.param(Timed(NIGHT - WEEK, BERLIN), NIGHT, Timed(NIGHT, BERLIN), id="from another night: the first"),
        pytest.param(Timed(NIGHT + HALF, BERLIN, 1), NIGHT, Timed(NIGHT, BERLIN, 1), id="in whole seconds"),
        pytest.param(
            Timed(NIGHT + HALF, BERLIN, 1), NIGHT + HALF, Timed(NIGHT + HALF, BERLIN, 1), id="in parts of one"
        ),
        pytest.param(AllDay(date(2026, 3, 2)), NIGHT, AllDay(date(2026, 10, 25)), id="a day"),
    ],
)
def test_at_its_own_wall_time_a_series_is_the_same_instant(like: When, wall: datetime, there: When) -> None:
    assert series.at_wall_time(like, wall) == there


def test_a_series_that_begins_the_second_time_clocks_show_its_hour_is_at_the_first_a_year_later() -> None:
    """Clocks go back on 25 October 2026 and on 31 October 2027."""
    yearly = Recurrence((Rule(freq=Freq.YEARLY, by_month=(10,), by_day=(WeekdayNth(Weekday.SU, -1),), count=2),))
    one = meeting("2026-10-25T02:30", "2026-10-25T04:00", recurrence=yearly)
    late = replace(one, event=replace(one.event, start=Timed(NIGHT, BERLIN, 1)))
    found = list(expansion.expand(late, *window("2026-10-01", "2027-12-01")))
    assert [one.start for one in found] == [parse_instant("2026-10-25T01:30Z"), parse_instant("2027-10-31T00:30Z")]
    assert [one.end - one.start for one in found] == [90 * 60_000_000] * 2
    assert found[0].event == late.event


def test_the_name_of_a_date() -> None:
    assert series.name_of(STANDUP, datetime.fromisoformat("2026-03-05T09:00")) == "20260305T090000"
    assert series.name_of(LUNCH, datetime.fromisoformat("2026-03-02T12:00")) == ""


@pytest.mark.parametrize(
    ("one", "name", "is_one"),
    [
        (STANDUP, "20260305T090000", True),
        (STANDUP, "20260304T090000", False),
        (STANDUP, "20260223T090000", False),
        (STANDUP, "20260305", False),
        (replace(STANDUP, deleted=("20260305T090000",)), "20260305T090000", True),
        (replace(STANDUP, exceptions={"20260304T090000": STANDUP.event}), "20260304T090000", False),
        (LUNCH, "20260302T120000", False),
        (meeting("2026-03-02T09:00", "2026-03-02T10:00", recurrence=series.NO_RULE), "20260305", False),
    ],
)
def test_what_the_rules_yield(one: Meeting, name: str, is_one: bool) -> None:
    assert series.follows(one, name) is is_one


@pytest.mark.parametrize(
    ("more", "name", "before", "after"),
    [
        pytest.param({}, "20260305T090000", "20260302T090000", "20260309T090000", id="in the midst"),
        pytest.param({}, "20260302T090000", None, "20260305T090000", id="the first"),
        pytest.param({"deleted": ("20260309T090000", "20260316T090000")}, "20260312T090000", "20260305T090000",
                     "20260319T090000", id="deleted ones are passed over"),
        pytest.param({"exceptions": {"20260305T090000": MOVED_AWAY}}, "20260309T090000", "20260305T090000",
                     "20260312T090000", id="in their original order"),
        pytest.param({"exceptions": {"20260226T090000": MOVED_AWAY}}, "20260302T090000", "20260226T090000",
                     "20260305T090000", id="one from before the pattern"),
        pytest.param({"exceptions": {"00010101T090000": MOVED_AWAY}}, "20260302T090000", "00010101T090000",
                     "20260305T090000", id="one from two thousand years before"),
        pytest.param({}, "20260305", None, None, id="of no date"),
    ],
)  # fmt: skip
def test_the_neighbours_of_a_date(more: dict[str, Any], name: str, before: str | None, after: str | None) -> None:
    found = series.neighbours(replace(STANDUP, **more), name)
    assert tuple(one and one.recurrence_id for one in found) == (before, after)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("FREQ=DAILY", "FREQ=DAILY;COUNT=4", True),
        ("FREQ=DAILY;UNTIL=20260401", "FREQ=DAILY;COUNT=4", True),
        ("FREQ=DAILY", "FREQ=WEEKLY", False),
        ("FREQ=DAILY", "", False),
        ("", "FREQ=DAILY", False),
    ],
)
def test_patterns_that_differ_in_their_end_alone(one: str, other: str, is_same: bool) -> None:
    first, second = (meeting("2026-03-02T09:00", "2026-03-02T10:00", rule).recurrence for rule in (one, other))
    assert series.is_same_but_for_its_end(first, second) is is_same


def test_single_dates_are_a_guests_alone() -> None:
    """An organizer has a series even where no date is left of it."""
    empty = meeting("2026-03-02T09:00", "2026-03-02T10:00", recurrence=series.NO_RULE)
    assert not series.is_partial(empty)
    assert series.is_partial(replace(empty, is_organizer=False))
    assert not series.is_partial(replace(STANDUP, is_organizer=False))
    assert not series.is_partial(replace(LUNCH, is_organizer=False))


def single_dates(*events: Event) -> Meeting:
    empty = meeting("2026-03-02T09:00", "2026-03-02T10:00", recurrence=series.NO_RULE)
    names = ("20260302T090000", "20260305T090000", "20260309T090000")
    return replace(empty, is_organizer=False, exceptions=dict(zip(names, events, strict=False)))


OFF, DECLINED = replace(MOVED_AWAY, status=Status.CANCELLED), replace(MOVED_AWAY, answer=Answer.DECLINED)


@pytest.mark.parametrize(
    ("one", "stands_for_it"),
    [
        pytest.param(single_dates(MOVED_AWAY, LUNCH.event), "20260302T090000", id="the first"),
        pytest.param(single_dates(OFF, DECLINED, LUNCH.event), "20260309T090000", id="the first that takes place"),
        pytest.param(single_dates(OFF, DECLINED), "20260302T090000", id="the first where none does"),
        pytest.param(single_dates(), None, id="none where there are none"),
        pytest.param(replace(single_dates(MOVED_AWAY), is_organizer=True), None, id="not for the organizer"),
        pytest.param(replace(STANDUP, is_organizer=False), None, id="not for a series"),
    ],
)
def test_which_of_single_dates_stands_for_all(one: Meeting, stands_for_it: str | None) -> None:
    found = series.representative(one)
    assert (found and found.recurrence_id) == stands_for_it


def test_an_exception_outside_of_the_rule_is_found_however_often_one_looks() -> None:
    days = ("20260304T090000", "20260305T090000", "20260304T150000")
    frame = series.Frame(replace(STANDUP, exceptions=dict.fromkeys(days, MOVED_AWAY)))
    for _ in range(3):
        found = [[one.isoformat() for one in frame.originals_on(date(2026, 3, day))] for day in (3, 4, 5)]
        assert found == [[], ["2026-03-04T09:00:00", "2026-03-04T15:00:00"], ["2026-03-05T09:00:00"]]


def test_midnight_belongs_to_the_day_that_it_begins() -> None:
    frame = series.Frame(meeting("2026-03-02T00:00", "2026-03-02T01:00", "FREQ=DAILY"))
    assert frame.originals_on(date(2026, 3, 3)) == [datetime.fromisoformat("2026-03-03T00:00")]


def test_an_exception_of_another_kind_of_series_breaks_no_list() -> None:
    two = {"20260304": MOVED_AWAY, "2026-03-05": MOVED_AWAY}
    assert seen(replace(STANDUP, exceptions=two), "2026-03-02", "2026-03-06") == ["20260302T090000", "20260305T090000"]


def test_over_the_night_when_clocks_go_forward_a_meeting_is_there_until_its_end() -> None:
    """It lasts three hours, from half past midnight until half past four."""
    nightly = meeting("2026-03-20T00:30", "2026-03-20T03:30", "FREQ=DAILY")
    assert seen(nightly, "2026-03-29T02:29Z", "2026-03-29T02:40Z") == ["20260329T003000"]


def test_a_series_that_is_all_day_in_a_guests_copy_stands_at_the_days_of_its_dates() -> None:
    twice = meeting("2026-03-02T09:00", "2026-03-02T09:15", "FREQ=DAILY;BYHOUR=9,15")
    day = Event(start=when("2026-03-03", ""), end=when("2026-03-04", ""))
    own = replace(twice, event=day, pattern_start=twice.event.start)
    for name in ("20260302T090000", "20260302T150000"):
        found = series.occurrence(own, name)
        assert found is not None
        assert (found.event, found.start, found.end) == (day, *window("2026-03-03", "2026-03-04"))
