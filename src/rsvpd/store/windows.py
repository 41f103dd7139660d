"""Copies in one calendar by when they take place, in the order of that, each found by the index that leads there.

What is found is a place in time and the number of a copy, without a look at its content.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import State
from rsvpd.clock import Instant
from rsvpd.store.calendars import CalendarKey
from rsvpd.store.events import NO_END, SHORT, EventKey
from rsvpd.store.terms import among
from rsvpd.store.tx import Tx

# Single events of at most two days are found by where they stand, everything else by its span.
_SHORT = (
    "SELECT begins_us, item FROM event WHERE mailbox = :mailbox AND calendar = :calendar"
    " AND is_series = 0 AND end_us - start_us <= 172800000000"
    " AND begins_us >= :short_from AND begins_us < :until AND end_us >= :since"
)
_LONG = (
    "SELECT start_us, item FROM event WHERE mailbox = :mailbox AND calendar = :calendar"
    " AND (is_series <> 0 OR end_us - start_us > 172800000000)"
    " AND start_us < :until AND end_us >= :since"
)
# What stands at one place for every reader, and not long: timed, without occurrences. Dates are stored as from
# midnight UTC, and so may be what is timed like one.
_SINGLE = (
    "is_series = 0 AND end_us - start_us <= 172800000000 AND (start_us % 86400000000 <> 0 OR end_us % 86400000000 <> 0)"
)
_SINGLES = (
    "SELECT item, change, NULL, begins_us FROM event"  # noqa: S608 - a constant
    f" WHERE mailbox = :mailbox AND calendar = :calendar AND {_SINGLE} AND begins_us >= :first"
    " AND begins_us < :until AND (end_us > :since OR end_us = begins_us AND begins_us >= :since)"
    " AND (begins_us > :first OR item > :after_item)"
)
_ENDLESS = (
    "SELECT item FROM event WHERE mailbox = :mailbox AND calendar = :calendar"
    " AND (is_series <> 0 OR end_us - start_us > 172800000000) AND end_us >= :no_end ORDER BY item"
)

# What invitations may be declined for. The index of it alone is looked at: whoever has no such event costs one look.
_DECLINING = (
    "SELECT mailbox, item FROM json_each(:mailboxes) AS one CROSS JOIN event WHERE mailbox = one.value"
    " AND declines <> 0 AND end_us > :since AND state = :state AND calendar = :calendar ORDER BY mailbox, item"
)

BUT_SINGLES = f"NOT ({_SINGLE})"


def singles(
    tx: Tx,
    calendar: CalendarKey,
    since: Instant,
    until: Instant,
    where: str,
    *,
    after: tuple[Instant, int] | None,
    most: int,
    items: str | None = None,
    **params: object,
) -> list[tuple[EventKey, Instant]]:
    """Return the keys of single events of at most two days that take place in [since, until), and where they begin.

    They come in the order of that and of their numbers, no more than `most`, from `after` such a place on. All-day
    events are not among them: where these stand depends on who looks. All are among `items`, where that is given.
    """
    first, item = max(after, (since - SHORT, 0)) if after else (since - SHORT, 0)
    values = {
        **_calendar_parameters(calendar),
        "since": since,
        "until": until,
        "first": first,
        "after_item": item,
        **params,
    }
    sql = among(f"{_SINGLES} AND ({where}) ORDER BY begins_us, item LIMIT :most", "event", items)
    found = tx.rows(sql, most=most, items=items, **values)
    return [(row[:3], row[3]) for row in found]


def overlapping_copies(
    tx: Tx,
    calendar: CalendarKey,
    since: Instant,
    until: Instant,
    where: str,
    *,
    items: str | None = None,
    **params: object,
) -> Iterator[tuple[Instant, int]]:
    """Yield where copies begin that end at or after `since` and begin before `until`, in order, and their numbers.

    All-day events are stored as from midnight UTC. `BUT_SINGLES` as part of `where` leaves out what `singles` has.
    """
    values = {**_calendar_parameters(calendar), "since": since, "until": until, "short_from": since - SHORT, **params}
    # No more order than the indexes have: else all would be read to be sorted.
    short = tx.stream(among(f"{_SHORT} AND ({where}) ORDER BY begins_us", "event", items), items=items, **values)
    long = tx.stream(among(f"{_LONG} AND ({where}) ORDER BY start_us", "event", items), items=items, **values)
    return heapq.merge(short, long, key=itemgetter(0))


def overlapping_copies_backwards(
    tx: Tx,
    calendar: CalendarKey,
    since: Instant,
    until: Instant,
    where: str,
    *,
    items: str | None = None,
    **params: object,
) -> Iterator[tuple[Instant, int]]:
    """Yield after which instant nothing of a copy begins, and the copy's number, the last first.

    The copies are those of `overlapping`.
    """
    values = {**_calendar_parameters(calendar), "since": since, "until": until, "short_from": since - SHORT, **params}
    of_long = among(f"{_LONG} AND ({where})", "event", items)
    of_short = among(f"{_SHORT} AND ({where}) ORDER BY begins_us DESC", "event", items)
    long = sorted(((NO_END, item) for _, item in tx.stream(of_long, items=items, **values)), reverse=True)
    last_first = tx.stream(of_short, items=items, **values)
    short = ((start + SHORT, item) for start, item in last_first)
    return chain(long, short)


def declining_events(tx: Tx, mailboxes: Iterable[int], since: Instant) -> dict[int, list[int]]:
    """Return, by mailbox, the numbers of events in default calendars that may decline invitations after `since`."""
    names = json.dumps(sorted(mailboxes))
    found: dict[int, list[int]] = {}
    rows = tx.rows(_DECLINING, mailboxes=names, since=since, state=int(State.LIVE), calendar=DEFAULT_CALENDAR)
    for mailbox, item in rows:
        found.setdefault(int(mailbox), []).append(int(item))
    return found


def endless(tx: Tx, calendar: CalendarKey) -> list[int]:
    """Return the numbers of the copies that never end, in order."""
    return [int(item) for (item,) in tx.rows(_ENDLESS, no_end=NO_END, **_calendar_parameters(calendar))]


def _calendar_parameters(calendar: CalendarKey) -> dict[str, int]:
    mailbox, number = calendar
    return {"mailbox": mailbox, "calendar": number}
