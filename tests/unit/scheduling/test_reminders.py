"""Reminders: when one fires, and what dismissing and snoozing make of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import AllDay, Event, Status
from rsvpd.calendar.expansion import Expansion
from rsvpd.clock import parse_instant
from rsvpd.errors import ItemNotFound
from rsvpd.scheduling.reminders import dismiss, fires, occurrence_to_remind_of, pending_reminders, snooze
from support.meetings import (
    BEGIN,
    ELSEWHEN,
    END,
    FIRST,
    FOURTH,
    HOUR,
    SECOND,
    THIRD,
    ZONE,
    bobs,
    component,
    on,
    rule,
    series,
    single,
)

TEN = parse_instant("2027-01-04T09:00:00")  # in Berlin
MINUTE, DAY = HOUR // 60, 24 * HOUR
USUAL = TEN - 15 * MINUTE
EVENT = Event(start=BEGIN, end=END)
WHOLE_DAY = Event(start=AllDay(date(2027, 1, 4)), end=AllDay(date(2027, 1, 5)))


@pytest.mark.parametrize(
    ("event", "zone", "at"),
    [
        pytest.param(EVENT, "UTC", USUAL, id="a quarter before"),
        pytest.param(replace(EVENT, reminder_minutes=0), "UTC", TEN, id="at the start"),
        pytest.param(replace(EVENT, reminder_minutes=2 * 24 * 60), "UTC", TEN - 2 * DAY, id="two days before"),
        pytest.param(replace(EVENT, reminder_on=False), "UTC", None, id="there is none"),
        pytest.param(replace(EVENT, status=Status.CANCELLED), "UTC", None, id="called off"),
        pytest.param(replace(EVENT, reminder_dismissed=USUAL - 1), "UTC", USUAL, id="dismissed before it fired"),
        pytest.param(replace(EVENT, reminder_dismissed=USUAL), "UTC", None, id="dismissed as it fired"),
        pytest.param(replace(EVENT, reminder_snoozed=TEN + HOUR), "UTC", TEN + HOUR, id="snoozed"),
        pytest.param(replace(EVENT, reminder_snoozed=5, reminder_dismissed=9), "UTC", None, id="snoozed, then over"),
        pytest.param(WHOLE_DAY, "UTC", TEN - 9 * HOUR - 15 * MINUTE, id="a day at its midnight"),
        pytest.param(WHOLE_DAY, "Europe/Berlin", TEN - 10 * HOUR - 15 * MINUTE, id="where one is"),
    ],
)
def test_when_a_reminder_fires(event: Event, zone: str, at: int | None) -> None:
    assert fires(event, zone=zone) == at


def due(copy: Copy, *, since: int = 0, days: int = 9) -> list[tuple[int, str]]:
    """Return what fires, in hours after the first meeting begins, and the day it is for."""
    meeting = compose(copy)
    expansion = Expansion(meeting, TEN - 3 * DAY, TEN + days * DAY, zone=ZONE)
    found = ((at, expansion.occurrence(one)) for at, one in pending_reminders(expansion, meeting, since=since))
    return [((at - USUAL) // HOUR, (one.recurrence_id or "")[:8]) for at, one in found]


DATES = [(0, "20270104"), (24, "20270105"), (48, "20270106"), (72, "20270107")]


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        pytest.param(bobs(single()), [(0, "")], id="a single meeting"),
        pytest.param(bobs(series()), DATES, id="dates of a series"),
        pytest.param(
            bobs(series(exceptions={SECOND: on(7, 8)})),
            [(0, "20270104"), (48, "20270106"), (70, "20270105"), (72, "20270107")],
            id="one that moved, in the order of firing",
        ),
        pytest.param(
            bobs(series(), dates={SECOND: Private(reminder_minutes=60 * 25 + 15), THIRD: Private(reminder_on=False)}),
            [(-1, "20270105"), (0, "20270104"), (72, "20270107")],
            id="dates with reminders of their own",
        ),
        pytest.param(bobs(series(), Private(reminder_dismissed=USUAL + 24 * HOUR)), DATES[2:], id="some are over"),
        pytest.param(bobs(series(), Private(reminder_on=False), dates={THIRD: Private()}), DATES[2:3], id="one date"),
        pytest.param(bobs(series(), Private(called_off=CalledOff())), [], id="called off"),
        pytest.param(
            bobs(series(), dates={SECOND: Private(called_off=CalledOff())}),
            [(0, "20270104"), (48, "20270106"), (72, "20270107")],
            id="one date called off",
        ),
        pytest.param(
            bobs(series(), dates={SECOND: Private(reminder_snoozed=USUAL + 50 * HOUR)}),
            [(0, "20270104"), (48, "20270106"), (50, "20270105"), (72, "20270107")],
            id="one snoozed",
        ),
    ],
)
def test_what_fires_in_which_order(copy: Copy, expected: list[tuple[int, str]]) -> None:
    assert due(copy) == expected


def test_what_fired_long_ago_is_left_out() -> None:
    endless = bobs(series(event=component()))
    assert due(endless, since=USUAL + 48 * HOUR)[-2:] == [(48, "20270106"), (72, "20270107")]
    assert (0, "20270104") not in due(endless, since=USUAL + 72 * HOUR)


def test_what_was_put_off_for_days_fires_long_after_its_meeting() -> None:
    kept = Private(reminder_snoozed=USUAL + 72 * HOUR)
    assert due(bobs(single(), kept), since=USUAL + 71 * HOUR) == [(72, "")]


# --- the meeting at hand ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("copy", "now", "rid"),
    [
        pytest.param(bobs(series()), USUAL - HOUR, FIRST, id="none has fired: the next"),
        pytest.param(bobs(series()), USUAL, FIRST, id="as the first fires"),
        pytest.param(bobs(series()), USUAL + 24 * HOUR - 1, FIRST, id="before the second fires"),
        pytest.param(bobs(series()), USUAL + 24 * HOUR, SECOND, id="as the second fires"),
        pytest.param(bobs(series()), USUAL + 9 * DAY, FOURTH, id="after the last"),
        pytest.param(bobs(series(), Private(reminder_dismissed=USUAL)), USUAL + HOUR, SECOND, id="the first is over"),
        pytest.param(bobs(series(), Private(reminder_dismissed=USUAL + 9 * DAY)), USUAL, None, id="all are over"),
        pytest.param(bobs(series(), Private(reminder_on=False)), USUAL, None, id="none at all"),
        pytest.param(bobs(series()), USUAL + 40 * DAY, None, id="a month later"),
        pytest.param(
            bobs(
                series(recurrence=rule("FREQ=YEARLY;INTERVAL=5")),  # again in 1826 days
                Private(reminder_minutes=2 * 24 * 60, reminder_dismissed=TEN),
            ),
            TEN,
            "20320104T100000",
            id="the next is in five years, and its reminder earlier",
        ),
        pytest.param(
            bobs(series(event=component(start=WHOLE_DAY.start, end=WHOLE_DAY.end))),
            TEN + 14 * HOUR - 15 * MINUTE,  # of midnight in Berlin
            "20270105",
            id="a day as it begins where one is",
        ),
    ],
)
def test_the_meeting_at_hand(copy: Copy, now: int, rid: str | None) -> None:
    found = occurrence_to_remind_of(compose(copy), zone=ZONE, now=now)
    assert (found and found.recurrence_id) == rid


# --- dismissed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("copy", "rid", "now", "left"),
    [
        pytest.param(bobs(single()), None, USUAL, [], id="a single meeting"),
        pytest.param(bobs(single()), None, USUAL - DAY, [], id="before it fires"),
        pytest.param(bobs(series()), None, USUAL, [24, 48, 72], id="of a series the meeting at hand"),
        pytest.param(bobs(series()), None, USUAL - DAY, [24, 48, 72], id="before any has fired the next"),
        pytest.param(bobs(series()), None, USUAL + 25 * HOUR, [48, 72], id="with it all that have fired"),
        pytest.param(bobs(series()), SECOND, USUAL, [0, 48, 72], id="one date"),
        pytest.param(bobs(series()), FIRST, USUAL + 25 * HOUR, [24, 48, 72], id="one date that is over"),
        pytest.param(
            bobs(series(exceptions={SECOND: on(4, 11)}), dates={SECOND: Private(reminder_snoozed=USUAL + 2 * HOUR)}),
            None,
            USUAL + 3 * HOUR,
            [48, 72],
            id="an exception that has fired with the others",
        ),
        pytest.param(
            bobs(series(exceptions={SECOND: on(4, 11)}), dates={SECOND: Private(reminder_snoozed=USUAL + 2 * HOUR)}),
            None,
            USUAL + 2 * HOUR,
            [48, 72],
            id="an exception just as it fires",
        ),
        pytest.param(
            bobs(series(), dates={SECOND: Private(categories=("Red",))}),
            None,
            USUAL,
            [24, 48, 72],
            id="not what is ahead",
        ),
        pytest.param(
            bobs(series(), dates={SECOND: Private(reminder_snoozed=USUAL + 50 * HOUR)}),
            None,
            USUAL,
            [48, 50, 72],
            id="not what was put off",
        ),
        pytest.param(bobs(series(), Private(reminder_on=False)), None, USUAL, [], id="where there is none"),
        pytest.param(
            bobs(series(), dates={SECOND: Private(reminder_on=False)}),
            SECOND,
            USUAL,
            [0, 48, 72],
            id="a date where there is none",
        ),
        pytest.param(
            bobs(series(), removed=(SECOND,), dates={SECOND: Private(categories=("Red",))}),
            None,
            USUAL,
            [48, 72],
            id="beside a date that is kept no more",
        ),
    ],
)
def test_what_is_left_after_dismissing(copy: Copy, rid: str | None, now: int, left: list[int]) -> None:
    assert [hours for hours, _ in due(dismiss(copy, rid, zone=ZONE, now=now))] == left


def test_dismissing_ends_a_snooze() -> None:
    kept, over = Private(reminder_snoozed=USUAL + 9 * HOUR), Private(reminder_dismissed=USUAL + 9 * HOUR)
    assert dismiss(bobs(single(), kept), None, zone=ZONE, now=USUAL).own == over
    dates = {SECOND: Private(reminder_snoozed=USUAL + 1)}
    later = dismiss(bobs(series(), dates=dates), None, zone=ZONE, now=USUAL + 30 * HOUR)
    assert later.dates[SECOND] == Private(reminder_dismissed=USUAL + 30 * HOUR)


def test_dismissing_where_nothing_fires_changes_nothing() -> None:
    copy = bobs(series(), Private(reminder_on=False))
    assert dismiss(copy, None, zone=ZONE, now=USUAL) is copy


# --- snoozed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rid", "left"),
    [
        pytest.param(SECOND, [0, 48, 50, 72], id="one date fires again"),
        pytest.param(None, [50], id="a single meeting fires again"),
    ],
)
def test_a_snoozed_reminder_fires_again(rid: str | None, left: list[int]) -> None:
    over: dict[str, Any] = {"reminder_dismissed": USUAL + 24 * HOUR}
    copy = bobs(single(), Private(**over)) if rid is None else bobs(series(), dates={SECOND: Private(**over)})
    assert [hours for hours, _ in due(snooze(copy, rid, USUAL + 50 * HOUR))] == left


def test_putting_off_ends_a_dismissal() -> None:
    """Dismissed before it fired, then put off to a moment even before that."""
    over = bobs(series(), dates={SECOND: Private(reminder_dismissed=USUAL + 24 * HOUR)})
    assert snooze(over, SECOND, USUAL + 10 * HOUR).dates[SECOND] == Private(reminder_snoozed=USUAL + 10 * HOUR)


def test_of_a_date_that_is_not_there_nothing_can_be_put_off() -> None:
    for rid in (ELSEWHEN, SECOND):
        with pytest.raises(ItemNotFound):
            snooze(bobs(series(excluded=(SECOND,))), rid, USUAL)
        with pytest.raises(ItemNotFound):
            dismiss(bobs(series(excluded=(SECOND,))), rid, zone=ZONE, now=USUAL)


@pytest.mark.parametrize("change", ["dismissed", "snoozed"])
def test_nobody_is_told(change: str) -> None:
    copy = bobs(series())
    after = dismiss(copy, None, zone=ZONE, now=USUAL) if change == "dismissed" else snooze(copy, SECOND, USUAL)
    assert (after.revision, after.sequence, after.dtstamp) == (copy.revision, copy.sequence, copy.dtstamp)
