"""A walk through a window, in pages of any size and any order, is the whole list: all of it expanded and sorted.

The other way round (`eager` here) is how lists were once made. It looks at everything for every page.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar import permission
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Sensitivity, State, Timed
from rsvpd.calendar.expansion import Expansion, expand
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import NO_RULE, Frame, name_of
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant, parse_instant
from rsvpd.commands.calendar import find_events
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.people import add_person
from rsvpd.commands.reading import make_view
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.mail.person import Person
from rsvpd.query.algebra import And, Cmp, Contains, InWindow, Node, Not, Op, Or, Order, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import events, permissions
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx
from support.sorting import sorted_by

NOW = parse_instant("2026-03-20T08:00:00Z")
BEGIN = datetime(2026, 3, 26)  # three days before the clocks of Berlin change
HOUR = 3600 * 1_000_000
RULES = (
    "FREQ=HOURLY;INTERVAL=2",
    "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30",
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY;BYDAY=MO,SU",
)
EVERYBODY = (State.LIVE, State.DECLINED, State.DELETED)


# --- calendars -----------------------------------------------------------------------------------


def calendar(chance: random.Random, size: int) -> list[tuple[Meeting, State]]:
    """Draw what stands in a calendar: single meetings, series, guests' copies of single dates."""
    return [(_meeting(chance, number), chance.choice((State.LIVE, State.LIVE, *EVERYBODY))) for number in range(size)]


def _meeting(chance: random.Random, number: int) -> Meeting:
    zone = chance.choice(("Europe/Berlin", "UTC", "America/New_York"))
    made = Meeting(
        uid=f"u{number}",
        organizer=Mailbox("boss@example.com"),
        is_organizer=chance.random() < 0.6,
        event=_event(chance, zone),
        modified=chance.randrange(3),
    )
    if chance.random() < 0.5:
        return made
    start = made.event.start
    if chance.random() < 0.2 and isinstance(start, Timed):
        names = ("20260327T010000", "20260329T023000", "20260402T090000")[: chance.randint(1, 3)]
        return replace(
            made, is_organizer=False, recurrence=NO_RULE, exceptions={one: _event(chance, zone) for one in names}
        )
    rule = chance.choice([one for one in RULES if isinstance(start, Timed) or "HOUR" not in one])
    series = replace(made, recurrence=Recurrence((read(rule, start),)))
    begin = datetime.combine(start.day, datetime.min.time()) if isinstance(start, AllDay) else start.wall
    names = [name_of(series, wall) for wall in islice(Frame(series).originals(begin), 30)]
    chosen = chance.sample(names, min(len(names), chance.randint(0, 6)))
    return replace(
        series, deleted=tuple(sorted(chosen[::2])), exceptions={one: _event(chance, zone) for one in chosen[1::2]}
    )


def _event(chance: random.Random, zone: str) -> Event:
    begin = BEGIN + timedelta(minutes=30 * chance.randrange(14 * 48))
    more: dict[str, Any] = {
        "subject": chance.choice(("standup", "Stand-up", "lunch", "")),
        "sensitivity": chance.choice((Sensitivity.NORMAL, Sensitivity.PRIVATE)),
        "answer": chance.choice((Answer.NONE, Answer.ACCEPTED, Answer.DECLINED)),
    }
    if chance.random() < 0.3:
        day = begin.date()
        return Event(start=AllDay(day), end=AllDay(day + timedelta(days=chance.randint(1, 3))), **more)
    lasts = timedelta(minutes=chance.choice((0, 30, 60, 60 * 30, 60 * 24 * 5)))
    return Event(start=Timed(begin, zone), end=Timed(begin + lasts, zone), **more)


# --- questions -----------------------------------------------------------------------------------

