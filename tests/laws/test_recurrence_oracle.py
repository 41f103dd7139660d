"""2,000 random series, every zone in turn, expanded over years and compared with an independent engine.

The oracle is python-dateutil for the wall times, zoneinfo for what they mean, and RFC 5545 3.8.5.3 for how long
each lasts: all exactly as long as the first. Nothing of rsvpd's own engine is used to make them. The series are
drawn from a fixed seed.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from msgspec import structs

from rsvpd.calendar.event import Event, Meeting, Timed
from rsvpd.calendar.expansion import expand
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.series import recurrence_id
from rsvpd.clock import from_datetime
from rsvpd.mail.address import Mailbox
from rsvpd.timezones.zone import all_iana_names

SERIES = 2_000
_FREQ = {
    Freq.DAILY: rrule.DAILY,
    Freq.WEEKLY: rrule.WEEKLY,
    Freq.MONTHLY: rrule.MONTHLY,
    Freq.YEARLY: rrule.YEARLY,
}
_DAYS = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


def _rule(chance: random.Random, start: datetime) -> Rule:
    """Draw a rule of a kind that people write: every part of Outlook's patterns and the usual RRULEs."""
    freq = chance.choice(list(_FREQ))
    rule = Rule(freq=freq, interval=chance.choice((1, 1, 1, 2, 3, 5)), week_start=chance.choice(list(Weekday)))
    days = tuple(sorted(chance.sample(list(Weekday), chance.randint(1, 4))))
    if freq is Freq.WEEKLY:
        rule = structs.replace(rule, by_day=tuple(WeekdayNth(day) for day in days))
    elif freq in (Freq.MONTHLY, Freq.YEARLY):
        rule = structs.replace(rule, **_within_the_month(chance, days))
        if freq is Freq.YEARLY:
            rule = structs.replace(rule, by_month=tuple(sorted(chance.sample(range(1, 13), chance.randint(1, 3)))))
    elif chance.random() < 0.3:
        rule = structs.replace(rule, by_month=tuple(sorted(chance.sample(range(1, 13), 4))))
    match chance.randrange(3):
        case 0:
            return structs.replace(rule, count=chance.randint(1, 60))
        case 1:
            return structs.replace(rule, until=start + timedelta(days=chance.randint(0, 1500)))
        case _:
            return rule


def _within_the_month(chance: random.Random, days: tuple[Weekday, ...]) -> dict[str, object]:
    match chance.randrange(4):
        case 0:
            return {"by_month_day": (chance.choice((1, 13, 28, 29, 30, 31, -1, -2)),)}
        case 1:
            return {"by_day": (WeekdayNth(days[0], chance.choice((1, 2, 3, 4, 5, -1, -2))),)}
        case 2:
            position = (chance.choice((1, 2, -1)),)
            return {"by_day": tuple(WeekdayNth(day) for day in days), "by_set_pos": position}
        case _:
            return {"by_month_day": tuple(sorted(chance.sample(range(1, 32), 3)))}


def _oracle(rule: Rule, start: datetime, until: datetime) -> list[datetime]:
    found = rrule.rrule(
        _FREQ[rule.freq],
        dtstart=start,
        interval=rule.interval,
        wkst=_DAYS[rule.week_start],
        count=rule.count,
        until=rule.until,
        bysetpos=rule.by_set_pos or None,
        bymonth=rule.by_month or None,
        bymonthday=rule.by_month_day or None,
        byweekday=[_DAYS[one.day](one.nth) if one.nth else _DAYS[one.day] for one in rule.by_day] or None,
    )
    return list(found.between(start - timedelta(days=1), until, inc=True))


def _instant(wall: datetime, zone: str) -> int:
    # RFC 5545 3.3.5: the offset before a gap, the first of two; that is fold 0.
    return from_datetime(wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC))


def _compare(number: int) -> None:
    chance = random.Random(f"series {number}")
    zones = all_iana_names()
    zone = zones[number % len(zones)]
    start = datetime(chance.randint(2015, 2030), chance.randint(1, 12), chance.randint(1, 28))
    start += timedelta(minutes=15 * chance.randrange(96))
    rule, length = _rule(chance, start), timedelta(minutes=chance.choice((0, 30, 60, 90, 600)))
    event = Event(start=Timed(start, zone), end=Timed(start + length, zone))
    recurrence = Recurrence((rule,))
    meeting = Meeting(
        uid="u", organizer=Mailbox("a@example.com"), is_organizer=True, event=event, recurrence=recurrence
    )
    years = chance.randint(2, 6)
    low = start + timedelta(days=chance.randint(-30, 400))
    high = low + timedelta(days=366 * years)
    window = (_instant(low, "UTC"), _instant(high, "UTC"))
    lasts = _instant(start + length, zone) - _instant(start, zone)
    expected = []
    for wall in _oracle(rule, start, high + timedelta(days=2)):
        first = _instant(wall, zone)
        last = first + lasts
        if first < window[1] and (last > window[0] or (last == first and first >= window[0])):
            expected.append((recurrence_id(Timed(wall, zone)), first, last))
    found = [(one.recurrence_id, one.start, one.end) for one in expand(meeting, *window)]
    assert found == sorted(expected, key=lambda one: (one[1], one[0])), (number, zone, start, rule)


@pytest.mark.slow
def test_two_thousand_series_agree() -> None:
    for number in range(SERIES):
        _compare(number)