INSTANTS = st.integers(-100, 500).map(lambda hours: parse_instant("2026-03-27T00:00:00Z") + hours * HOUR)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(Contains, st.just("subject"), st.sampled_from(["stand", "lunch", "zz"])),
    st.builds(Cmp, st.sampled_from(["start", "end", "first", "last"]), st.sampled_from(Op), INSTANTS),
    st.builds(Cmp, st.just("kind"), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(["single", "occurrence"])),
    st.builds(Cmp, st.just("is_all_day"), st.just(Op.EQ), st.booleans()),
    st.builds(InWindow, st.none() | INSTANTS, st.none() | INSTANTS),
)
FILTERS = st.none() | st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(And), st.lists(inner, max_size=3).map(tuple).map(Or), inner.map(Not)
    ),
    max_leaves=4,
)
FIELDS = ("start", "end", "first", "last", "subject", "modified", "is_all_day", "kind")
ORDERS = st.lists(
    st.builds(Order, st.sampled_from(FIELDS), st.booleans()), max_size=3, unique_by=lambda one: one.field
).map(tuple)


@writes
def fill(tx: Tx, owner: Person, reader: Person, contents: Iterable[tuple[Meeting, State]], role: CalendarRole) -> None:
    apply(tx, (PutCopy(mailbox=owner.number, copy=separate(one)[0], state=state) for one, state in contents))
    permissions.keep(tx, owner.number, DEFAULT_CALENDAR, reader.number, role)


@reads
def eager(
    tx: Tx, owner: Person, query: Query, window: InWindow, visible: tuple[State, ...], role: CalendarRole
) -> list[EventView]:
    """Return the list as its definition has it."""
    found: list[EventView] = []
    assert window.start is not None
    assert window.end is not None
    for row in events.find(tx, owner.number, "1 = 1", ""):
        if row.state not in visible:
            continue
        row = replace(row, meeting=permission.visible_to(row.meeting, role, owner.mailbox))
        view = partial(make_view, owner, row)
        left = State.DECLINED not in visible and not row.meeting.is_organizer
        for one in expand(row.meeting, window.start, window.end, zone=owner.zone):
            if not (left and one.recurrence_id and one.event.answer is Answer.DECLINED):
                found.append(view(one))
        if State.DELETED in visible:
            looked = Expansion(row.meeting, window.start, window.end, zone=owner.zone)
            found += [view(looked.excluded_occurrence(one)) for one in looked.excluded_occurrences()]
    where = query.where
    kept = [view for view in found if where is None or matches(where, view, EVENT_FIELDS)]
    return sorted_by(kept, query.order, EVENT_FIELDS, tie=_tie)


def _tie(view: EventView) -> tuple[int | str, ...]:
    return view.item, view.recurrence_id or ""


numbers = iter(range(10**9))


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(0, 9),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]),
    hours=st.tuples(INSTANTS, st.integers(0, 400)),
    where=FILTERS,
    order=ORDERS,
    top=st.integers(1, 40),
    skip=st.integers(0, 30),
    visible=st.sampled_from([(State.LIVE,), (State.LIVE, State.DECLINED), EVERYBODY]),
    role=st.sampled_from([CalendarRole.OWNER, CalendarRole.OWNER, CalendarRole.READ, CalendarRole.FREE_BUSY]),
)
def test_pages_are_the_whole_list(
    store: Store,
    seed: int,
    size: int,
    zone: str,
    hours: tuple[Instant, int],
    where: Node | None,
    order: tuple[Order, ...],
    top: int,
    skip: int,
    visible: tuple[State, ...],
    role: CalendarRole,
) -> None:
    number = next(numbers)
    owner = store.run(add_person, f"owner{number}@example.com", zone=zone, now=NOW)
    reader = store.run(add_person, f"reader{number}@example.com", now=NOW)
    store.run(fill, owner, reader, calendar(random.Random(seed), size), min(role, CalendarRole.PRIVATE_DELEGATE))
    who = Who(owner.oid, None, NOW) if role is CalendarRole.OWNER else Who(reader.oid, owner.oid, NOW)
    window = InWindow(hours[0], hours[0] + hours[1] * HOUR)
    query = Query(where=where, order=order, top=top, count=True)
    expected = store.run(eager, owner, query, window, visible, role)
    found: list[EventView] = []
    while True:
        page = store.run(find_events, who, query, window=window, visible=visible)
        assert page.total == len(expected)
        found += page.items
        if page.after is None:
            break
        assert len(page.items) == top
        query = replace(query, after=page.after)
    assert found == expected
    skipped = store.run(find_events, who, replace(query, after=None, skip=skip), window=window, visible=visible)
    assert skipped.items == expected[skip : skip + top]
